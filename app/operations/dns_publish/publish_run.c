/* operations/dns_publish/publish_run.c: see publish_run.h. */
#include "operations/dns_publish/publish_run.h"

#include "foundation/config/settings.h"
#include "model/directory/directory.h"
#include "model/queue/admin.h"
#include "model/store/store.h"
#include "operations/dns_publish/host.h"
#include "operations/dns_update/zone_writer.h"

enum { HOUR_MS = 3600000, LOOK_FIRST = 30 };

/* --- one domain ---------------------------------------------------------------------------- */

static enum err round_load(struct txn *t, void *arg)
{
	struct domain_work *w = arg;
	enum err e = domain_get(t, w->name, &w->a, NULL);

	if (e == OK)
		e = dns_domain_get(t, w->name, &w->a, &w->domain);
	return e == OK ? rotation_get(t, w->name, &w->a, &w->rotation) : e;
}

enum err domain_work_load(struct round *r, struct domain_work *w)
{
	return store_read(r->store, round_load, w);
}

/* Keys first, then the zone, then the check of DNS: a due key that is published at once
 * is activated in the same round. */
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
		r->soon = true; /* its first keys are being generated */
	arena_deinit(&w.a);
}

/* --- all domains --------------------------------------------------------------------------- */

struct listing {
	struct arena *a;
	struct domain_list domains;
	struct str *parts;
	size_t part_count;
};

static enum err round_list(struct txn *t, void *arg)
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

static enum err oldest(struct txn *t, void *arg)
{
	struct round *r = arg;
	uint64_t count;

	return queue_size(t, &count, &r->zone.oldest_ms);
}

/* Records of a removed domain: keys, while mail signed by them is in transit, and the
 * withdrawal of the MTA-STS policy for senders that have cached it (RFC 8461 8.3). */
static void gone_do(struct round *r, struct str part)
{
	const struct dns_domain domain = { .name = part, .mta_sts = MTA_STS_NONE };
	struct wanted_records all, wanted = { .count = 0 };
	struct arena a = { 0 };
	enum err e = store_read(r->store, oldest, r);

	publish_wanted(&domain, r->settings, &a, &all);
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].parting)
			wanted.items[wanted.count++] = all.items[i];
	r->zone.domain_gone = true;
	r->zone.overlap_ms = rotate_overlap_ms(r->settings);
	if (e != OK || records_apply(&r->zone, part, &wanted, &a) != OK)
		r->zone.failed = true;
	r->zone.domain_gone = false;
	arena_deinit(&a);
}

/* --- schedule of checks -------------------------------------------------------------------- */

struct looks {
	size_t first, count, of;
};

static struct looks looks_due(struct look_pace *p, size_t of, int64_t passed_ms)
{
	struct looks l = { .first = p->next % of, .count = LOOK_FIRST, .of = of };

	if (p->begun) {
		p->owed += MAX(passed_ms, 0) * (int64_t)of;
		l.count = (size_t)(p->owed / HOUR_MS);
		p->owed %= HOUR_MS;
	}
	l.count = MIN(l.count, of);
	p->begun = true;
	p->next = (l.first + l.count) % of;
	return l;
}

static bool is_due(const struct looks *l, size_t i)
{
	return (i + l->of - l->first) % l->of < l->count;
}

void round_do(struct round *r)
{
	struct arena a = { 0 };
	struct listing l = { .a = &a };
	struct looks looks;

	r->zone.store = r->store;
	r->zone.kinds = publish_kinds(r->settings);
	r->zone.ttl_s = (uint32_t)r->settings->dns_publish_ttl_s;
	r->zone.passed_ms = r->counted_ms;
	r->zone.round_ms = r->passed_ms;
	if (store_read(r->store, round_list, &l) != OK)
		goto out;
	looks = looks_due(r->pace, l.domains.count + 1, r->passed_ms); /* the last is the host */
	for (size_t i = 0; i < l.domains.count && !atomic_load(r->stop); i++) {
		r->zone.look_again = is_due(&looks, i);
		domain_do(r, l.domains.items[i].name);
	}
	r->zone.look_again = false;
	for (size_t i = 0; i < l.part_count && !r->zone.away && !atomic_load(r->stop); i++)
		if (!is_domain(&l, l.parts[i]))
			gone_do(r, l.parts[i]);
	r->zone.look_again = is_due(&looks, l.domains.count);
	if (!r->zone.away && zone_writer_wanted(r->settings) && !atomic_load(r->stop))
		host_do(r, r->certs);
	r->soon = r->soon || r->zone.soon;
out:
	arena_deinit(&a);
}
