/* protocols/smtp_out/route.h: which hosts take mail for a destination, in what order (RFC 5321
 * 5). */
#ifndef SMTP_OUT_ROUTE_H
#define SMTP_OUT_ROUTE_H
#include "model/queue/queue.h"
#include "network/dns/dns.h"
#include "protocols/smtp_out/tls.h"

struct arena;
struct dns;
struct out_way;
struct trust;

/* A server that mail is given to, whoever it is for: the smarthost setting taken apart, or a row
 * of relay.h. */
struct out_smarthost {
	struct str host;
	uint16_t port;
	bool implicit_tls;         /* smtps://                                        */
	bool lmtp;                 /* lmtp:// (RFC 2033)                              */
	struct str path;           /* of a socket in the file system; host is empty   */
	struct str user, password; /* empty: no login                                 */
	struct str token;          /* of OAuth, instead of the password               */
	/* What its certificate must lead to, and TLS is a must then; NULL: any will do. */
	const struct trust *trust;
	bool tls_said;             /* tls is the administrator's; else it follows from the rest */
	enum out_tls_level tls;
};

/* smtp[s]://[user:password@]host[:port], with %XX in user and password; strings that need
 * decoding live in a, the others borrow. A login at a name trusts the roots built in, until
 * out_smarthost_trust says otherwise. Says in why what is wrong, never the password. */
enum err out_smarthost_parse(struct str text, struct arena *a, struct out_smarthost *out,
                             struct why *why) MUST_USE;
/* The same, and lmtp://host, lmtp:///path, socks5://; sets what the text says and leaves the rest
 * of *out alone. NULL, or what is wrong. */
const char *out_url_parse(struct str text, struct arena *a, struct out_smarthost *out,
                          bool *is_proxy) MUST_USE;
/* A login at a name trusts the roots built in. */
void out_smarthost_secure(struct out_smarthost *s);
/* Load the file of roots and let s trust those alone. *trust is the caller's, to free after s
 * was used last; NULL unless OK. */
enum err out_smarthost_trust(struct out_smarthost *s, struct str ca, struct trust **trust,
                             struct why *why) MUST_USE;

/* The same without words about the setting; a file that cannot be read leaves *trust NULL. */
enum err out_smarthost_roots(struct out_smarthost *s, struct str ca, struct trust **trust,
                             struct why *why) MUST_USE;

/* What it demands of TLS. */
struct out_tls_route out_smarthost_tls(const struct out_smarthost *s);

/* One address to try. Those of one host stand together. */
struct out_hop {
	struct str host;  /* its name, for TLS and reports; or the path of a socket */
	struct addr addr; /* ADDR_NONE: by a path, or the proxy looks the name up                */
	uint16_t port;
	struct out_tls_hop tls; /* what DNS and the domain's policy say of TLS there */
	const struct out_smarthost *relay; /* NULL: by MX; borrowed from the way                 */
	struct out_tls_route demand;       /* the administrator's, of this host                   */
};

enum { OUT_HOPS_MAX = 20 };

struct out_route {
	/* The domain, when signed MX records name the hosts (RFC 7672 2.2.1); else empty. */
	struct str signed_domain;
	struct str signed_alias; /* where that one leads as an alias; else empty */
	struct out_hop hops[OUT_HOPS_MAX]; /* in the order to try them */
	size_t count;
	const struct out_way *way; /* borrowed */
	/* Of the last host whose addresses DNS does not tell, why. */
	struct dns_trouble unknown;
};

struct out_route_request {
	struct dns *dns;
	struct str hostname; /* ours: a host of this name is not asked to take our mail */
	uint16_t port;       /* of hosts found by MX, unless the way says otherwise     */
	/* Ports where mail for us comes in: a host with one of our addresses and such a port is
	 * ourselves. */
	const uint16_t *listens;
	size_t listen_count;
	const struct out_way *way; /* ROUTE_MX or ROUTE_RELAY */
};

/* Find the hops of a way. Blocks for DNS. Names in out live in a or are the way's.
 * On anything but OK reply says what to report of the recipients: ERR_RETRY (4xx: nothing
 * is known now) or ERR_DENIED (5xx: there is nobody to take it, ever). */
enum err out_route_find(const struct out_route_request *r, struct arena *a, struct out_route *out,
                        struct queue_reply *reply) MUST_USE;

#endif
