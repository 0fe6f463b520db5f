/* publish/apply.c: see apply.h. */
#include "publish/apply.h"

#include "base/clock.h"
#include "net/dns.h"
#include "observe/event.h"
#include "store/store.h"

#include <string.h>

enum { HOUR_MS = 3600000, MINUTE_MS = 60000, DNS_MS = 3000 };
static const int64_t day_ms = INT64_C(86400000), parting_ms = 8 * INT64_C(86400000);

/* --- rows ---------------------------------------------------------------------------------- */

struct keeping {
	const struct published *put, *del;
};

static enum err keep_do(struct txn *t, void *arg)
{
	const struct keeping *k = arg;
	enum err e = k->del != NULL ? published_del(t, k->del) : OK;

	return e == OK && k->put != NULL ? published_put(t, k->put) : e;
}

/* Either may be NULL. */
static enum err keep(const struct zone_work *z, const struct published *put,
                     const struct published *del)
{
	struct keeping k = { put, del };

	return store_write(z->store, keep_do, &k, NULL);
}

static enum err settle(const struct zone_work *z, struct published *p, enum published_state state,
                       const struct published *instead)
{
	p->state = state;
	p->tried_ms = state == PUBLISHED_FOREIGN ? clock_real_ms() : 0;
	if (state == PUBLISHED_FOREIGN)
		event(record_not_ours, STR(""), ev_str(p->name), ev_z(p->type));
	else
		event(record_published, STR(""), ev_str(p->name), ev_z(p->type));
	return keep(z, p, instead);
}

/* --- DNS ----------------------------------------------------------------------------------- */

enum shown { SHOWN_NOTHING, SHOWN_OURS, SHOWN_OTHER, SHOWN_UNKNOWN };

/* What is at a record's name, besides one that is to go. */
static enum shown shown_at(const struct zone_work *z, const struct published *p,
                           const struct published *besides, struct arena *a)
{
	int64_t deadline_ms = clock_mono_ms() + DNS_MS;
	struct dns_text_list list = { 0 };
	enum shown found = SHOWN_NOTHING;
	enum dns_status s;

	if (strcmp(p->type, "TXT") == 0)
		s = dns_txt(z->dns, a, p->name, deadline_ms, &list);
	else
		s = dns_records(z->dns, a, p->name,
		                strcmp(p->type, "CNAME") == 0 ? DNS_CNAME : DNS_TLSA, deadline_ms,
		                &list);
	if (s != DNS_OK && !dns_missing(s))
		return SHOWN_UNKNOWN;
	for (size_t i = 0; i < list.count; i++) {
		if (str_eqi(list.items[i], p->data))
			return SHOWN_OURS;
		if (besides == NULL || !str_eqi(list.items[i], besides->data))
			found = SHOWN_OTHER;
	}
	return found;
}

/* A change that is refused is left for an hour. */
static void not_changed(struct zone_work *z, struct published *p, enum err e, const struct why *why)
{
	z->away = e == ERR_RETRY || e == ERR_IO;
	z->failed = true;
	if (z->tell)
		event(record_not_changed, STR(""), ev_str(p->name), ev_z(p->type), ev_z(why->text));
	p->tried_ms = clock_real_ms();
	if (!z->away && keep(z, p, NULL) != OK)
		(void)0; /* it is tried again early */
}

static bool is_too_early(const struct published *p)
{
	int64_t passed_ms = clock_real_ms() - p->tried_ms;

	return p->tried_ms != 0 && passed_ms >= 0 &&
	       passed_ms < (p->state == PUBLISHED_FOREIGN ? day_ms : HOUR_MS);
}

/* Twice the time that others remember: name servers of a zone do not get changes at once. */
int64_t record_known_ms(uint32_t ttl_s)
{
	return 2000 * (int64_t)ttl_s;
}

/* Does something wait until all know it? */
static bool is_awaited(const struct published *p)
{
	return p->kind == PUBLISH_TLSA;
}

/* --- one record ---------------------------------------------------------------------------- */

/* Put p there, in place of old, which may be NULL. begun: it was tried before, and may be there. */
static enum err put(struct zone_work *z, struct published *p, const struct published *old,
                    bool beside, bool begun, struct arena *a)
{
	const struct dns_change change = {
		.name = p->name,
		.type = p->type,
		.remove = old != NULL ? old->data : STR_EMPTY,
		.add = p->data,
		.when = beside ? CHANGE_ANYWAY : old != NULL ? CHANGE_IF_ALONE : CHANGE_IF_UNUSED,
		.ttl_s = z->ttl_s,
	};
	enum shown shown = SHOWN_NOTHING;
	struct why why = { "" };
	enum err e = OK;

	p->state = PUBLISHED_WISH;
	p->tried_ms = 0;
	if (!begun && (e = keep(z, p, NULL)))
		return e;
	/* Nobody else has our selectors, and resolvers would remember that one was not there. */
	if (z->blind && !beside && p->kind != PUBLISH_DKIM)
		shown = shown_at(z, p, old, a);
	if (shown == SHOWN_UNKNOWN)
		return OK;
	if (shown == SHOWN_NOTHING)
		e = z->change(z->arg, &change, a, &why);
	else
		e = ERR_CONFLICT;
	if (e == OK) {
		z->soon = z->soon || (is_awaited(p) && record_known_ms(z->ttl_s) < MINUTE_MS);
		return settle(z, p, PUBLISHED_THERE, old);
	}
	if (e != ERR_CONFLICT) {
		not_changed(z, p, e, &why);
		return OK;
	}
	shown = shown_at(z, p, NULL, a);
	if (shown == SHOWN_UNKNOWN)
		return OK;
	/* Ours, from before a crash; a first try that finds it found somebody else's. */
	return settle(z, p, shown == SHOWN_OURS && begun ? PUBLISHED_THERE : PUBLISHED_FOREIGN,
	              old);
}

