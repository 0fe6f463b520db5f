/* protocols/smtp_out/route.h: the hosts of a destination and their order (RFC 5321 5). */
#ifndef SMTP_OUT_ROUTE_H
#define SMTP_OUT_ROUTE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/envelope/envelope.h"
#include "network/dns/dns.h"
#include "protocols/smtp_out/tls.h"

struct arena;
struct dns;
struct out_way;
struct trust;

/* A server that gets mail for any recipient: the parsed smarthost setting, or a row of
 * relay.h. */
struct out_smarthost {
	struct str host;
	uint16_t port;
	bool implicit_tls;         /* smtps://                                      */
	bool lmtp;                 /* lmtp:// (RFC 2033)                            */
	struct str path;           /* of a socket in the file system; host is empty */
	struct str user, password; /* empty: no login                               */
	struct str token;          /* of OAuth, instead of the password             */
	/* Roots for its certificate, which make TLS mandatory; NULL: any certificate. */
	const struct trust *trust;
	bool tls_said;             /* tls is set by the administrator; else it follows
	                            * from the rest */
	enum out_tls_level tls;
};

/* Parse smtp[s]://[user:password@]host[:port], with %XX in user and password. Decoded
 * strings live in a, the others borrow from text. A login at a host name trusts the
 * built-in roots until out_smarthost_trust sets others. why names the error, never the
 * password. */
enum err out_smarthost_parse(struct str text, struct arena *a, struct out_smarthost *out,
                             struct why *why) MUST_USE;
/* The same for lmtp://host, lmtp:///path and socks5:// too. Sets the members that the
 * text names, the rest of *out is unchanged. Returns NULL, or the error. */
const char *out_url_parse(struct str text, struct arena *a, struct out_smarthost *out,
                          bool *is_proxy) MUST_USE;
/* Trust the built-in roots if it is a login at a host name. */
void out_smarthost_secure(struct out_smarthost *s);
/* Load the file of roots, the only ones that s then trusts. The caller owns *trust and
 * frees it after the last use of s; NULL unless OK. */
enum err out_smarthost_trust(struct out_smarthost *s, struct str ca, struct trust **trust,
                             struct why *why) MUST_USE;

/* The same without the setting's name in why; an unreadable file leaves *trust NULL. */
enum err out_smarthost_roots(struct out_smarthost *s, struct str ca, struct trust **trust,
                             struct why *why) MUST_USE;

/* The TLS that the smarthost requires. */
struct out_tls_route out_smarthost_tls(const struct out_smarthost *s);

/* One address to try. Hops of one host are adjacent. */
struct out_hop {
	struct str host;  /* its name, for TLS and reports; or the path of a socket   */
	struct addr addr; /* ADDR_NONE: a socket path, or the proxy resolves the name */
	uint16_t port;
	struct out_tls_hop tls; /* requirements of DNS and of the domain's policy */
	const struct out_smarthost *relay; /* NULL: by MX; borrowed from the way  */
	struct out_tls_route demand;       /* of the administrator, for this host */
};

enum { OUT_HOPS_MAX = 20 };

struct out_route {
	/* The domain if signed MX records name the hosts (RFC 7672 2.2.1); else empty. */
	struct str signed_domain;
	struct str signed_alias; /* its target if it is an alias; else empty */
	struct out_hop hops[OUT_HOPS_MAX]; /* in the order to try them */
	size_t count;
	const struct out_way *way; /* borrowed */
	/* Why the addresses of a host are unknown; of the last such host. */
	struct dns_trouble unknown;
};

struct out_route_request {
	struct dns *dns;
	struct str hostname; /* this server's: a host of this name does not get its mail */
	uint16_t port;       /* of hosts found by MX, unless the way has one             */
	/* Ports that receive mail on this server. A host with one of its addresses and
	 * such a port is this server. */
	const uint16_t *listens;
	size_t listen_count;
	const struct out_way *way; /* ROUTE_MX or ROUTE_RELAY */
};

/* Find the hops of a way. Blocks for DNS. Names in out live in a or belong to the way. On
 * an error reply is the result for the recipients. ERR_RETRY: 4xx, temporary; ERR_DENIED:
 * 5xx, no host accepts mail for the domain. */
enum err out_route_find(const struct out_route_request *r, struct arena *a, struct out_route *out,
                        struct envelope_reply *reply) MUST_USE;

#endif
