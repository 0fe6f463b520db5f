/* operations/acme/challenge.h: provides the proofs that a certification authority
 * checks.
 *
 *	http-01      /.well-known/acme-challenge/TOKEN on port 80 (RFC 8555 8.3)
 *	tls-alpn-01  a certificate for "acme-tls/1" on port 443 (RFC 8737)
 *	dns-01       a TXT record at _acme-challenge.NAME (RFC 8555 8.4) */
#ifndef ACME_CHALLENGE_H
#define ACME_CHALLENGE_H
#include "foundation/config/settings.h"
#include "operations/acme/order.h"
#include "operations/dns_update/zone_writer.h"

struct certs;
struct challenges;
struct dns;

/* certs is borrowed. Any thread may read the current proofs. */
struct challenges *challenges_new(struct certs *certs) MUST_USE;
/* NULL is a no-op; clears *c. */
void challenges_free(struct challenges **c);
/* The key authorization of an http-01 token, in a; false if there is none. */
bool challenges_http(struct challenges *c, struct str token, struct arena *a, struct str *out);

/* How DNS is changed, for one round. */
struct challenge_dns {
	struct zone_writer zone;
	struct dns *dns;              /* to check that a record has appeared */
	const struct acme_io *io; /* to wait                             */
};

/* The functions of struct order_host. d may be NULL unless type is dns-01. */
enum err challenge_prove(struct challenges *c, const struct challenge_dns *d, const struct proof *p,
                         struct why *why) MUST_USE;
void challenge_unprove(struct challenges *c, const struct challenge_dns *d, const struct proof *p);

/* The type in the settings, or the first that can work. */
struct str challenge_choose(const struct settings *s);

#endif
