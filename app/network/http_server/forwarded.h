/* network/http_server/forwarded.h: what a proxy in front says of the client it speaks for. */
#ifndef HTTP_SERVER_FORWARDED_H
#define HTTP_SERVER_FORWARDED_H
#include "network/runtime/network.h"

/* Where a request comes from and what it was sent to. */
struct http_origin {
	struct addr peer;
	bool tls;
	struct str host; /* the Host field */
	bool proxied;    /* it came by a proxy of ours, whose word all of this is */
};

/* Believe X-Forwarded-For, -Proto and -Host when the peer is a proxy of ours; anybody else may
 * have made them up. Of a chain of proxies the client is the last address that is none of ours:
 * what stands before it is what it claims. The values are all fields of that name, joined with
 * commas (RFC 9110 5.3). */
void http_forwarded(const struct network_list *trusted, struct str forwarded_for, struct str proto,
                    struct str host, struct http_origin *origin);

#endif
