/* flow/policy/filter_health.h: suspends filters and hooks after repeated failures, so
 * that not every session waits for them. Shared by the whole process; any thread. */
#ifndef POLICY_FILTER_HEALTH_H
#define POLICY_FILTER_HEALTH_H
#include "foundation/base/str.h"

enum { FILTER_FAILURES = 3, FILTER_REST_MS = 10000 };

/* May it be called? After FILTER_FAILURES in a row it is suspended for FILTER_REST_MS.
 * Then one caller may try, and the suspension lasts until its result. */
bool filter_health_ask(struct str name);
/* Record a result. */
void filter_health_tell(struct str name, bool good);
/* Forget all; for tests. */
void filter_health_forget(void);

#endif
