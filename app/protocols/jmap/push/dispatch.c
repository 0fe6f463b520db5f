/* protocols/jmap/push/dispatch.c: the subscriptions and the threads that serve them; see
 * dispatch.h. */
#include "protocols/jmap/push/dispatch.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/list.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/key.h"
#include "foundation/text/base64url.h"
#include "foundation/text/json.h"
#include "model/directory/row.h"
#include "model/objects/objects.h"
#include "model/store/store.h"
#include "protocols/jmap/push/push.h"
#include "protocols/jmap/push/push_post.h"

#include <string.h>

enum {
	PUSH_THREADS = 4,
	PUSH_TEXT_MAX = 256 << 10,
	PUSH_REST_MOST_S = 3600,
	PUSH_STORE_REST_MS = 10000, /* after an error of the store */
};

/* A subscription in memory. Fields without a note belong to the thread that has set busy. */
struct push_target {
	struct list link; /* lock */
	struct jmap_push *push;
	uint32_t account;
	uint64_t id;
	struct push_changes changes;
	bool watching, from_start;
	unsigned failures;
	int64_t rest_until_ms; /* lock; no request before, because one has failed */
	int64_t due_ms;        /* lock */
	bool busy, noted, verify; /* lock */
};

struct jmap_push {
	const struct jmap_server *server;
	struct push_sender sender;
	struct str public;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t threads[PUSH_THREADS];
	size_t thread_count;
	struct list targets; /* lock */
	atomic_bool stopping; /* set under lock */
	int64_t check_ms; /* lock: of moves */
	uint64_t moves;   /* row_login_moves at the last check */
};

/* --- Targets --------------------------------------------------------------------------------- */

static void target_due(struct push_target *t, int64_t pause_ms)
{
	t->noted = true;
	t->due_ms = MIN(t->due_ms, MAX(clock_mono_ms() + pause_ms, t->rest_until_ms));
	pthread_cond_signal(&t->push->wake);
}

/* On a committing thread. */
static void target_changed(void *arg)
{
	struct push_target *t = arg;

	pthread_mutex_lock(&t->push->lock);
	target_due(t, PUSH_PAUSE_MS);
	pthread_mutex_unlock(&t->push->lock);
}

static struct push_target *target_find(struct jmap_push *p, uint32_t account, uint64_t id)
{
	list_each(it, &p->targets)
	{
		struct push_target *t = container_of(it, struct push_target, link);

		if (t->account == account && t->id == id)
			return t;
	}
	return NULL;
}

static struct push_target *target_new(struct jmap_push *p, uint32_t account, uint64_t id)
{
	struct push_target *t = NEW(struct push_target);

	t->push = p;
	t->account = account;
	t->id = id;
	t->due_ms = INT64_MAX;
	list_push_back(&p->targets, &t->link);
	return t;
}

/* It is in no list any more. */
static void target_free(struct push_target *t)
{
	if (t->watching)
		push_changes_deinit(&t->changes);
	mem_free(t);
}

void jmap_push_note(struct jmap_push *p, uint32_t account, uint64_t id, bool verify)
{
	struct push_target *t;

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	t = target_find(p, account, id);
	if (t == NULL)
		t = target_new(p, account, id);
	t->verify |= verify;
	target_due(t, 0);
	pthread_mutex_unlock(&p->lock);
}

/* --- Work for one --------------------------------------------------------------------------- */

struct target_read {
	struct push_target *target;
	struct arena *a;
	struct push_subscription subscription;
	struct jmap_caller caller;
	bool ended; /* it has expired, or its login has ended */
};

static enum err target_read(struct txn *t, void *arg)
{
	struct target_read *r = arg;
	const struct jmap_server *s = r->target->push->server;
	struct push_subscription *x = &r->subscription;
	enum err e = push_subscription_get(t, r->target->account, r->target->id, r->a, x);

	if (e != OK)
		return e;
	r->caller = (struct jmap_caller){ .account = r->target->account,
		                          .address = x->address,
		                          .scopes = x->scopes };
	memcpy(r->caller.login, x->login.p, MIN(x->login.n, sizeof r->caller.login));
	r->ended = x->expires_ms <= clock_real_ms();
	if (r->ended || s->login_check == NULL)
		return OK;
	e = s->login_check(t, &r->caller);
	r->ended = e == ERR_MISSING;
	return r->ended ? OK : e;
}

