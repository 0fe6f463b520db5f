/* network/dns/budget.h: the CPU time that DNSSEC validation may cost (KeyTrap, CVE-2023-50387).
 *
 * The limits of one question (network/dnssec/rrset.h) are not enough, because one message needs
 * dozens of questions. A budget belongs to a session and has a part for each message. Each thread
 * that works for the session enters it; validation charges the budget of its thread. An answer that
 * exceeds the budget becomes DNS_RETRY. Costs are in microseconds of a slow core. */
#ifndef DNS_BUDGET_H
#define DNS_BUDGET_H
#include "foundation/base/util.h"

struct dns_budget;

/* A new budget with one reference, the caller's. */
struct dns_budget *dns_budget_new(void) MUST_USE;
struct dns_budget *dns_budget_ref(struct dns_budget *b) MUST_USE;
/* NULL is a no-op. */
void dns_budget_unref(struct dns_budget *b);
/* Begin the next message: its part is full again, the session's is not. */
void dns_budget_next(struct dns_budget *b);

/* Charge this thread's work to b, until it enters another or NULL. Returns the one before. */
struct dns_budget *dns_budget_enter(struct dns_budget *b);
/* Charge the thread's budget; false: it is exhausted. Without a budget: always true. */
bool dns_budget_charge(unsigned cost);

#endif
