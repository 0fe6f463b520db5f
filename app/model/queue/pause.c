/* model/queue/pause.c: pauses set by an administrator; see queue.h.
 *
 *	queue_book: BOOK_PAUSE, "a"              -> since, reason: everything
 *	            BOOK_PAUSE, "q", queue       -> a named queue
 *	            BOOK_PAUSE, "d", destination -> one destination; its domain in normal form */
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "model/queue/book.h"
#include "model/queue/class.h"
#include "model/queue/entry.h"
#include "model/queue/pause_body.h"
#include "model/queue/pauses.h"
#include "model/store/store.h"

enum { PAUSE_VERSION = 1, KEY = 1 + QUEUE_DESTINATION_MAX, REASON_MAX = 200 };

static const char letters[] = {
	[QUEUE_PAUSE_ALL] = 'a', [QUEUE_PAUSE_QUEUE] = 'q', [QUEUE_PAUSE_DESTINATION] = 'd'
};

/* Destinations have A-labels in lower case; administrators type U-labels
 * (foundation/text/idna.h). */
static struct str destination_normal(struct arena *a, struct str name)
{
	struct str route, domain, way;

	route_key_split(name, &route, &domain);
	way = str_sub(name, 0, name.n - domain.n);
	return str_fmt(a, "%.*s%.*s", STR_ARG(str_lower(a, way)),
	               STR_ARG(mailaddr_domain_normal(a, domain)));
}

/* ERR_LIMIT: the name is too long for a row. */
static enum err row_key(struct arena *a, char to[static KEY], enum queue_pause_of of,
                        struct str name, struct str *out)
{
	struct buf b;

	buf_init_in(&b, to, KEY);
	buf_byte(&b, letters[of]);
	if (of != QUEUE_PAUSE_ALL)
		buf_put(&b, of == QUEUE_PAUSE_DESTINATION ? destination_normal(a, name) : name);
	*out = buf_str(&b);
	return buf_ok(&b) ? OK : ERR_LIMIT;
}

static bool row_read(const struct kv_iter *it, struct arena *a, struct queue_pause *out)
{
	struct unpack u = unpack_of(it->val);
	struct str key = book_iter_key(it);
	bool good = unpack_u64(&u) == PAUSE_VERSION && key.n != 0;

	*out = (struct queue_pause){ .since_ms = (int64_t)unpack_u64(&u) };
	out->reason = str_dup(a, unpack_str(&u));
	while (good && out->of < QUEUE_PAUSE_KINDS && letters[out->of] != key.p[0])
		out->of++;
	out->name = str_dup(a, str_sub(key, 1, key.n));
	return good && unpack_ok(&u) && out->of < QUEUE_PAUSE_KINDS;
}

/* Is there room for another one, if it does not exist? */
static enum err room_check(struct txn *t, struct str key)
{
	size_t count = 0;
	struct kv_iter it;
	struct str row;
	enum err e = book_get(t, BOOK_PAUSE, key, &row), walked;

	if (e != ERR_MISSING)
		return e;
	book_iter(&it, t, BOOK_PAUSE);
	while (kv_iter_next(&it))
		count++;
	walked = kv_iter_end(&it);
	if (walked == OK && count >= LIMIT_queue_pauses)
		return fail(txn_why(t), ERR_LIMIT, "%d pauses are there: resume something first",
		            LIMIT_queue_pauses);
	return walked;
}

enum err queue_pause(struct txn *t, const struct queue_pause *pause)
{
	char bytes[KEY];
	struct str key;
	struct buf b;
	enum err e = row_key(txn_arena(t), bytes, pause->of, pause->name, &key);

	if (e != OK)
		return fail(txn_why(t), e, "this name is too long");
	if ((e = room_check(t, key)))
		return e;
	buf_init(&b, 2 * REASON_MAX);
	pack_u64(&b, PAUSE_VERSION);
	pack_u64(&b, (uint64_t)pause->since_ms);
	pack_str(&b, str_sub(pause->reason, 0, REASON_MAX));
	e = book_put(t, BOOK_PAUSE, key, buf_str(&b));
	buf_deinit(&b);
	return e;
}

enum err queue_resume(struct txn *t, enum queue_pause_of of, struct str name)
{
	char bytes[KEY];
	struct str key;

	return row_key(txn_arena(t), bytes, of, name, &key) == OK ? book_del(t, BOOK_PAUSE, key)
	                                                          : ERR_MISSING;
}

enum err queue_pauses_read(struct txn *t, struct arena *a, struct queue_pauses *out)
{
	struct kv_iter it;

	*out = (struct queue_pauses){ .items = arena_array(a, struct queue_pause,
		                                           LIMIT_queue_pauses) };
	book_iter(&it, t, BOOK_PAUSE);
	while (out->count < LIMIT_queue_pauses && kv_iter_next(&it))
		out->count += row_read(&it, a, &out->items[out->count]);
	return kv_iter_end(&it);
}

enum err pauses_destinations(struct txn *t, struct arena *a, const struct str **names,
                             size_t *count)
{
	struct str *found = NULL;
	size_t room = 0;
	struct kv_iter it;

	*count = 0;
	book_iter(&it, t, BOOK_PAUSE);
	while (*count < LIMIT_queue_pauses && kv_iter_next(&it)) {
		struct str key = book_iter_key(&it);

		if (key.n < 2 || key.p[0] != letters[QUEUE_PAUSE_DESTINATION])
			continue; /* of another kind, or of the whole smarthost */
		if (*count == room) {
			struct str *grown = arena_array(a, struct str, MAX(2 * room, (size_t)8));

			for (size_t i = 0; i < *count; i++)
				grown[i] = found[i];
			found = grown;
			room = MAX(2 * room, (size_t)8);
		}
		found[(*count)++] = str_dup(a, str_sub(key, 1, key.n));
	}
	*names = found;
	return kv_iter_end(&it);
}

bool pause_fits(const struct queue_pause *pause, const struct queue_destination *dest)
{
	struct str route, domain;

	switch (pause->of) {
	case QUEUE_PAUSE_ALL:
		return true;
	case QUEUE_PAUSE_QUEUE:
		return str_eq(pause->name, dest->queue);
	default:
		route_key_split(dest->destination, &route, &domain);
		return str_eqi(pause->name, dest->destination) ||
		       (domain.n != 0 && str_eqi(pause->name, domain));
	}
}

bool queue_is_paused(const struct queue_pauses *pauses, const struct settings *s,
                     const struct queue_item *item)
{
	const struct queue_destination dest = { item->queue, item->envelope.route,
		                                item->destination };

	for (size_t i = 0; i < pauses->count; i++)
		if (pause_fits(&pauses->items[i], &dest))
			return true;
	return queue_class_of(s, item->queue).paused;
}

/* --- in memory --------------------------------------------------------------------------- */

enum err pauses_load(struct queue *q, struct txn *t, bool *news)
{
	struct queue_pauses pauses;
	enum err e = queue_pauses_read(t, txn_arena(t), &pauses);

	*news = e == OK && dests_pause(q->dests, &pauses);
	if (*news)
		atomic_fetch_add(&q->rules, 1); /* entries not begun yet are released */
	return e;
}
