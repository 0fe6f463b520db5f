/* operations/dns_publish/rotate.c: the rotation of a domain's keys; see publish_run.h and
 * model/directory/rotation.h. */
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "foundation/observe/event.h"
#include "model/queue/admin.h"
#include "model/store/store.h"
#include "network/dns/dns.h"
#include "operations/dns_publish/publish_run.h"

enum {
	DNS_MS = 3000,
	MINUTE_MS = 60000,
	EAGER_MS = 600000,
	TELL_MS = 3600000,
	DAY_MS = 86400000,
};

/* Input and result of a step. */
struct step {
	const struct domain_work *w;
	struct dkim_pair pair; /* its strings live during begin_with */
	struct rotation_look look;
	int64_t passed_ms, every_ms;
	size_t removed;
	bool begun, turned;
};

/* --- before publishing --------------------------------------------------------------------- */

static enum err mind(struct txn *t, void *arg)
{
	struct step *s = arg;
	int64_t oldest_ms;
	uint64_t count;
	enum err e = queue_size(t, &count, &oldest_ms);

	return e == OK ? rotation_mind(t, s->w->name, s->passed_ms, oldest_ms, &s->removed) : e;
}

static enum err rotate_begin(struct txn *t, void *arg)
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
	e = store_write(r->store, rotate_begin, s, NULL);
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
			event(dkim_keys_retired, STR(""), ev_str(w->name),
			      ev_int((int64_t)s.removed));
	}
	if (w->domain.keys.count == 0 ||
	    !rotation_is_due(&w->rotation, &w->domain.keys, s.every_ms, clock_real_ms()))
		return OK;
	if ((e = begin_with(r, &s)) || (e = domain_work_load(r, w)) || !s.begun)
		return e;
	event(dkim_keys_created, STR(""), ev_str(w->name), ev_str(w->rotation.next[0]));
	return OK;
}

/* --- after publishing ---------------------------------------------------------------------- */

static const struct dkim_key *key_find(const struct domain_work *w, struct str selector)
{
	for (size_t i = 0; i < w->domain.keys.count; i++)
		if (str_eq(w->domain.keys.items[i].selector, selector))
			return &w->domain.keys.items[i];
	return NULL;
}

/* RFC 6376 3.6.2.2: several records at the name are undefined. */
static bool is_shown(const struct sight *s, struct str want)
{
	size_t by = 0;

	for (size_t i = 0; i < s->count; i++) {
		if (!dkim_record_same(s->items[i].data, want))
			return false;
		by += s->items[i].by;
	}
	return s->answered != 0 && by == s->answered;
}

/* Verifiers use resolvers, so our own is checked too, but last, so that it does not cache
 * a missing record. */
static bool resolver_shows(const struct round *r, struct domain_work *w,
                           const struct wanted_record *want)
{
	struct dns_text_list list;

	return dns_txt(r->zone.dns, &w->a, want->name, clock_mono_ms() + DNS_MS, &list) == DNS_OK &&
	       list.count == 1 && dkim_record_same(list.items[0], want->data);
}

/* Check the next keys in DNS. Resolvers may have queried the names too early and cached
 * their absence. */
static void look_at_next(const struct round *r, struct domain_work *w, struct rotation_look *look)
{
	struct wanted_record want[ROTATION_NEXT];
	struct sight sights[ROTATION_NEXT];
	size_t n = w->rotation.next_count;

	look->seen = look->everywhere = true;
	for (size_t i = 0; i < n; i++) {
		const struct dkim_key *k = key_find(w, w->rotation.next[i]);

		if (k == NULL) {
			look->seen = false;
			return;
		}
		want[i] = publish_key_record(k, &w->a);
		sights[i] = (struct sight){ .name = want[i].name, .type = want[i].type };
	}
	r->zone.look(r->zone.look_arg, sights, n, &w->a);
	for (size_t i = 0; i < n; i++) {
		look->seen = look->seen && is_shown(&sights[i], want[i].data);
		look->everywhere = look->everywhere && sights[i].all;
		look->settle_ms = MAX(look->settle_ms, LIMIT_dkim_settle_ms + sights[i].denied_ms);
	}
	for (size_t i = 0; i < n && look->seen; i++)
		look->seen = resolver_shows(r, w, &want[i]);
}

static int64_t lasted_ms(const struct step *s, int64_t before_ms)
{
	return before_ms < 0 ? 0 : before_ms + s->look.passed_ms;
}

/* The remaining wait after this check. */
static int64_t left_ms(const struct step *s)
{
	const struct rotation *r = &s->w->rotation;
	int64_t ms = s->look.patience_ms - lasted_ms(s, r->seen_ms);

	return s->look.everywhere ? MIN(ms, s->look.settle_ms - lasted_ms(s, r->all_ms)) : ms;
}

static enum err note_seen(struct txn *t, void *arg)
{
	struct step *s = arg;

	return rotation_seen(t, s->w->name, &s->look, &s->turned);
}

static enum err note_logged(struct txn *t, void *arg)
{
	struct step *s = arg;
	struct rotation r;
	enum err e = rotation_get(t, s->w->name, txn_arena(t), &r);

	r.warned_ms = clock_real_ms();
	return e == OK ? rotation_put(t, &r) : e;
}

/* Log a key that is missing in DNS an hour after its creation, then once a day. */
static enum err waits(struct round *r, struct step *s)
{
	const struct rotation *now = &s->w->rotation;
	int64_t now_ms = clock_real_ms(), age_ms = now_ms - now->next_ms;
	bool first = now->warned_ms == now->next_ms;

	if (age_ms < TELL_MS ||
	    (!first && now_ms >= now->warned_ms && now_ms - now->warned_ms < DAY_MS))
		return OK;
	event(dkim_keys_unpublished, STR(""), ev_str(s->w->name), ev_int(age_ms / 1000));
	return store_write(r->store, note_logged, s, NULL);
}

/* Mail may stay in our queue longer than usual: its keys stay as long. */
int64_t rotate_overlap_ms(const struct settings *s)
{
	return MAX((int64_t)LIMIT_dkim_overlap_ms, (int64_t)s->queue_expire_s * 1000 + DAY_MS);
}

enum err rotate_after(struct round *r, struct domain_work *w)
{
	struct step s = { .w = w,
		          .look = { .passed_ms = r->passed_ms,
		                    .patience_ms = LIMIT_dkim_patience_ms,
		                    .overlap_ms = rotate_overlap_ms(r->settings) } };
	int64_t age_ms = clock_real_ms() - w->rotation.next_ms;
	enum err e = OK;

	if (w->rotation.next_count == 0)
		return OK;
	look_at_next(r, w, &s.look);
	if (s.look.seen || w->rotation.seen_ms >= 0)
		e = store_write(r->store, note_seen, &s, NULL);
	if (!s.turned && (s.look.seen ? left_ms(&s) < MINUTE_MS : age_ms >= 0 && age_ms < EAGER_MS))
		r->soon = true;
	if (e == OK && s.turned)
		event(dkim_keys_activated, STR(""), ev_str(w->name));
	return e == OK && !s.look.seen ? waits(r, &s) : e;
}
