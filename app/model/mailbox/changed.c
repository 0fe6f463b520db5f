/* model/mailbox/changed.c: see changed.h.
 *
 * The changes of the log become events, each of one id. Sorted by id they tell of each id when it
 * changed first, and how often its placements came to be shown and ceased to be. */
#include "model/mailbox/changed.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/records.h"
#include "model/mailbox/rights.h"
#include "model/mailbox/thread.h"
#include "model/store/store.h"

#include <stdlib.h>

struct event {
	uint64_t id;
	uint64_t email; /* of a change of a thread */
	uint64_t modseq;
	uint64_t thread; /* of an email that vanished, 0: not known */
	int shown;       /* as in struct change; 0 where who may not read */
	enum change_kind kind;
	bool seen; /* by who */
};

struct events {
	struct event *items;
	size_t n, cap;
};

struct changing {
	const struct mail_txn *m;
	enum changed_type type;
	struct arena *a;
	struct arena work; /* of one email */
	struct email_viewer *viewer;
	bool always; /* who has rights in all mailboxes, also in those that were deleted */
	struct events events;
	uint64_t since, until; /* changes after since are returned up to until */
	struct changed *out;
};

static bool is_account(const struct mail_txn *m)
{
	return m->who == 0 || m->who == m->account;
}

/* --- States ----------------------------------------------------------------------------- */

static uint64_t state_of(const struct mail_txn *m, const struct account_state *s,
                         enum changed_type type)
{
	uint64_t thread = is_account(m) ? s->thread_modseq : s->placement_modseq;
	uint64_t modseq = s->email_modseq;

	if (type == CHANGED_THREAD)
		modseq = MAX(thread, s->thread_modseq);
	else if (type == CHANGED_MAILBOX)
		modseq = s->mailbox_modseq;
	modseq = MAX(modseq, 1); /* nothing was logged before: mail_modseq is never 0 */
	return is_account(m) ? modseq : MAX(modseq, s->rights_modseq);
}

enum err changed_state(const struct mail_txn *m, enum changed_type type, uint64_t *modseq)
{
	struct account_state state;
	enum err e = state_get(m, &state);

	if (!e)
		*modseq = state_of(m, &state, type);
	return e;
}

static enum err since_check(const struct mail_txn *m, const struct account_state *s, uint64_t since)
{
	if (since > s->modseq || since < s->log_modseq ||
	    (!is_account(m) && since < s->rights_modseq))
		return fail(txn_why(m->t), ERR_MISSING, "changes since %" PRIu64 " are not known",
		            since);
	return OK;
}

/* --- Events ----------------------------------------------------------------------------- */

static void event_add(struct events *l, const struct event *one)
{
	if (l->n == l->cap) {
		l->cap = 2 * l->cap + 64;
		l->items = mem_resize(l->items, l->cap * sizeof(*l->items));
	}
	l->items[l->n++] = *one;
}

static int event_order(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->email != y->email)
		return x->email < y->email ? -1 : 1;
	return (x->modseq > y->modseq) - (x->modseq < y->modseq);
}

static void events_sort(struct events *l)
{
	if (l->n)
		qsort(l->items, l->n, sizeof(*l->items), event_order);
}

/* Has who `right` in the mailbox? In a deleted one: had who. */
static bool may(const struct changing *x, uint32_t mailbox, unsigned right)
{
	unsigned rights = email_viewer_rights(x->viewer, mailbox);

	return rights ? rights & right : x->always;
}

/* Another user's \Seen is not a change for who. */
static bool concerns(const struct changing *x, const struct change *c)
{
	uint32_t who = x->m->who ? x->m->who : x->m->account;

	return c->kind != CHANGE_SEEN || c->who == who;
}

static bool mailbox_event(const struct change *c, void *arg)
{
	struct changing *x = arg;
	struct event one = {
		.id = c->mailbox, .modseq = c->modseq, .kind = c->kind, .seen = true
	};

	if (concerns(x, c) && may(x, c->mailbox, RIGHT_LOOKUP))
		event_add(&x->events, &one);
	return true;
}

/* Changes where who may not read are kept for the threads that they name. */
static bool email_event(const struct change *c, void *arg)
{
	struct changing *x = arg;
	bool seen = concerns(x, c) && !change_of_mailbox(c->kind) && may(x, c->mailbox, RIGHT_READ);

	for (uint32_t i = 0; i < c->count; i++) {
		struct event one = { .id = c->email + i,
			             .modseq = c->modseq,
			             .kind = c->kind,
			             .shown = seen ? c->shown : 0,
			             .seen = seen };

		if (c->kind == CHANGE_VANISHED)
			one.thread = change_thread(c, i);
		if (c->email && (seen || one.thread))
			event_add(&x->events, &one);
	}
	return true;
}