static enum err target_remove(struct txn *t, void *arg)
{
	const struct push_target *x = arg;
	enum err e = object_remove(t, x->account, OBJECT_PUSH, x->id);

	return e == ERR_MISSING ? OK : e;
}

/* The types may have changed since. */
static void types_set(struct push_changes *p, struct str text, struct arena *a)
{
	struct json types;
	struct json_iter it;
	struct str name;

	p->types = 0;
	if (!json_parse(a, text, &types) || json_kind(types) != JSON_ARRAY) {
		push_types_all(p);
		return;
	}
	it = json_iter(types);
	while (json_next(&it))
		if (json_str(it.value, &name))
			push_types_add(p, name);
}

static enum err watch_begin(struct push_target *t, const struct target_read *r)
{
	enum err e;

	if (t->watching)
		return OK;
	push_changes_init(&t->changes, t->push->server, &r->caller);
	t->changes.notify = target_changed;
	t->changes.notify_arg = t;
	t->watching = true;
	e = push_changes_begin(&t->changes, (struct waker){ NULL, 0, 0 });
	if (t->from_start)
		push_changes_forget(&t->changes);
	return e;
}

/* ERR_MISSING: the push service has no such URL any more. ERR_RETRY: try later. */
static enum err changes_send(struct push_target *t, const struct target_read *r, int64_t *rest_s)
{
	struct str state;
	struct buf text;
	bool changed;
	enum err e;

	buf_init(&text, PUSH_TEXT_MAX);
	types_set(&t->changes, r->subscription.types, r->a);
	e = push_changes_put(&t->changes, false, r->a, &text, &changed, &state);
	if (e == OK && changed)
		e = push_post_changes(&t->push->sender, &r->subscription, buf_str(&text), r->a,
		                      rest_s);
	buf_deinit(&text);
	if (e != OK)
		push_changes_forget(&t->changes);
	return e;
}

static int64_t rest_ms(struct push_target *t, int64_t rest_s)
{
	t->failures++;
	if (rest_s == 0)
		rest_s = (int64_t)1 << MIN(t->failures, 12u);
	return MIN(rest_s, (int64_t)PUSH_REST_MOST_S) * 1000;
}

/* False: it is gone, from the store too. *rest: how long to wait after a failure; 0: it was none.
 * *expires_ms: of the clock. */
static bool target_serve(struct push_target *t, bool verify, int64_t *rest, int64_t *expires_ms)
{
	struct arena a;
	struct target_read r = { .target = t, .a = &a };
	struct why why = { "" };
	int64_t rest_s = 0;
	bool gone;
	enum err e;

	arena_init(&a, true);
	e = store_read(t->push->server->store, target_read, &r);
	gone = e == ERR_MISSING;
	*rest = e == OK || gone ? 0 : PUSH_STORE_REST_MS;
	*expires_ms = r.subscription.expires_ms;
	if (e == OK && !r.ended && verify)
		push_post_verification(&t->push->sender, &r.subscription, t->account, &a);
	if (e == OK && !r.ended && r.subscription.verified && (e = watch_begin(t, &r)) == OK)
		e = changes_send(t, &r, &rest_s);
	if (e == OK)
		t->failures = 0;
	else if (!gone && e != ERR_MISSING)
		*rest = rest_ms(t, rest_s);
	if (!gone && (e == ERR_MISSING || (e == OK && r.ended))) {
		e = store_write(t->push->server->store, target_remove, t, &why);
		gone = e == OK;
		*rest = gone ? 0 : PUSH_STORE_REST_MS;
	}
	arena_deinit(&a);
	return !gone;
}

/* --- Threads ------------------------------------------------------------------------------- */

static enum err moves_read(struct txn *t, void *arg)
{
	return row_login_moves(t, arg);
}

/* Under the lock, which it releases meanwhile: when any login may have ended, all are checked. */
static void moves_check(struct jmap_push *p)
{
	uint64_t moves = p->moves;

	p->check_ms = clock_mono_ms() + PUSH_CHECK_MS;
	pthread_mutex_unlock(&p->lock);
	(void)!store_read(p->server->store, moves_read, &moves);
	pthread_mutex_lock(&p->lock);
	if (moves == p->moves)
		return;
	p->moves = moves;
	list_each(it, &p->targets)
		target_due(container_of(it, struct push_target, link), 0);
}

