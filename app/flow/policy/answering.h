/* flow/policy/answering.h: remembers in memory which remote services answer queries of
 * checks. After ANSWERING_FAILURES failures in a row a service is not queried for
 * ANSWERING_REST_MS, then once more. */
#ifndef POLICY_ANSWERING_H
#define POLICY_ANSWERING_H
#include "flow/policy/check.h"

enum { ANSWERING_PLACES = 64, ANSWERING_FAILURES = 3, ANSWERING_REST_MS = 60000 };

/* Any thread. */
bool policy_answering_good(const struct policy_run *r, struct str name);
void policy_answering_tell(const struct policy_run *r, struct str name, bool answered);

#endif