/* The events of one id, beginning at *at, which moves behind them. */
static struct events events_next(const struct events *all, size_t *at)
{
	struct events one = { all->items + *at, 0, 0 };

	while (*at < all->n && all->items[*at].id == one.items[0].id) {
		++*at;
		one.n++;
	}
	return one;
}

/* The first change that who sees; UINT64_MAX: none. */
static uint64_t first_seen(const struct events *one)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < one->n; i++)
		if (one->items[i].seen)
			first = MIN(first, one->items[i].modseq);
	return first;
}

static int modseq_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Ends before the first change of the id that would be one too many. */
static enum err until_find(struct changing *x, uint64_t last, size_t max)
{
	uint64_t *firsts = mem_new(MAX(x->events.n, (size_t)1) * sizeof(*firsts));
	size_t at = 0, n = 0;
	bool fits;

	x->until = last;
	while (at < x->events.n) {
		struct events one = events_next(&x->events, &at);

		firsts[n] = first_seen(&one);
		n += firsts[n] != UINT64_MAX;
	}
	if (n)
		qsort(firsts, n, sizeof(*firsts), modseq_order);
	x->out->more = max != 0 && n > max;
	if (x->out->more)
		x->until = firsts[max] - 1;
	fits = !x->out->more || firsts[0] <= x->until;
	mem_free(firsts);
	/* One write changed more than max: there is no state in between. */
	return fits ? OK : ERR_MISSING;
}

/* --- Lists ------------------------------------------------------------------------------ */

static void lists_begin(struct changing *x)
{
	x->out->created = arena_array(x->a, uint64_t, x->events.n);
	x->out->updated = arena_array(x->a, uint64_t, x->events.n);
	x->out->destroyed = arena_array(x->a, uint64_t, x->events.n);
}

static void changed_tell(struct changing *x, uint64_t id, bool then, bool now)
{
	struct changed *out = x->out;

	if (!then && now)
		out->created[out->created_count++] = id;
	else if (then && now)
		out->updated[out->updated_count++] = id;
	else if (then)
		out->destroyed[out->destroyed_count++] = id;
}

/* --- Mailboxes -------------------------------------------------------------------------- */

/* Their ids are not used again. */
static void mailbox_tell(struct changing *x, const struct events *one)
{
	bool then = true, now = true, edited = false, touched = false;

	for (size_t i = 0; i < one->n; i++) {
		const struct event *v = &one->items[i];
		bool told = v->modseq <= x->until;

		touched |= told;
		edited |= told && change_of_mailbox(v->kind);
		if (v->kind == CHANGE_MAILBOX_CREATED) {
			then = false;
			now &= told;
		}
		if (v->kind == CHANGE_MAILBOX_DELETED)
			now &= !told;
	}
	if (!touched)
		return;
	changed_tell(x, one->items[0].id, then, now);
	x->out->counts_only &= !(then && now && edited);
}

static void mailboxes_tell(struct changing *x)
{
	size_t at = 0;

	x->out->counts_only = true;

	while (at < x->events.n) {
		struct events one = events_next(&x->events, &at);

		mailbox_tell(x, &one);
	}
}

/* --- Emails ----------------------------------------------------------------------------- */

struct shown_email {
	bool then, now;
};

/* Placements that are shown at present, minus the changes after a modseq. */
static enum err email_shown(struct changing *x, uint64_t email, const struct events *one,
                            struct shown_email *out)
{
	struct email_view view = { 0 };
	int64_t now, then;
	enum err e;

	arena_reset(&x->work);
	e = email_view_get(x->viewer, email, &x->work, &view);
	if (e && e != ERR_MISSING)
		return e;
	now = then = e ? 0 : (int64_t)view.placements.n;
	for (size_t i = 0; i < one->n; i++) {
		then -= one->items[i].modseq > x->since ? one->items[i].shown : 0;
		now -= one->items[i].modseq > x->until ? one->items[i].shown : 0;
	}
	*out = (struct shown_email){ then > 0, now > 0 };
	return OK;
}

static enum err emails_tell(struct changing *x)
{
	size_t at = 0;
	enum err e = OK;

	while (at < x->events.n && !e) {
		struct events one = events_next(&x->events, &at);
		struct shown_email shown;

		if (first_seen(&one) > x->until)
			continue;
		if ((e = email_shown(x, one.items[0].id, &one, &shown)) == OK)
			changed_tell(x, one.items[0].id, shown.then, shown.now);
	}
	return e;
}

/* --- Threads ---------------------------------------------------------------------------- */

/* The thread of an email: from any of its rows, else from the log. 0: not known. */
static enum err thread_of(struct changing *x, const struct events *one, uint64_t *thread)
{
	struct mail_txn raw = *x->m;
	struct placement at;
	struct email_row row;
	enum err e;

