/* operations/doctor/examine/part_check.h: one check of a part, a local domain or the host:
 * stores the findings as rows, and logs an event for each change. */
#ifndef DOCTOR_PART_LOOK_H
#define DOCTOR_PART_LOOK_H
#include "foundation/base/arena.h"
#include "operations/doctor/finding.h"

#include <stdatomic.h>

struct certs;
struct live;
struct store;

/* The findings of one check; immutable, and shared by its readers. */
struct doctor_result {
	atomic_uint shares;
	int64_t looked_ms;
	struct arena a;
	struct findings findings;
};

struct doctor_result *doctor_result_ref(struct doctor_result *r);
/* NULL is a no-op. */
void doctor_result_unref(struct doctor_result *r);

enum { PART_HOUR_MS = 3600000 };

struct part_look {
	struct store *store;
	struct live *live;
	struct certs *certs;
	const atomic_bool *stop; /* give up soon once it is set      */
	struct str part;         /* the host's name is the empty one */
	/* results */
	int64_t again_ms; /* look again after so long                                 */
	int64_t tell_ms;  /* there is news, to be told after so long; -1: there is none */
};

/* Blocks for DNS and connections, as examine does. NULL: the domain is none of ours any more, and
 * its rows are gone, or the store cannot be read. The result is the caller's to unref. */
struct doctor_result *part_look(struct part_look *l);

#endif
