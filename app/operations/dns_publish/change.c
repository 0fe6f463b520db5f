/* operations/dns_publish/change.c: see change.h. */
#include "operations/dns_publish/change.h"

#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"

#include <string.h>

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };
static const int64_t day_ms = INT64_C(86400000);

/* --- rows ---------------------------------------------------------------------------------- */

struct keeping {
	const struct published *put, *del;
	struct published *const *olds; /* n of them, stored or deleted */
	size_t n;
	bool replaced;
};

static enum err keep_do(struct txn *t, void *arg)
{
	const struct keeping *k = arg;
	enum err e = k->del != NULL ? published_del(t, k->del) : OK;

	for (size_t i = 0; e == OK && i < k->n; i++)
		e = k->replaced ? published_del(t, k->olds[i]) : published_put(t, k->olds[i]);
	return e == OK && k->put != NULL ? published_put(t, k->put) : e;
}

enum err zone_record_keep(const struct zone_work *z, const struct published *put,
                          const struct published *del)
{
	struct keeping k = { .put = put, .del = del };

	return store_write(z->store, keep_do, &k, NULL);
}

/* Record success: p exists, and the n olds do not. */
static enum err is_there(struct zone_work *z, struct published *p, struct published *const *olds,
                         size_t n)
{
	struct keeping k = { .put = p, .olds = olds, .n = n, .replaced = true };

	p->state = PUBLISHED_THERE;
	p->tried_ms = 0;
	z->soon = z->soon || (zone_record_is_awaited(p) && record_known_ms(z->ttl_s) < MINUTE_MS);
	event(record_published, STR(""), ev_str(p->name), ev_z(p->type));
	return store_write(z->store, keep_do, &k, NULL);
}

/* Record the begin: p is on its way, replacing the n olds if that is one change. */
static enum err is_begun(const struct zone_work *z, struct published *p,
                         struct published *const *olds, size_t n)
{
	struct keeping k = { .put = p, .olds = olds, .n = z->blind ? 0 : n };

	p->state = PUBLISHED_PENDING;
	p->tried_ms = p->there_ms = 0;
	for (size_t i = 0; i < k.n; i++)
		olds[i]->state = PUBLISHED_PENDING;
	return store_write(z->store, keep_do, &k, NULL);
}

/* Record that others own the name; checked again once a day. */
static enum err is_foreign(struct zone_work *z, struct published *p)
{
	p->state = PUBLISHED_FOREIGN;
	p->tried_ms = clock_real_ms();
	event(record_conflict, STR(""), ev_str(p->name), ev_z(p->type));
	return zone_record_keep(z, p, NULL);
}

/* Record a failure; a refused change is retried after an hour. */
static enum err not_changed(struct zone_work *z, struct published *p, enum err e,
                            const struct why *why)
{
	z->away = e == ERR_RETRY || e == ERR_IO;
	z->failed = true;
	if (z->tell)
		event(record_update_failed, STR(""), ev_str(p->name), ev_z(p->type),
		      ev_z(why->text));
	p->tried_ms = z->away ? 0 : clock_real_ms();
	return zone_record_keep(z, p, NULL);
}

/* Is it certain that nothing changed? A program may fail after its work was done. */
static bool is_nothing_done(const struct zone_work *z, enum err e)
{
	return e == ERR_IO || e == ERR_CONFLICT || (e == ERR_DENIED && !z->blind);
}

/* --- existing records ---------------------------------------------------------------------- */

static struct sight sight_of(struct zone_work *z, const struct published *p, struct arena *a)
{
	struct sight s = { .name = p->name, .type = p->type };

	z->look(z->look_arg, &s, 1, a);
	return s;
}

static bool change_is_among(struct published *const *olds, size_t n, struct str data)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(olds[i]->data, data))
			return true;
	return false;
}

/* Is there a record of others at the name? An equal record counts as ours if we may have
 * published it, else as theirs. */
static bool change_is_taken(const struct sight *s, const struct published *p,
                            struct published *const *olds, size_t n, bool beside)
{
	if (p->state != PUBLISHED_PENDING && !sight_lacks(s, p->data))
		return true;
	for (size_t i = 0; i < s->count && !beside; i++)
		if (!str_eqi(s->items[i].data, p->data) &&
		    !change_is_among(olds, n, s->items[i].data))
			return true;
	return false;
}

/* Is the answer from a wildcard? Then it also exists for any other unused name, and a
 * record at the name replaces it (RFC 4592 2.2.1). */
static bool is_everywhere(struct zone_work *z, const struct sight *s, struct arena *a)
{
	ptrdiff_t dot = str_find_byte(s->name, '.');
	struct str above = dot < 0 ? STR_EMPTY : str_sub(s->name, (size_t)dot, s->name.n);
	struct sight beside = { .name = str_fmt(a, "_nobody%.*s", STR_ARG(above)),
		                .type = s->type };

	z->look(z->look_arg, &beside, 1, a);
	for (size_t i = 0; i < s->count; i++)
		if (!sight_has(&beside, s->items[i].data))
			return false;
	return true;
}

/* Is there a record of another type that excludes this one? A CNAME excludes all others
 * (RFC 2181 10.1), except our own, which makes room. *known becomes false if DNS does not
 * answer. */
