/* report/out_dns.h: questions to DNS that are given up soon when the server stops. For this folder
 * only. */
#ifndef REPORT_OUT_DNS_H
#define REPORT_OUT_DNS_H
#include "net/dns.h"

#include <stdatomic.h>

/* Asks behind, for TXT alone: who asks waits no longer than a quarter of a second once stop is set,
 * and gets DNS_RETRY. Both outlive it, and it is not to be freed. */
struct out_dns {
	struct dns dns;
	struct dns *behind;
	const atomic_bool *stop;
};
void out_dns_init(struct out_dns *o, struct dns *behind, const atomic_bool *stop);

#endif
