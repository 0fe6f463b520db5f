/* policy/filters.h: the settings of filters and hooks, for who takes new ones. */
#ifndef POLICY_FILTERS_H
#define POLICY_FILTERS_H
#include "base/err.h"

struct settings;

/* Are ROOST_MILTERS and ROOST_HOOKS what docs/milter.md and docs/hooks.md say? ERR_SYNTAX names the
 * setting, the line and what is wrong there. */
enum err filters_check(const struct settings *s, struct why *why) MUST_USE;

#endif
