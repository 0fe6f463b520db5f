/* flow/policy/memory/recall_rows.c: the stored entries; see recall.h.
 *
 *	key:   "policy:m", kind, 16 bytes of BLAKE2b of the key
 *	value: version, until_ms, value */
#include "flow/policy/memory/recall_body.h"
#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"
#include "foundation/observe/event.h"
#include "model/store/kv.h"
#include "model/store/store.h"

#include <string.h>

enum { RECORD_MAX = 64, WALK_BATCH = 1000, VERSION = 1 };

struct str recall_row_key(char to[static RECALL_KEY_BYTES], enum recall_kind kind, struct str key)
{
	uint8_t hash[HASH_BYTES];

	hash_blake2b_256(key, hash);
	memcpy(to, "policy:m", 8);
	to[8] = (char)kind;
	memcpy(to + 9, hash, 16);
	return str_from(to, RECALL_KEY_BYTES);
}

/* --- one row -------------------------------------------------------------------------------- */

static bool recall_row_parse(struct str record, struct recall_entry *out)
{
	struct unpack u = unpack_of(record);
	uint64_t version = unpack_u64(&u);

	out->until_ms = (int64_t)unpack_u64(&u);
	out->value = (int64_t)unpack_u64(&u);
	return unpack_ok(&u) && version == VERSION;
}

struct looking {
	struct str key;
	struct recall_entry found;
};

static enum err recall_row_lookup(struct txn *t, void *arg)
{
	struct looking *l = arg;
	struct str record;
	enum err e = kv_get(t, SPACE_LOOKUP, l->key, &record);

	if (e == OK && !recall_row_parse(record, &l->found))
		e = ERR_CORRUPT;
	return e;
}

void recall_row_look(struct recall *m, struct str key, struct recall_entry *out)
{
	struct looking l = { .key = key };

	if (store_read(m->store, recall_row_lookup, &l) != OK)
		l.found.until_ms = 0;
	*out = l.found;
}

enum err recall_row_put(struct txn *t, struct str key, const struct recall_entry *entry)
{
	char room[RECORD_MAX];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, VERSION);
	pack_u64(&b, (uint64_t)entry->until_ms);
	pack_u64(&b, (uint64_t)entry->value);
	return kv_put(t, SPACE_LOOKUP, key, buf_str(&b));
}

/* --- expiry and eviction --------------------------------------------------------------- */

/* A walk over rows from a key on, as many as fit into one transaction. It may run again,
 * so it keeps no sums. */
struct walking {
	struct str from, until;
	int64_t now_ms;
	bool all;              /* remove expired ones everywhere                    */
	size_t evict;          /* else: stop after removing so many, expired or not */
	size_t kept, gone;
	char next[RECALL_KEY_BYTES];  /* key to continue from                 */
	bool more;
};

static enum err walk_batch(struct txn *t, void *arg)
{
	struct walking *w = arg;
	size_t seen = 0;
	struct kv_iter it;
	enum err e = OK, walked;

	w->kept = w->gone = 0;
	w->more = false;
	kv_iter_init(&it, t, SPACE_LOOKUP, w->from, w->until);
	while (e == OK && !w->more && (w->all || w->gone < w->evict) && kv_iter_next(&it)) {
		struct recall_entry row;
		bool over = !recall_row_parse(it.val, &row) || row.until_ms <= w->now_ms;

		if (seen++ == WALK_BATCH && it.key.n == RECALL_KEY_BYTES) {
			memcpy(w->next, it.key.p, RECALL_KEY_BYTES);
			w->more = true;
		} else if (over || !w->all) {
			w->gone++;
			e = kv_del(t, SPACE_LOOKUP, it.key);
		} else {
			w->kept++;
		}
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

/* Visit the rows from a prefix to the next: remove expired ones, or any until *evict are
 * removed. Updates kept and *evict. */
static enum err recall_row_walk(struct recall *m, struct str from, struct str until, size_t *evict,
                                size_t *kept, struct why *why)
{
	char at[RECALL_KEY_BYTES];
	struct walking w = { .from = from,
		             .until = until,
		             .now_ms = clock_real_ms(),
		             .all = evict == NULL };
	enum err e;

	do {
		w.evict = evict != NULL ? *evict : 0;
		if ((e = store_write(m->store, walk_batch, &w, why)))
			return e;
		*kept += w.kept;
		if (evict != NULL)
			*evict -= w.gone;
		memcpy(at, w.next, RECALL_KEY_BYTES);
		w.from = str_from(at, RECALL_KEY_BYTES);
	} while (w.more);
	return OK;
}

enum err recall_rows_evict(struct recall *m, size_t more, struct why *why)
{
	static const enum recall_kind kinds[] = { RECALL_GREY,    RECALL_SEEN,
		                                  RECALL_BUCKET,  RECALL_GREETED,
		                                  RECALL_NOTIFIED, RECALL_RCPT };
	size_t too_many = m->rows + more - MIN(m->rows + more, m->rows_max / 16 * 15);
	size_t left = too_many;
	enum err e = OK;

	for (size_t i = 0; e == OK && left != 0 && i < COUNT(kinds); i++) {
		char from[] = "policy:m?", until[] = "policy:m?";
		size_t kept = 0;

		from[8] = (char)kinds[i];
		until[8] = (char)(kinds[i] + 1);
		e = recall_row_walk(m, str_of(from), str_of(until), &left, &kept, why);
	}
	m->rows -= MIN(m->rows, too_many - left);
	event(policy_memory_trimmed, STR(""), ev_int((int64_t)(too_many - left)));
	return e;
}

enum err recall_expire(struct recall *m, struct why *why)
{
	size_t kept = 0;
	enum err e;

	pthread_mutex_lock(&m->flush);
	e = recall_row_walk(m, STR("policy:m"), STR("policy:n"), NULL, &kept, why);
	if (e == OK)
		m->rows = kept;
	pthread_mutex_unlock(&m->flush);
	return e;
}

/* --- counting -------------------------------------------------------------------------------- */

static enum err recall_row_count(struct txn *t, void *arg)
{
	struct recall *m = arg;
	struct kv_iter it;
	size_t rows = 0;
	enum err e;

	kv_iter_prefix(&it, t, SPACE_LOOKUP, STR("policy:m"));
	while (kv_iter_next(&it))
		rows++;
	e = kv_iter_end(&it);
	if (e == OK)
		m->rows = rows;
	return e;
}

enum err recall_rows_count(struct recall *m)
{
	return store_read(m->store, recall_row_count, m);
}
