/* operations/doctor/examine/examine.h: one look at a domain's records, or at those of this host. */
#ifndef DOCTOR_EXAMINE_H
#define DOCTOR_EXAMINE_H
#include "operations/doctor/finding.h"

#include <stdatomic.h>

struct certs;
struct dns_domain;
struct dns_host;
struct settings;
struct store;

struct examination {
	const struct settings *settings;
	struct certs *certs;             /* NULL: a command, which does not know the key    */
	struct store *store;             /* where addresses are; NULL: it cannot be had     */
	const struct dns_domain *domain; /* NULL: the host itself                           */
	const struct dns_host *host;     /* then                                            */
	const atomic_bool *stop;         /* give up soon once it is set; NULL: never        */
	struct arena *a;                 /* where what is found lives                       */
	uint16_t port;                   /* of zones' servers; 0: 53, as everywhere but in tests */
};

/* Blocks for DNS and connections; each has a deadline, all together EXAMINE_MS at most. */
enum { EXAMINE_MS = 30000 };
void examine(const struct examination *x, struct findings *out);

#endif
