/* network/dns/budget.c: see budget.h. */
#include "network/dns/budget.h"

#include "foundation/base/mem.h"
#include "foundation/config/limits.h"

#include <stdatomic.h>

struct dns_budget {
	atomic_uint refs;
	_Atomic int64_t message, session; /* the rest; below 0: exhausted */
};

static _Thread_local struct dns_budget *entered;

struct dns_budget *dns_budget_new(void)
{
	struct dns_budget *b = NEW(struct dns_budget);

	b->refs = 1;
	b->message = LIMIT_dnssec_message_us;
	b->session = LIMIT_dnssec_session_us;
	return b;
}

struct dns_budget *dns_budget_ref(struct dns_budget *b)
{
	if (b != NULL)
		b->refs++;
	return b;
}

void dns_budget_unref(struct dns_budget *b)
{
	if (b != NULL && atomic_fetch_sub(&b->refs, 1) == 1)
		mem_free(b);
}

void dns_budget_next(struct dns_budget *b)
{
	b->message = LIMIT_dnssec_message_us;
}

struct dns_budget *dns_budget_enter(struct dns_budget *b)
{
	struct dns_budget *before = entered;

	entered = b;
	return before;
}

bool dns_budget_charge(unsigned cost)
{
	struct dns_budget *b = entered;

	if (b == NULL)
		return true;
	return atomic_fetch_sub(&b->message, cost) >= (int64_t)cost &&
	       atomic_fetch_sub(&b->session, cost) >= (int64_t)cost;
}
