/* operations/doctor/views.h: records asked of everybody at one time. */
#ifndef DOCTOR_VIEWS_H
#define DOCTOR_VIEWS_H
#include "operations/doctor/asked.h"

/* Fill in the views of n findings, of which name and type are set: what each resolver says, and
 * each server of the zone that the name is in. The views' state is not judged yet. Blocks until
 * x's deadline at most. */
void views_ask(const struct asked *x, struct finding *const *findings, size_t n);

/* What a zone's servers say of its SOA record, which asked_find has learnt. */
void views_of_zone(const struct asked *x, const struct asked_zone *z, struct finding *f);
/* What the resolvers said to their first question, when none of them found the zone. */
void views_of_resolvers(const struct asked *x, struct finding *f);

#endif
