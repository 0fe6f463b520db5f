/* operations/doctor/verdict.h: what all views of a record come to. Asks nobody but for what a
 * record leads on to (dns_check.h).
 *
 *	the zone's servers      resolvers
 *	all right               all right       it is as it should be
 *	all right               some not        ok is under way: caches have the old answer
 *	some right              any             the servers differ: the zone is not taken over by
  * all
 *	none right              some right      it was right until lately: caches still know it
 *	none right              none right      missing, or wrong
 *	none answered           some right      resolvers differ
 *
 * Who did not answer has no say; when nobody did, nothing is known. */
#ifndef DOCTOR_VERDICT_H
#define DOCTOR_VERDICT_H
#include "operations/doctor/finding.h"

/* Set the state of f's views, and its state, words and advice, in j->a; and what should be there
 * and the line to paste, by what is there. */
void verdict_make(struct finding *f, const struct dns_record *r, struct dns_judging *j);

/* Of the servers of a zone, whose views have its SOA record: do all answer, with one version? When
 * none does that is DNS_STATE_UNKNOWN, as it may be us that are cut off. */
void verdict_servers(struct finding *f, struct arena *a);
/* We are not: the zone's servers tell nothing, or (views of resolvers) nobody finds the zone. */
void verdict_dead(struct finding *f, struct arena *a);

#endif