	*thread = 0;
	for (size_t i = 0; i < one->n; i++)
		*thread = one->items[i].thread ? one->items[i].thread : *thread;
	if (*thread)
		return OK;
	raw.who = 0;
	if ((e = placement_first(&raw, one->items[0].id, &at)) == OK)
		e = email_row_get(&raw, at.mailbox, at.uid, &row);
	*thread = e ? 0 : row.thread;
	return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
}

/* Events of emails become events of their threads. */
static enum err threads_of(struct changing *x, struct events *out)
{
	size_t at = 0;
	enum err e = OK;

	while (at < x->events.n && !e) {
		struct events one = events_next(&x->events, &at);
		uint64_t thread;

		if ((e = thread_of(x, &one, &thread)) || thread == 0)
			continue;
		for (size_t i = 0; i < one.n; i++) {
			struct event v = one.items[i];

			v.email = v.id;
			v.id = thread;
			v.seen = v.shown != 0;
			event_add(out, &v);
		}
	}
	return e;
}

/* Takes the events of the email from those of its thread, which are in the order of emails. */
static struct events email_events(const struct events *one, size_t *at, uint64_t email)
{
	struct events of = { one->items + *at, 0, 0 };

	while (*at < one->n && one->items[*at].email == email) {
		++*at;
		of.n++;
	}
	return of;
}

/* All emails of a thread: those that are in it, and those that only the log has. */
static enum err thread_shown(struct changing *x, const struct events *one, struct shown_email *any,
                             bool *differs)
{
	struct thread_list list;
	size_t at = 0, i = 0;
	enum err e = thread_get(x->m, one->items[0].id, x->a, &list);

	*any = (struct shown_email){ false, false };
	*differs = false;
	e = e == ERR_MISSING ? OK : e;
	while (!e && (i < list.n || at < one->n)) {
		uint64_t gone = at < one->n ? one->items[at].email : UINT64_MAX;
		uint64_t here = i < list.n ? list.emails[i] : UINT64_MAX;
		uint64_t email = MIN(gone, here);
		struct events of = email_events(one, &at, email);
		struct shown_email shown;

		i += here == email;
		if (of.n == 0 && any->then && any->now) /* it did not change */
			continue;
		e = email_shown(x, email, &of, &shown);
		any->then |= shown.then;
		any->now |= shown.now;
		*differs |= shown.then != shown.now;
	}
	return e;
}

static enum err threads_tell(struct changing *x)
{
	size_t at = 0;
	enum err e = OK;

	while (at < x->events.n && !e) {
		struct events one = events_next(&x->events, &at);
		struct shown_email any;
		bool differs;

		if (first_seen(&one) > x->until)
			continue;
		if ((e = thread_shown(x, &one, &any, &differs)) == OK && differs)
			changed_tell(x, one.items[0].id, any.then, any.now);
	}
	return e;
}

static enum err events_of_threads(struct changing *x)
{
	struct events threads = { 0 };
	enum err e = threads_of(x, &threads);

	mem_free(x->events.items);
	x->events = threads;
	events_sort(&x->events);
	return e;
}

/* --- All together ----------------------------------------------------------------------- */

static enum err changes_tell(struct changing *x, size_t max)
{
	uint64_t last = x->until;
	enum err e;

	e = changes_since(x->m, 0, x->since,
	                  x->type == CHANGED_MAILBOX ? mailbox_event : email_event, x);
	events_sort(&x->events);
	if (!e && x->type == CHANGED_THREAD)
		e = events_of_threads(x);
	if (e || (e = until_find(x, UINT64_MAX, max)))
		return e;
	x->out->modseq = x->out->more ? x->until : MAX(last, x->since);
	lists_begin(x);
	if (x->type == CHANGED_MAILBOX) {
		mailboxes_tell(x);
		return OK;
	}
	return x->type == CHANGED_EMAIL ? emails_tell(x) : threads_tell(x);
}

enum err changed_since(const struct mail_txn *m, enum changed_type type, uint64_t since, size_t max,
                       struct arena *a, struct changed *out)
{
	struct changing x = { .m = m, .type = type, .a = a, .since = since, .out = out };
	struct account_state state;
	unsigned always;
	enum err e;

	*out = (struct changed){ .modseq = since };
	if ((e = state_get(m, &state)) || (e = since_check(m, &state, since)))
		return e;
	x.until = state_of(m, &state, type);
	if (x.until <= since) /* the common case */
		return OK;
	if ((e = rights_always(m, &always)) || (e = email_viewer_new(m, a, &x.viewer)))
		return e;
	x.always = always != 0;
	e = changes_tell(&x, max);
	mem_free(x.events.items);
	arena_deinit(&x.work);
	return e;
}