static bool is_barred(struct zone_work *z, const struct sight *s, bool *known, struct arena *a)
{
	static const char *const types[] = { "CNAME", "A", "AAAA", "TXT" };
	bool alias = strcmp(s->type, types[0]) == 0, barred = false;
	size_t n = alias ? COUNT(types) - 1 : 1;
	struct sight others[COUNT(types)];

	if (alias && s->count != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		others[i] = (struct sight){ .name = s->name, .type = types[alias + i] };
	z->look(z->look_arg, others, n, a);
	for (size_t i = 0; i < n; i++) {
		*known = *known && others[i].answered != 0;
		barred = barred || (others[i].count != 0 && !is_everywhere(z, &others[i], a));
	}
	return barred;
}

bool zone_record_is_too_early(const struct published *p)
{
	int64_t passed_ms = clock_real_ms() - p->tried_ms;

	return p->tried_ms != 0 && passed_ms >= 0 &&
	       passed_ms < (p->state == PUBLISHED_FOREIGN ? day_ms : HOUR_MS);
}

bool zone_record_is_awaited(const struct published *p)
{
	return p->kind == PUBLISH_TLSA;
}

/* --- removal ------------------------------------------------------------------------------- */

enum err zone_record_take_away(struct zone_work *z, struct published *p, bool *gone,
                               struct arena *a)
{
	const struct dns_change change = {
		.name = p->name, .type = p->type, .remove = p->data, .when = CHANGE_ANYWAY
	};
	struct why why = { "" };
	struct sight s;
	enum err e;

	*gone = p->state == PUBLISHED_FOREIGN || p->state == PUBLISHED_ABSENT;
	if (*gone)
		return zone_record_keep(z, NULL, p);
	if (p->state == PUBLISHED_THERE) {
		p->state = PUBLISHED_PENDING;
		if ((e = zone_record_keep(z, p, NULL)))
			return e;
	}
	e = z->change(z->arg, &change, a, &why);
	if (e == ERR_DENIED && z->blind) { /* it may have been removed before a crash */
		s = sight_of(z, p, a);
		e = sight_lacks(&s, p->data) ? OK : e;
	}
	if (e != OK)
		return not_changed(z, p, e, &why);
	*gone = true;
	event(record_withdrawn, STR(""), ev_str(p->name), ev_z(p->type));
	return zone_record_keep(z, NULL, p);
}

/* --- addition ------------------------------------------------------------------------------ */

/* On condition that the name has nothing but one of ours, or this record from before a
 * crash, or nothing. */
static enum err change_one(struct zone_work *z, const struct published *p,
                           struct published *const *olds, size_t n, bool beside, bool begun,
                           struct arena *a, struct why *why)
{
	struct dns_change c = {
		.name = p->name, .type = p->type, .add = p->data, .ttl_s = z->ttl_s
	};
	enum err e = ERR_CONFLICT;

	if (z->blind || beside) {
		c.when = CHANGE_ANYWAY;
		return z->change(z->arg, &c, a, why);
	}
	c.when = CHANGE_IF_ALONE;
	for (size_t i = 0; e == ERR_CONFLICT && i < n + begun; i++) {
		c.remove = i < n ? olds[i]->data : p->data;
		e = z->change(z->arg, &c, a, why);
	}
	if (e != ERR_CONFLICT)
		return e;
	c.remove = STR_EMPTY;
	c.when = CHANGE_IF_UNUSED;
	return z->change(z->arg, &c, a, why);
}

/* If other records of the type are allowed, only a CNAME prevents this one. It is then
 * unknown and does not count as theirs (apply_count in apply.c). */
static enum err is_kept_out(struct zone_work *z, struct published *p, bool beside)
{
	struct why why;

	return beside ? not_changed(z, p, fail(&why, ERR_CONFLICT, "an alias is at the name"), &why)
	              : is_foreign(z, p);
}

static enum err is_not_known(struct zone_work *z, const struct published *p)
{
	z->failed = true;
	if (z->tell)
		event(record_update_failed, STR(""), ev_str(p->name), ev_z(p->type),
		      ev_z("DNS does not say what is there"));
	return OK;
}

/* For changes without a condition. *go: there may be room. */
static enum err look_first(struct zone_work *z, struct published *p, struct published *const *olds,
                           size_t n, bool beside, bool *go, struct arena *a)
{
	struct sight s = sight_of(z, p, a);
	bool known = true;

	*go = false;
	if (s.answered == 0)
		return is_not_known(z, p);
	if (change_is_taken(&s, p, olds, n, beside))
		return is_foreign(z, p);
	if (!sight_lacks(&s, p->data))
		return is_there(z, p, NULL, 0);
	if (is_barred(z, &s, &known, a))
		return is_kept_out(z, p, beside);
	*go = known;
	return known ? OK : is_not_known(z, p);
}

/* *go: there is room, and olds are removed. */
static enum err make_room(struct zone_work *z, struct published *p, struct published *const *olds,
                          size_t n, bool beside, bool *go, struct arena *a)
{
	enum err e = look_first(z, p, olds, n, beside, go, a);

	for (size_t i = 0; e == OK && *go && i < n; i++) {
		*go = !zone_record_is_too_early(olds[i]);
		if (*go)
			e = zone_record_take_away(z, olds[i], go, a);
	}
	return e;
}

enum err zone_record_put(struct zone_work *z, struct published *p, struct published *const *olds,
                         size_t n, bool beside, struct arena *a)
{
	bool begun = p->state == PUBLISHED_PENDING, go = true;
	struct why why = { "" };
	enum err e = OK;

	/* Our selectors are unique. */
	if ((z->blind && (begun || n != 0 || p->kind != PUBLISH_DKIM)) || beside)
		e = make_room(z, p, olds, n, beside, &go, a);
	if (e != OK || !go)
		return e;
	if ((e = is_begun(z, p, olds, n)))
		return e;
	e = change_one(z, p, olds, n, beside, begun, a, &why);
	if (e == OK)
		return is_there(z, p, olds, z->blind ? 0 : n);
	if (e == ERR_CONFLICT && !beside)
		return is_foreign(z, p);
	if (!begun && is_nothing_done(z, e))
		p->state = PUBLISHED_ABSENT;
	return not_changed(z, p, e, &why);
}
