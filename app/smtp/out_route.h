/* smtp/out_route.h: which hosts take mail for a destination, in what order (RFC 5321 5). */
#ifndef SMTP_OUT_ROUTE_H
#define SMTP_OUT_ROUTE_H
#include "net/addr.h"
#include "queue/queue.h"

struct arena;
struct dns;
struct trust;

/* The smarthost setting, taken apart. */
struct out_smarthost {
	struct str host;
	uint16_t port;
	bool implicit_tls;         /* smtps://             */
	struct str user, password; /* empty: no login      */
	/* What its certificate must lead to, and TLS is a must then; NULL: any will do. */
	const struct trust *trust;
};

/* smtp[s]://[user:password@]host[:port], with %XX in user and password; strings that need
 * decoding live in a, the others borrow. A login at a name trusts the roots built in, until
 * out_smarthost_trust says otherwise. Says in why what is wrong, never the password. */
enum err out_smarthost_parse(struct str text, struct arena *a, struct out_smarthost *out,
                             struct why *why) MUST_USE;
/* Load the file of roots and let s trust those alone. *trust is the caller's, to free after s
 * was used last; NULL unless OK. */
enum err out_smarthost_trust(struct out_smarthost *s, struct str ca, struct trust **trust,
                             struct why *why) MUST_USE;

/* One address to try. */
struct out_hop {
	struct str host; /* its name, for TLS and reports */
	struct addr addr;
};

enum { OUT_HOPS_MAX = 20 };

struct out_route {
	struct out_hop hops[OUT_HOPS_MAX]; /* in the order to try them */
	size_t count;
};

struct out_route_request {
	struct dns *dns;
	struct str hostname; /* ours: a host of this name is not asked to take our mail */
	uint16_t port;
	const struct out_smarthost *smarthost; /* NULL: by MX                            */
};

/* Find the hops for a destination (a domain or "[192.0.2.1]"; ignored with a smarthost).
 * Blocks for DNS. Names in out live in a.
 * On anything but OK reply says what to report of the recipients: ERR_RETRY (4xx: nothing
 * is known now) or ERR_DENIED (5xx: there is nobody to take it, ever). */
enum err out_route_find(const struct out_route_request *r, struct str destination, struct arena *a,
                        struct out_route *out, struct queue_reply *reply) MUST_USE;

#endif