/* Under the lock. NULL: none is idle. */
static struct push_target *target_first(struct jmap_push *p)
{
	struct push_target *first = NULL;

	list_each(it, &p->targets)
	{
		struct push_target *t = container_of(it, struct push_target, link);

		if (!t->busy && (first == NULL || t->due_ms < first->due_ms))
			first = t;
	}
	return first;
}

/* Under the lock, which it releases meanwhile. */
static void target_run(struct jmap_push *p, struct push_target *t)
{
	bool verify = t->verify, stays;
	int64_t rest, expires_ms;

	t->busy = true;
	t->noted = t->verify = false;
	t->due_ms = INT64_MAX;
	pthread_mutex_unlock(&p->lock);
	stays = target_serve(t, verify, &rest, &expires_ms);
	pthread_mutex_lock(&p->lock);
	t->busy = false;
	if (!stays && !t->verify) {
		list_remove(&t->link);
		pthread_mutex_unlock(&p->lock);
		target_free(t);
		pthread_mutex_lock(&p->lock);
		return;
	}
	t->rest_until_ms = rest != 0 ? clock_mono_ms() + rest : 0;
	t->due_ms = MAX(t->due_ms, t->rest_until_ms);
	t->due_ms = MIN(t->due_ms, rest != 0 ? t->rest_until_ms : INT64_MAX);
	t->due_ms = MIN(t->due_ms, clock_mono_ms() + MAX(expires_ms - clock_real_ms(), 1000));
}

static void *push_thread_run(void *arg)
{
	struct jmap_push *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!atomic_load(&p->stopping)) {
		struct push_target *t = target_first(p);
		int64_t now_ms = clock_mono_ms();

		if (now_ms >= p->check_ms)
			moves_check(p);
		else if (t != NULL && t->due_ms <= now_ms)
			target_run(p, t);
		else
			cond_wait_until(&p->wake, &p->lock,
			                MIN(t != NULL ? t->due_ms : INT64_MAX, p->check_ms));
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* --- Begin and end ------------------------------------------------------------------------- */

static enum err push_key_read(struct txn *t, void *arg)
{
	struct jmap_push *p = arg;

	key_free(p->sender.key); /* of a run before */
	p->sender.key = NULL;
	return vapid_key_ensure(t, &p->sender.key);
}

/* Rows of all accounts, by the time at which they expire. */
static enum err targets_read(struct txn *t, void *arg)
{
	struct jmap_push *p = arg;
	struct object_due_walk w;
	uint32_t account;
	uint64_t id;

	object_due_walk_init(&w, t, OBJECT_PUSH);
	while (object_due_walk_next(&w, &account, &id)) {
		struct push_target *x = target_new(p, account, id);

		x->from_start = true;
		x->due_ms = 0;
	}
	return object_due_walk_end(&w);
}

enum err jmap_push_open(const struct jmap_server *s, struct jmap_push **out, struct why *why)
{
	struct jmap_push *p = NEW(struct jmap_push);
	struct arena a = { 0 };
	enum err e;

	*out = p;
	p->server = s;
	p->sender.server = s;
	p->sender.stop = &p->stopping;
	list_init(&p->targets);
	pthread_mutex_init(&p->lock, NULL);
	cond_init(&p->wake);
	if ((e = store_write(s->store, push_key_read, p, why)))
		return e;
	p->public = str_new(base64url_of(&a, key_public(p->sender.key)));
	arena_deinit(&a);
	(void)!store_read(s->store, moves_read, &p->moves);
	if ((e = store_read(s->store, targets_read, p)))
		return fail(why, e, "the push subscriptions cannot be read");
	while (p->thread_count < PUSH_THREADS) {
		if (pthread_create(&p->threads[p->thread_count], NULL, push_thread_run, p) != 0)
			return fail(why, ERR_IO, "cannot start a thread for push messages");
		p->thread_count++;
	}
	return OK;
}

void jmap_push_close(struct jmap_push **out)
{
	struct jmap_push *p = *out;

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	atomic_store(&p->stopping, true);
	pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	while (!list_empty(&p->targets))
		target_free(container_of(list_pop_front(&p->targets), struct push_target, link));
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	key_free(p->sender.key);
	str_free(&p->public);
	mem_clear(out);
}

struct str jmap_push_public(const struct jmap_push *p)
{
	return p->public;
}
