/* protocols/smtp_out/dane.h: a mail server's TLSA records, looked up (RFC 7672 2.2). */
#ifndef SMTP_OUT_DANE_H
#define SMTP_OUT_DANE_H
#include "protocols/smtp_out/route.h"

struct dns;
struct dns_addr_list;

/* Where mail is to be brought, as far as it is known. */
struct out_dane_host {
	struct str host;
	uint16_t port;
	struct str domain;  /* the next-hop domain: a name for the certificate too; or empty */
	struct str alias;   /* where that one leads, by signed aliases: so is this; or empty */
	const struct dns_addr_list *addresses; /* of host: must have been looked up before
	                                          (RFC 7672 2.2.2) */
};

/* Fill dane and records of *out for a host that is beyond doubt: named by signed MX records or by
 * the administrator (RFC 7672 2.2.1). Asks DNS only where the host's own zone is signed; blocks.
 * Everything in *out lives in a. */
void out_dane_find(struct dns *dns, const struct out_dane_host *h, struct arena *a,
                   struct out_tls_hop *out);

#endif
