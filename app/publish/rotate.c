/* publish/rotate.c: a domain's keys follow each other; see round.h and directory/rotation.h. */
#include "base/clock.h"
#include "config/limits.h"
#include "config/settings.h"
#include "net/dns.h"
#include "observe/event.h"
#include "publish/round.h"
#include "queue/queue.h"
#include "store/store.h"

enum { DNS_MS = 3000, DAY_MS = 86400000, TELL_MS = 3600000, EAGER_MS = 600000 };

/* What a step is given, and what came of it. */
struct step {
	const struct domain_work *w;
	struct dkim_pair pair; /* its strings live as long as begin_with runs */
	struct rotation_look look;
	int64_t passed_ms, every_ms;
	size_t removed;
	bool begun, turned;
};

/* --- before -------------------------------------------------------------------------------- */

static enum err mind(struct txn *t, void *arg)
{
	struct step *s = arg;
	int64_t oldest_ms;
	uint64_t count;
	enum err e = queue_size(t, &count, &oldest_ms);

	return e == OK ? rotation_mind(t, s->w->name, s->passed_ms, oldest_ms, &s->removed) : e;
}

static enum err begin(struct txn *t, void *arg)
{
	struct step *s = arg;

	return rotation_begin(t, s->w->name, &s->pair, s->every_ms, &s->begun);
}

static enum err begin_with(struct round *r, struct step *s)
{
	struct arena a;
	enum err e;

	arena_init(&a, true);
	dkim_pair_new(&s->pair, &a);
	e = store_write(r->store, begin, s, NULL);
	arena_deinit(&a);
	return e;
}

enum err rotate_before(struct round *r, struct domain_work *w)
{
	struct step s = { .w = w,
		          .passed_ms = r->counted_ms,
		          .every_ms = publish_rotate_ms(r->settings) };
	enum err e = OK;

	if (rotation_wants(&w->rotation, &w->domain.keys, s.passed_ms)) {
		if ((e = store_write(r->store, mind, &s, NULL)) || (e = domain_work_load(r, w)))
			return e;
		if (s.removed != 0)
			event(dkim_keys_gone, STR(""), ev_str(w->name), ev_int((int64_t)s.removed));
	}
	if (w->domain.keys.count == 0 ||
	    !rotation_is_due(&w->rotation, &w->domain.keys, s.every_ms, clock_real_ms()))
		return OK;
	if ((e = begin_with(r, &s)) || (e = domain_work_load(r, w)) || !s.begun)
		return e;
	event(dkim_keys_made, STR(""), ev_str(w->name), ev_str(w->rotation.next[0]));
	return OK;
}

/* --- after --------------------------------------------------------------------------------- */

static const struct dkim_key *key_find(const struct domain_work *w, struct str selector)
{
	for (size_t i = 0; i < w->domain.keys.count; i++)
		if (str_eq(w->domain.keys.items[i].selector, selector))
			return &w->domain.keys.items[i];
	return NULL;
}

/* RFC 6376 3.6.2.2: what several records at the name mean is undefined. */
static bool is_shown(const struct round *r, struct domain_work *w, struct str selector)
{
	const struct dkim_key *k = key_find(w, selector);
	struct wanted_record want;
	struct dns_text_list list;

	if (k == NULL)
		return false;
	want = publish_key_record(k, &w->a);
	return dns_txt(r->zone.dns, &w->a, want.name, clock_mono_ms() + DNS_MS, &list) == DNS_OK &&
	       list.count == 1 && dkim_record_same(list.items[0], want.data);
}

static bool all_shown(const struct round *r, struct domain_work *w)
{
	for (size_t i = 0; i < w->rotation.next_count; i++)
		if (!is_shown(r, w, w->rotation.next[i]))
			return false;
	return true;
}

static enum err note_seen(struct txn *t, void *arg)
{
	struct step *s = arg;

	return rotation_seen(t, s->w->name, &s->look, &s->turned);
}

static enum err note_told(struct txn *t, void *arg)
{
	struct step *s = arg;
	struct rotation r;
	enum err e = rotation_get(t, s->w->name, txn_arena(t), &r);

	r.told_ms = clock_real_ms();
	return e == OK ? rotation_put(t, &r) : e;
}

/* An hour after they were made, and once a day from then on. */
static enum err waits(struct round *r, struct step *s)
{
	const struct rotation *now = &s->w->rotation;
	int64_t now_ms = clock_real_ms(), age_ms = now_ms - now->next_ms;
	bool first = now->told_ms == now->next_ms;

	if (age_ms < TELL_MS ||
	    (!first && now_ms >= now->told_ms && now_ms - now->told_ms < DAY_MS))
		return OK;
	event(dkim_keys_wait, STR(""), ev_str(s->w->name), ev_int(age_ms / 1000));
	return store_write(r->store, note_told, s, NULL);
}

/* Mail waits in the queue longer than others expect: its keys stay with it. */
static int64_t overlap_ms(const struct settings *s)
{
	return MAX((int64_t)LIMIT_dkim_overlap_ms, (int64_t)s->queue_expire_s * 1000 + DAY_MS);
}

enum err rotate_after(struct round *r, struct domain_work *w)
{
	struct step s = { .w = w,
		          .look = { .passed_ms = r->passed_ms,
		                    .settle_ms = LIMIT_dkim_settle_ms,
		                    .overlap_ms = overlap_ms(r->settings) } };
	int64_t age_ms = clock_real_ms() - w->rotation.next_ms;
	enum err e = OK;

	if (w->rotation.next_count == 0)
		return OK;
	s.look.seen = all_shown(r, w);
	if (s.look.seen || w->rotation.seen_ms >= 0)
		e = store_write(r->store, note_seen, &s, NULL);
	r->soon = r->soon || (s.look.seen && !s.turned) || (age_ms >= 0 && age_ms < EAGER_MS);
	if (e == OK && s.turned)
		event(dkim_keys_turned, STR(""), ev_str(w->name));
	return e == OK && !s.look.seen ? waits(r, &s) : e;
}
