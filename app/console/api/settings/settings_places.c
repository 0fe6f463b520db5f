/* console/api/settings/settings_places.c: see settings_private.h. */
#include "console/api/settings/settings_private.h"

#include "flow/policy/milter/milter_rules.h"
#include "protocols/smtp_out/relay.h"

static bool milters_have_path(struct str text, struct arena *a)
{
	struct milter_rules rules;
	struct why why;

	if (milter_rules_parse(text, a, &rules, &why) != OK)
		return false;
	for (size_t i = 0; i < rules.count; i++)
		if (rules.items[i].at.path.n != 0)
			return true;
	return false;
}

static bool relays_have_path(struct str text, struct arena *a)
{
	struct out_relays relays;
	struct why why;

	if (out_relays_parse(text, a, &relays, &why) != OK)
		return false;
	for (size_t i = 0; i < relays.count; i++)
		if (relays.items[i].host.path.n != 0 || relays.items[i].ca.n != 0)
			return true;
	return false;
}

enum err settings_places_check(enum setting_id id, struct str text, struct why *why)
{
	struct arena a;
	bool found;

	arena_init(&a, true);
	found = (id == SETTING_milters && milters_have_path(text, &a)) ||
	        (id == SETTING_relays && relays_have_path(text, &a));
	arena_deinit(&a);
	return found ? setting_remote_fail(id, why) : setting_remote_check(id, text, why);
}
