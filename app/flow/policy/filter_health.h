/* flow/policy/filter_health.h: who does not answer: filters and hooks that have failed some
 * times in a row are left alone a while, lest every session waits for them. For the whole
 * process; any thread. */
#ifndef POLICY_FILTER_HEALTH_H
#define POLICY_FILTER_HEALTH_H
#include "foundation/base/str.h"

enum { FILTER_FAILURES = 3, FILTER_REST_MS = 10000 };

/* May it be asked? After FILTER_FAILURES in a row it rests for FILTER_REST_MS; then one may try,
 * and the others rest on until its answer has come. */
bool filter_health_ask(struct str name);
/* How it went. */
void filter_health_tell(struct str name, bool good);
/* Forget all; for tests. */
void filter_health_forget(void);

#endif
