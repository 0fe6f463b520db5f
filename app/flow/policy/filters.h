/* flow/policy/filters.h: checks new settings of filters and hooks. */
#ifndef POLICY_FILTERS_H
#define POLICY_FILTERS_H
#include "foundation/base/err.h"

struct settings;

/* Check ROOST_MILTERS and ROOST_HOOKS (docs/how-to/milters.md, docs/how-to/hooks.md). ERR_SYNTAX
 * names the setting, the line and the mistake. */
enum err filters_check(const struct settings *s, struct why *why) MUST_USE;

#endif
