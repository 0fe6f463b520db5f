/* console/api/setup/api_setup_steps.c: what the steps of the setup share; see api_setup.h. */
#include "console/api/admin.h"
#include "console/api/setup/api_setup.h"
#include "network/dns/dns.h"
#include "operations/doctor/records/dns_facts.h"

enum { EDITS_MAX = 8 };

struct str api_setup_text(const struct api_call *c, const char *name)
{
	struct str s = STR_EMPTY;

	(void)json_str(json_get(c->body, name), &s);
	return s;
}

enum err api_setup_settings(struct api_call *c, const struct setting_edit *edits, size_t n,
                            struct setup_change *change)
{
	struct setting_edit wanted[EDITS_MAX];
	const struct settings *s = settings_ref(c->admin->live);
	size_t count = 0;

	assert(n <= EDITS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct buf now;

		buf_init(&now, KIB(64));
		setting_put(&now, s, edits[i].id);
		if (edits[i].unset ? s->origin[edits[i].id] == ORIGIN_STORE
		                   : setting_secret(edits[i].id) ||
		                             !str_eqi(buf_str(&now), edits[i].value))
			wanted[count++] = edits[i];
		buf_deinit(&now);
	}
	settings_unref(s);
	if (count == 0)
		return api_setup_write(change);
	return settings_change(c->admin->changes, wanted, count, api_setup_change, change, &c->why);
}

enum err api_setup_checks(struct api_call *c, struct str domain,
                          void (*checker)(const struct look *, struct checks *))
{
	const struct settings *settings = settings_ref(c->admin->live);
	struct look look = { .dns = dns_unremembering(settings),
		             .settings = settings,
		             .domain = domain,
		             .peer = &c->http->peer,
		             .a = c->arena };
	struct checks checks = { .count = 0 };
	bool can = look.dns != NULL;

	if (can)
		checker(&look, &checks);
	dns_free(&look.dns);
	settings_unref(settings);
	if (!can)
		return fail(&c->why, ERR_RETRY, "DNS cannot be queried now. Try again later");
	api_checks_put(c->out, &checks);
	return OK;
}
