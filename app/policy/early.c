/* policy/early.c: see early.h. */
#include "policy/early.h"

#include "config/settings.h"

int64_t policy_greeting_delay_ms(const struct policy_session *s)
{
	if (s->role != POLICY_MX || addr_is_loopback(&s->peer))
		return 0;
	return (int64_t)s->settings->greeting_delay_s * 1000;
}

enum policy_need early_need(const struct policy_run *r)
{
	return policy_greeting_delay_ms(policy_of(r)) != 0 ? POLICY_QUICK : POLICY_NO;
}

void early_run(struct policy_run *r)
{
	if (policy_of(r)->early)
		policy_reject(r, 554, "5.5.1", "you spoke before you were greeted");
}
