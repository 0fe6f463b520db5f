/* flow/policy/tally.h: counts of each check's verdicts in the last day, in memory; for
 * this folder only. Thread-safe. */
#ifndef POLICY_TALLY_H
#define POLICY_TALLY_H
#include "flow/policy/policy.h"

struct policy_tally;

/* checks: number of rows. */
struct policy_tally *policy_tally_new(size_t checks) MUST_USE;
/* NULL is a no-op; clears *t. */
void policy_tally_free(struct policy_tally **t);
/* Count one; kind POLICY_KINDS: a failure. Locks only once an hour. */
void policy_tally_add(struct policy_tally *t, size_t check, enum policy_kind kind);
/* The sums of the current hour and the 23 before. */
void policy_tally_read(struct policy_tally *t, size_t check, uint64_t out[POLICY_KINDS + 1]);

#endif
