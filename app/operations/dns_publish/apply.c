/* operations/dns_publish/apply.c: see apply.h; change.h changes one record. */
#include "operations/dns_publish/apply.h"

#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "model/directory/rotation.h"
#include "model/store/store.h"
#include "operations/dns_publish/change.h"

#include <string.h>

enum { MINUTE_MS = 60000 };
static const int64_t parting_ms = 8 * INT64_C(86400000);

/* Twice the TTL: name servers of a zone do not get changes at once. */
int64_t record_known_ms(uint32_t ttl_s)
{
	return 2000 * (int64_t)ttl_s;
}

/* --- wanted records ------------------------------------------------------------------------ */

static bool is_at(const struct published *p, const struct wanted_record *w)
{
	return str_eq(p->name, w->name) && strcmp(p->type, w->type) == 0;
}

static bool is_it(const struct published *p, const struct wanted_record *w)
{
	return is_at(p, w) && str_eq(p->data, w->data);
}

/* The row of exactly this record, and our rows that it replaces. There are several after
 * interrupted changes: the one surely in DNS comes first. */
struct rows_of {
	struct published *same, **olds;
	size_t n;
};

static struct rows_of rows_of(const struct published_list *rows, const struct wanted_record *w,
                              struct arena *a)
{
	struct rows_of out = { .olds = arena_array(a, struct published *, rows->count) };

	for (size_t i = 0; i < rows->count; i++) {
		struct published *p = &rows->items[i];

		if (is_it(p, w))
			out.same = p;
		if (is_it(p, w) || w->beside || !is_at(p, w) || p->state == PUBLISHED_FOREIGN ||
		    p->state == PUBLISHED_ABSENT)
			continue;
		out.olds[out.n++] = p;
		if (p->state == PUBLISHED_THERE && out.n > 1) {
			out.olds[out.n - 1] = out.olds[0];
			out.olds[0] = p;
		}
	}
	return out;
}

/* Count down how long it stays, from when it was wanted last. *over: the time has
 * passed. */
static enum err stay(const struct zone_work *z, struct published *p, int64_t from_ms, bool *over)
{
	int64_t left_ms = from_ms < 0      ? -1
	                  : p->left_ms < 0 ? from_ms
	                                   : MAX(p->left_ms - z->passed_ms, 0);

	*over = left_ms == 0;
	if (left_ms == p->left_ms)
		return OK;
	if (p->left_ms < 0)
		p->since_ms = clock_real_ms();
	p->left_ms = left_ms;
	return zone_record_keep(z, p, NULL);
}

static enum err apply_count(struct zone_work *z, struct published *p)
{
	int64_t known_ms = record_known_ms(z->ttl_s);

	if (!zone_record_is_awaited(p) || p->there_ms >= known_ms)
		return OK;
	p->there_ms += MAX(z->round_ms, 0);
	z->soon = z->soon || known_ms - p->there_ms < MINUTE_MS;
	return zone_record_keep(z, p, NULL);
}

static enum err want_still(struct zone_work *z, const struct wanted_record *w, struct published *p,
                           struct arena *a)
{
	bool over, gone;
	enum err e;

	if ((e = apply_count(z, p)) || (e = stay(z, p, w->parting ? parting_ms : -1, &over)) ||
	    !over || zone_record_is_too_early(p))
		return e;
	return zone_record_take_away(z, p, &gone, a);
}

static enum err apply_want(struct zone_work *z, struct str part, const struct wanted_record *w,
                           const struct published_list *rows, struct arena *a)
{
	struct published fresh = { .part = part,
		                   .kind = w->kind,
		                   .state = PUBLISHED_ABSENT,
		                   .name = w->name,
		                   .type = w->type,
		                   .data = w->data,
		                   .left_ms = -1 };
	struct rows_of found = rows_of(rows, w, a);
	struct published *same = found.same != NULL ? found.same : &fresh;
	enum err e = OK;

	if (same == &fresh && w->parting && found.n == 0)
		return OK;
	if (same->state == PUBLISHED_THERE)
		return want_still(z, w, same, a);
	if (same->state == PUBLISHED_FOREIGN && w->beside)
		e = apply_count(z, same); /* it is known to all, even if it is not ours */
	if (e != OK || zone_record_is_too_early(same) ||
	    (w->parting && same->state == PUBLISHED_FOREIGN))
		return e;
	if (w->parting && same->left_ms == 0) { /* it was about to be removed */
		bool gone;

		return zone_record_take_away(z, same, &gone, a);
	}
	return zone_record_put(z, same, found.olds, found.n, w->beside, a);
}

