/* publish/round.c: see round.h. */
#include "publish/round.h"

#include "config/settings.h"
#include "directory/directory.h"
#include "nsupdate/zone_door.h"
#include "publish/host.h"
#include "store/store.h"

/* --- one domain ---------------------------------------------------------------------------- */

static enum err load(struct txn *t, void *arg)
{
	struct domain_work *w = arg;
	enum err e = domain_get(t, w->name, &w->a, NULL);

	if (e == OK)
		e = dns_domain_get(t, w->name, &w->a, &w->domain);
	return e == OK ? rotation_get(t, w->name, &w->a, &w->rotation) : e;
}

enum err domain_work_load(struct round *r, struct domain_work *w)
{
	return store_read(r->store, load, w);
}

/* Keys first, then the zone, then whether it shows: one that is due and can be published at once
 * is seen in the same round. */
static void domain_do(struct round *r, struct str name)
{
	struct domain_work w = { .name = name };
	struct wanted_records wanted;
	enum err e = domain_work_load(r, &w);

	if (e == OK)
		e = rotate_before(r, &w);
	if (e == OK && !r->zone.away && r->zone.kinds != 0) {
		publish_wanted(&w.domain, r->settings, &w.a, &wanted);
		e = records_apply(&r->zone, name, &wanted, &w.a);
	}
	if (e == OK)
		e = rotate_after(r, &w);
	if (e == OK && w.domain.keys.count == 0)
		r->soon = true; /* its first ones are being made */
	arena_deinit(&w.a);
}

/* --- all of them --------------------------------------------------------------------------- */

struct listing {
	struct arena *a;
	struct domain_list domains;
	struct str *parts;
	size_t part_count;
};

static enum err list(struct txn *t, void *arg)
{
	struct listing *l = arg;
	enum err e = domain_list(t, l->a, &l->domains);

	return e == OK ? published_parts(t, l->a, &l->parts, &l->part_count) : e;
}

static bool is_domain(const struct listing *l, struct str part)
{
	for (size_t i = 0; i < l->domains.count; i++)
		if (str_eq(l->domains.items[i].name, part))
			return true;
	return part.n == 0; /* the host */
}

/* What is left in the zone of a domain that went away. */
static void gone_do(struct round *r, struct str part)
{
	const struct wanted_records nothing = { .count = 0 };
	struct arena a = { 0 };

	if (records_apply(&r->zone, part, &nothing, &a) != OK)
		r->zone.failed = true;
	arena_deinit(&a);
}

void round_do(struct round *r)
{
	struct arena a = { 0 };
	struct listing l = { .a = &a };

	r->zone.store = r->store;
	r->zone.kinds = publish_kinds(r->settings);
	r->zone.ttl_s = (uint32_t)r->settings->dns_publish_ttl_s;
	r->zone.passed_ms = r->counted_ms;
	r->zone.round_ms = r->passed_ms;
	if (store_read(r->store, list, &l) != OK)
		goto out;
	for (size_t i = 0; i < l.domains.count && !atomic_load(r->stop); i++)
		domain_do(r, l.domains.items[i].name);
	for (size_t i = 0; i < l.part_count && !r->zone.away && !atomic_load(r->stop); i++)
		if (!is_domain(&l, l.parts[i]))
			gone_do(r, l.parts[i]);
	if (!r->zone.away && zone_door_wanted(r->settings) && !atomic_load(r->stop))
		host_do(r, r->certs);
	r->soon = r->soon || r->zone.soon;
out:
	arena_deinit(&a);
}
