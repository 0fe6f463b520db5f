/* operations/doctor/examine/examining.h: a look that goes on, for examine.c and
 * examine_*.c only. */
#ifndef DOCTOR_EXAMINING_H
#define DOCTOR_EXAMINING_H
#include "operations/doctor/name_servers.h"
#include "operations/doctor/examine/examine.h"

struct examining {
	const struct examination *x;
	struct dns *dns; /* remembers nothing */
	struct dns_home home;
	struct asked asked;
	struct findings *out;
	/* The records to ask for, and their findings. */
	struct dns_record records[FINDINGS_MAX];
	struct finding *rows[FINDINGS_MAX];
	size_t count;
	bool secure; /* the zone that is looked at is signed, and rightly */
};

/* A record is asked for by examining_ask; more than FINDINGS_MAX are left out. */
void examining_add(struct examining *g, const struct dns_record *r);
/* Ask for all of them, and judge; name is the domain's or the host's: of its zone there is more. */
void examining_ask(struct examining *g, struct str name);
/* Ask lists of bad senders of addresses, or of a domain (of which there is one then). */
void lists_examine(struct examining *g, const struct addr *ips, size_t n, struct str domain);
/* The domain's MTA-STS policy and its BIMI record; after examining_ask. */
void policy_examine(struct examining *g);
void picture_examine(struct examining *g);
/* CAA records of names of our certificates; before examining_ask. */
void authority_examine(struct examining *g);
/* Addresses of the host that the servers of its zone know, where resolvers show private ones in
 * their place. */
void home_examine(struct examining *g);
/* Those of the host. */
void host_examine(struct examining *g);

#endif