/* --- unwanted records ---------------------------------------------------------------------- */

/* Is it wanted, or will a record replace it that is not published yet? */
static bool apply_is_wanted(const struct wanted_records *wanted, const struct published_list *rows,
                            const struct published *p, struct arena *a)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const struct wanted_record *w = &wanted->items[i];
		struct published *same;

		if (is_it(p, w))
			return true;
		if (w->beside || !is_at(p, w))
			continue;
		same = rows_of(rows, w, a).same;
		return same == NULL || same->state == PUBLISHED_PENDING ||
		       same->state == PUBLISHED_ABSENT;
	}
	return false;
}

/* Mail of a removed domain is in transit for days; its signatures should stay valid. */
static enum err stay_behind(const struct zone_work *z, struct published *p, bool *over)
{
	enum err e;

	*over = true;
	if ((!z->domain_gone && p->left_ms < 0) || p->kind != PUBLISH_DKIM ||
	    p->state == PUBLISHED_FOREIGN || p->state == PUBLISHED_ABSENT)
		return OK;
	e = stay(z, p, z->overlap_ms, over);
	*over = *over && !rotation_is_waited_for(p->since_ms, z->oldest_ms);
	return e;
}

static enum err unwant(struct zone_work *z, struct published *p, struct arena *a)
{
	bool over = false, gone;
	enum err e;

	if (zone_record_is_too_early(p))
		return OK;
	e = stay_behind(z, p, &over);
	return e == OK && over ? zone_record_take_away(z, p, &gone, a) : e;
}

/* --- lost records -------------------------------------------------------------------------- */

/* Publish it again. If a resolver's cache was wrong, it still exists. */
static enum err is_lost(const struct zone_work *z, struct published *p)
{
	event(record_restored, STR(""), ev_str(p->name), ev_z(p->type));
	p->state = PUBLISHED_PENDING;
	p->tried_ms = p->there_ms = 0;
	return zone_record_keep(z, p, NULL);
}

static enum err look_again(struct zone_work *z, const struct published_list *rows, struct arena *a)
{
	struct sight *sights = arena_array(a, struct sight, rows->count);
	struct published **its = arena_array(a, struct published *, rows->count);
	enum err e = OK;
	size_t n = 0;

	for (size_t i = 0; i < rows->count; i++) {
		struct published *p = &rows->items[i];

		if (p->state != PUBLISHED_THERE || (z->kinds & BIT(p->kind)) == 0)
			continue;
		sights[n] = (struct sight){ .name = p->name, .type = p->type };
		its[n++] = p;
	}
	if (n != 0)
		z->look(z->look_arg, sights, n, a);
	for (size_t i = 0; e == OK && i < n; i++)
		if (sight_lacks(&sights[i], its[i]->data))
			e = is_lost(z, its[i]);
	return e;
}

/* --- a whole part -------------------------------------------------------------------------- */

struct loading {
	struct str part;
	struct arena *a;
	struct published_list rows;
};

static enum err apply_load(struct txn *t, void *arg)
{
	struct loading *l = arg;

	return published_of(t, l->part, l->a, &l->rows);
}

enum err records_apply(struct zone_work *z, struct str part, const struct wanted_records *wanted,
                       struct arena *a)
{
	struct loading l = { .part = part, .a = a };
	enum err e = store_read(z->store, apply_load, &l);

	if (e == OK && z->look_again)
		e = look_again(z, &l.rows, a);
	for (size_t i = 0; e == OK && i < wanted->count && !z->away; i++)
		e = apply_want(z, part, &wanted->items[i], &l.rows, a);
	if (e == OK)
		e = store_read(z->store, apply_load, &l);
	for (size_t i = 0; e == OK && i < l.rows.count && !z->away; i++) {
		struct published *p = &l.rows.items[i];

		if ((z->kinds & BIT(p->kind)) != 0 && !apply_is_wanted(wanted, &l.rows, p, a))
			e = unwant(z, p, a);
	}
	return e;
}
