/* operations/dns_update/zone_writer.c: see zone_writer.h. */
#include "operations/dns_update/zone_writer.h"

#include "foundation/config/settings.h"

bool zone_writer_wanted(const struct settings *s)
{
	return s->dns_update_server.n != 0 || s->dns_update_hook.n != 0;
}

enum err zone_writer_read(const struct settings *s, struct arena *a, struct zone_writer *out,
                        struct why *why)
{
	enum err e = hook_check(s->dns_update_hook, why);

	*out = (struct zone_writer){ .hook = { .to = s->dns_update_hook } };
	if (e == OK && s->dns_update_server.n != 0)
		e = dns_update_parse(s->dns_update_server, s->dns_update_key, a, &out->update, why);
	return e;
}

static enum err by_hook(const struct zone_writer *d, const struct dns_change *c, struct arena *a,
                        struct why *why)
{
	const struct hook_request requests[] = {
		{ .add = false, .name = c->name, .value = c->remove, .type = c->type },
		{ .add = true, .name = c->name, .value = c->add, .type = c->type },
	};
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(requests); i++)
		if (requests[i].value.n != 0)
			e = hook_run(&d->hook, &requests[i], a, why);
	return e;
}

enum err zone_change(const struct zone_writer *d, const struct dns_change *change, struct arena *a,
                     struct why *why)
{
	if (d->hook.to.n != 0)
		return by_hook(d, change, a, why);
	if (d->update.server.family != ADDR_NONE)
		return dns_update_do(&d->update, change, why);
	return fail(why, ERR_SYNTAX,
	            "nothing changes DNS here: set ROOST_DNS_UPDATE_SERVER or "
	            "ROOST_DNS_UPDATE_HOOK");
}
