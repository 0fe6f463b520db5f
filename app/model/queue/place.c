/* model/queue/place.c: moves entries when routing rules or pauses of domains change; see
 * queue_body.h.
 *
 *	queue_book: BOOK_PLACED -> hash of the rules and pauses by which all entries are placed
 *
 * After a change every entry is visited, some at a time, before anything else is taken. A
 * start with the same rules visits none. Entries being tried are placed when they come
 * back. */
#include "foundation/base/buf.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "model/queue/book.h"
#include "model/queue/entry.h"
#include "model/queue/pause_body.h"
#include "model/queue/queue.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/routing.h"
#include "model/queue/suppress.h"
#include "model/store/store.h"

#include <string.h>

enum { PLACED_VERSION = 1, PLACE_EACH = 500 };

/* --- the rules --------------------------------------------------------------------------- */

/* Pauses of domains matter only if several domains share a way. */
static enum err rests_put(struct txn *t, const struct settings *s, struct buf *b)
{
	const struct str *names = NULL;
	size_t count = 0;
	enum err e = OK;

	if (s->smarthost.n != 0 || s->routes.n != 0 || s->relays.n != 0)
		e = pauses_destinations(t, txn_arena(t), &names, &count);
	for (size_t i = 0; i < count; i++)
		pack_str(b, names[i]);
	return e;
}

static enum err rules_text(struct txn *t, const struct settings *s, struct str *text)
{
	struct buf b;
	enum err e;

	buf_init(&b, s->routes.n + 32 + (size_t)LIMIT_queue_pauses * (QUEUE_DESTINATION_MAX + 8));
	pack_u64(&b, PLACED_VERSION);
	pack_u64(&b, s->smarthost.n != 0);
	pack_str(&b, s->routes);
	e = rests_put(t, s, &b);
	*text = str_dup(txn_arena(t), buf_str(&b));
	buf_deinit(&b);
	return e;
}

struct compare {
	const struct settings *settings;
	bool same;
};

static enum err rules_compare(struct txn *t, void *arg)
{
	struct compare *c = arg;
	struct str placed = STR_EMPTY, text;
	enum err e = rules_text(t, c->settings, &text);

	if (e == OK)
		e = book_get(t, BOOK_PLACED, STR_EMPTY, &placed);
	c->same = e == OK && str_eq(placed, text);
	return e == ERR_MISSING ? OK : e;
}

enum err queue_reroute(struct queue *q, struct why *why)
{
	struct compare c = { .settings = settings_ref(q->live) };
	enum err e = store_read(q->store, rules_compare, &c);

	settings_unref(c.settings);
	if (e != OK)
		return fail(why, e, "the queue cannot be read");
	pthread_mutex_lock(&q->place_lock);
	if (!c.same || q->placing) {
		q->placing = true;
		q->place_next = 1;
		atomic_fetch_add(&q->rules, 1);
	}
	pthread_mutex_unlock(&q->place_lock);
	return OK;
}

unsigned queue_rules_now(struct queue *q)
{
	return atomic_load(&q->rules);
}

/* --- some entries ------------------------------------------------------------------------ */

struct slice {
	struct queue *q;
	const struct settings *settings;
	uint64_t from, next; /* next 0: the end */
	uint8_t rules[HASH_BYTES]; /* rules of entries below from, then of those below next */
};

/* Skips entries being tried and suppressed ones (suppress.h). */
static enum err entry_place(struct slice *s, struct txn *t, const struct routes *routes,
                            const struct kv_iter *it)
{
	struct queue_item old, item;
	enum err e = record_read(it, txn_arena(t), &old);

	if (e != OK)
		return e == ERR_CORRUPT ? OK : e; /* fsck reports it */
	if (old.holder != 0 || str_eq(old.envelope.route, SUPPRESS_ROUTE))
		return OK;
	item = old;
	return routing_change(s->q, t, routes, &old, &item);
}

static enum err slice_place(struct txn *t, void *arg)
{
	struct slice *s = arg;
	uint8_t rules[HASH_BYTES];
	struct routes routes;
	struct kv_iter it;
	struct str text;
	enum err e = routing_of(s->settings, txn_arena(t), &routes, txn_why(t)), walked;
	unsigned n = 0;

	if (e == OK)
		e = routing_rests(t, &routes);
	if (e == OK)
		e = rules_text(t, s->settings, &text);
	if (e != OK)
		return e;
	hash_blake2b_256(text, rules);
	if (memcmp(rules, s->rules, sizeof rules) != 0) /* changed meanwhile: start over */
		s->from = 1;
	memcpy(s->rules, rules, sizeof rules);
	s->next = 0;
	record_iter(&it, t, s->from);
	while (e == OK && s->next == 0 && kv_iter_next(&it))
		if (n++ == PLACE_EACH)
			s->next = record_iter_id(&it);
		else
			e = entry_place(s, t, &routes, &it);
	walked = kv_iter_end(&it);
	if (e == OK && walked == OK && s->next == 0)
		e = book_put(t, BOOK_PLACED, STR_EMPTY, text);
	return e != OK ? e : walked;
}

/* The lock is held during a commit, so no function or announcement of one may take it. */
enum err queue_place(struct queue *q, bool *more, struct why *why)
{
	struct slice s = { .q = q };
	enum err e = OK;

	pthread_mutex_lock(&q->place_lock);
	if (q->placing) {
		s.settings = settings_ref(q->live);
		s.from = q->place_next;
		memcpy(s.rules, q->place_rules, sizeof s.rules);
		e = store_write(q->store, slice_place, &s, why);
		settings_unref(s.settings);
		if (e == OK) {
			q->placing = s.next != 0;
			q->place_next = s.next;
			memcpy(q->place_rules, s.rules, sizeof s.rules);
		}
	}
	*more = q->placing;
	pthread_mutex_unlock(&q->place_lock);
	return e;
}
