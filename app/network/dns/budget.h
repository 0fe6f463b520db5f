/* network/dns/budget.h: the CPU that judging answers of DNS may cost (KeyTrap, CVE-2023-50387).
 *
 * The limits of one question (network/dnssec/rrset.h) are not enough: one message asks dozens. A
 * budget belongs to a session, and has one part for each of its messages. It is entered by each
 * thread that asks for the session's sake; the judge charges the budget of its thread. An answer
 * that cannot be paid for is none: DNS_RETRY. Costs are in microseconds of a slow core. */
#ifndef DNS_BUDGET_H
#define DNS_BUDGET_H
#include "foundation/base/util.h"

struct dns_budget;

/* With one share, the caller's. */
struct dns_budget *dns_budget_new(void) MUST_USE;
struct dns_budget *dns_budget_ref(struct dns_budget *b) MUST_USE;
/* NULL is a no-op. */
void dns_budget_unref(struct dns_budget *b);
/* The next message begins: its part is whole again, the session's is not. */
void dns_budget_next(struct dns_budget *b);

/* This thread asks for its sake, until it enters another or NULL. Returns the one before. */
struct dns_budget *dns_budget_enter(struct dns_budget *b);
/* Charge the thread's budget; false: it does not have so much. Without one: always true. */
bool dns_budget_charge(unsigned cost);

#endif
