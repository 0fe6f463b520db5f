/* network/http_server/forwarded.h: the client as a reverse proxy reports it. */
#ifndef HTTP_SERVER_FORWARDED_H
#define HTTP_SERVER_FORWARDED_H
#include "network/runtime/network.h"

/* The origin and the target of a request. */
struct http_origin {
	struct addr peer;
	bool tls;
	struct str host; /* the Host field */
	bool proxied;    /* a trusted proxy sent it, and reports the other fields */
};

/* Apply X-Forwarded-For, -Proto and -Host when the peer is a trusted proxy; any other peer may
 * forge them. In a chain of proxies the client is the last address that is not trusted; the
 * addresses before it are its own claim. The values are all fields of that name, joined with commas
 * (RFC 9110 5.3). */
void http_forwarded(const struct network_list *trusted, struct str forwarded_for, struct str proto,
                    struct str host, struct http_origin *origin);

#endif
