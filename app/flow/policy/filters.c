/* flow/policy/filters.c: see filters.h. */
#include "flow/policy/filters.h"

#include "flow/policy/hook/hook_rules.h"
#include "flow/policy/milter/milter_rules.h"
#include "foundation/config/settings.h"

enum err filters_check(const struct settings *s, struct why *why)
{
	struct arena a = { .secret = true };
	struct milter_rules milters;
	struct hook_rules hooks;
	enum err e = milter_rules_parse(s->milters, &a, &milters, why);

	if (e)
		fail_about(why, e, "ROOST_MILTERS");
	else if ((e = hook_rules_parse(s->hooks, &a, &hooks, why)))
		fail_about(why, e, "ROOST_HOOKS");
	arena_deinit(&a);
	return e;
}