static enum err take_away(struct zone_work *z, struct published *p, struct arena *a)
{
	const struct dns_change change = {
		.name = p->name, .type = p->type, .remove = p->data, .when = CHANGE_ANYWAY
	};
	struct why why = { "" };
	enum err e;

	if (p->state == PUBLISHED_FOREIGN)
		return keep(z, NULL, p);
	e = z->change(z->arg, &change, a, &why);
	if (e != OK) {
		not_changed(z, p, e, &why);
		return OK;
	}
	event(record_withdrawn, STR(""), ev_str(p->name), ev_z(p->type));
	return keep(z, NULL, p);
}

/* --- all of a part ------------------------------------------------------------------------- */

static bool is_at(const struct published *p, const struct wanted_record *w)
{
	return str_eq(p->name, w->name) && strcmp(p->type, w->type) == 0;
}

static bool is_it(const struct published *p, const struct wanted_record *w)
{
	return is_at(p, w) && str_eq(p->data, w->data);
}

/* The row of exactly this, and that of one of ours that it takes the place of. */
static void rows_of(const struct published_list *rows, const struct wanted_record *w,
                    struct published **same, struct published **old)
{
	*same = *old = NULL;
	for (size_t i = 0; i < rows->count; i++) {
		struct published *p = &rows->items[i];

		if (is_it(p, w))
			*same = p;
		else if (!w->beside && is_at(p, w) && p->state != PUBLISHED_FOREIGN)
			*old = p;
	}
}

/* How long it still stays, counted down from when it was wanted last. *over: not any more. */
static enum err stay(const struct zone_work *z, struct published *p, bool parting, bool *over)
{
	int64_t left_ms = !parting         ? -1
	                  : p->left_ms < 0 ? parting_ms
	                                   : MAX(p->left_ms - z->passed_ms, 0);

	*over = left_ms == 0;
	if (left_ms == p->left_ms || *over)
		return OK;
	p->left_ms = left_ms;
	return keep(z, p, NULL);
}

static enum err count(struct zone_work *z, struct published *p)
{
	int64_t known_ms = record_known_ms(z->ttl_s);

	if (!is_awaited(p) || p->there_ms >= known_ms)
		return OK;
	p->there_ms += MAX(z->round_ms, 0);
	z->soon = z->soon || known_ms - p->there_ms < MINUTE_MS;
	return keep(z, p, NULL);
}

static enum err want(struct zone_work *z, struct str part, const struct wanted_record *w,
                     const struct published_list *rows, struct arena *a)
{
	struct published fresh = { .part = part,
		                   .kind = w->kind,
		                   .name = w->name,
		                   .type = w->type,
		                   .data = w->data,
		                   .left_ms = -1 };
	struct published *same, *old;
	bool over;
	enum err e;

	rows_of(rows, w, &same, &old);
	if (same == NULL)
		return w->parting && old == NULL ? OK : put(z, &fresh, old, w->beside, false, a);
	if (same->state == PUBLISHED_THERE) {
		if ((e = count(z, same)) || (e = stay(z, same, w->parting, &over)) || !over ||
		    is_too_early(same))
			return e;
		return take_away(z, same, a);
	}
	if (is_too_early(same) || (w->parting && same->state == PUBLISHED_FOREIGN))
		return OK;
	return put(z, same, old, w->beside, same->state == PUBLISHED_WISH, a);
}

/* Is it wanted, or does something of ours take its place, which happens in one change? */
static bool is_wanted(const struct wanted_records *wanted, const struct published *p)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const struct wanted_record *w = &wanted->items[i];

		if (is_it(p, w) || (!w->beside && is_at(p, w) && p->state != PUBLISHED_FOREIGN))
			return true;
	}
	return false;
}

struct loading {
	struct str part;
	struct arena *a;
	struct published_list rows;
};

static enum err load(struct txn *t, void *arg)
{
	struct loading *l = arg;

	return published_of(t, l->part, l->a, &l->rows);
}

enum err records_apply(struct zone_work *z, struct str part, const struct wanted_records *wanted,
                       struct arena *a)
{
	struct loading l = { .part = part, .a = a };
	enum err e = store_read(z->store, load, &l);

	for (size_t i = 0; e == OK && i < wanted->count && !z->away; i++)
		e = want(z, part, &wanted->items[i], &l.rows, a);
	for (size_t i = 0; e == OK && i < l.rows.count && !z->away; i++) {
		struct published *p = &l.rows.items[i];

		if ((z->kinds & BIT(p->kind)) != 0 && !is_wanted(wanted, p) && !is_too_early(p))
			e = take_away(z, p, a);
	}
	return e;
}
