/* console/api/metrics.h: /metrics, in Prometheus' text exposition format 0.0.4.
 *
 * Three kinds of clients may read it; all others get 403:
 *
 *	a client on this machine         by a loopback address, with no proxy in between
 *	a client in METRICS_NETWORKS     a proxy between must be in TRUSTED_PROXIES, and name it
 *	an owner                         by a token with the scope metrics:read, or a session */
#ifndef API_METRICS_H
#define API_METRICS_H
#include "network/http_server/http.h"

/* Runs on a pool thread: it reads the store. */
void metrics_serve(const struct http_request *q, struct http_response *r);

#endif
