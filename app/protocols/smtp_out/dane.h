/* protocols/smtp_out/dane.h: looks up a mail server's TLSA records (RFC 7672 2.2). */
#ifndef SMTP_OUT_DANE_H
#define SMTP_OUT_DANE_H
#include "protocols/smtp_out/route.h"

struct dns;
struct dns_addr_list;

/* The mail server, with the names known so far. */
struct out_dane_host {
	struct str host;
	uint16_t port;
	struct str domain;  /* the next-hop domain, also a name for the certificate; or
	                     * empty */
	struct str alias;   /* target of the domain's signed aliases, also such a name; or
	                     * empty */
	const struct dns_addr_list *addresses; /* of host, looked up before (RFC 7672
	                                        * 2.2.2) */
};

/* Fill dane and records of *out. The host must be authentic: named by signed MX records
 * or by the administrator (RFC 7672 2.2.1). Queries DNS only if the host's zone is
 * signed; blocks. Everything in *out lives in a. */
void out_dane_find(struct dns *dns, const struct out_dane_host *h, struct arena *a,
                   struct out_tls_hop *out);

#endif
