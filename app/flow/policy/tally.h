/* flow/policy/tally.h: what each check has come to in the last day, in memory; for this folder
 * only. Thread-safe. */
#ifndef POLICY_TALLY_H
#define POLICY_TALLY_H
#include "flow/policy/policy.h"

struct policy_tally;

/* Of so many checks. */
struct policy_tally *policy_tally_new(size_t checks) MUST_USE;
/* NULL is a no-op; clears *t. */
void policy_tally_free(struct policy_tally **t);
/* One more; kind POLICY_KINDS: it could not tell. No lock but once an hour. */
void policy_tally_add(struct policy_tally *t, size_t check, enum policy_kind kind);
/* The sums of the hour that runs and the 23 before. */
void policy_tally_read(struct policy_tally *t, size_t check, uint64_t out[POLICY_KINDS + 1]);

#endif
