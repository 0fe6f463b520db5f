/* console/api/access/audit.c: see audit.h. */
#include "console/api/access/audit.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "foundation/text/utf8.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { FORM = 1, VALUE_MAX = 4096, WORDS = 6, RECORD_MAX = 8 * VALUE_MAX };

/* The words of an entry in the order they are stored. */
static void words(struct audit *entry, struct str *to[static WORDS])
{
	to[0] = &entry->who;
	to[1] = &entry->from;
	to[2] = &entry->what;
	to[3] = &entry->target;
	to[4] = &entry->before;
	to[5] = &entry->after;
}

static bool parse(struct str key, struct str record, struct audit *out)
{
	struct unpack k = unpack_of(key), u = unpack_of(record);
	struct str *to[WORDS];

	out->id = unpack_be64(&k);
	unpack_u64(&u); /* the form: there is one */
	out->time_ms = (int64_t)unpack_u64(&u);
	words(out, to);
	for (size_t i = 0; i < WORDS; i++)
		*to[i] = unpack_str(&u);
	return unpack_ok(&k) && unpack_ok(&u);
}

/* The entry's strings are borrowed from the transaction: in a from here on. */
static void own(struct audit *entry, struct arena *a)
{
	struct str *to[WORDS];

	words(entry, to);
	for (size_t i = 0; i < WORDS; i++)
		*to[i] = str_dup(a, *to[i]);
}

static void pack_key(struct buf *key, uint64_t id)
{
	buf_init(key, 8);
	pack_be64(key, id);
}

/* The id after the last. */
static enum err id_next(struct txn *t, uint64_t *id)
{
	struct kv_iter it;

	*id = 1;
	kv_iter_prefix(&it, t, SPACE_AUDIT, STR_EMPTY);
	if (kv_iter_prev(&it)) {
		struct unpack u = unpack_of(it.key);

		*id = unpack_be64(&u) + 1;
	}
	return kv_iter_end(&it);
}

/* Ids have no gaps, so what is too old is one row. */
static enum err drop_oldest(struct txn *t, uint64_t id)
{
	struct buf key;
	enum err e;

	if (id <= LIMIT_audit_kept)
		return OK;
	pack_key(&key, id - LIMIT_audit_kept);
	e = kv_del(t, SPACE_AUDIT, buf_str(&key));
	buf_deinit(&key);
	return e == ERR_MISSING ? OK : e;
}

static enum err put(struct txn *t, struct audit *entry)
{
	struct buf key, record;
	struct str *to[WORDS];
	enum err e;

	pack_key(&key, entry->id);
	buf_init(&record, RECORD_MAX);
	pack_u64(&record, FORM);
	pack_u64(&record, (uint64_t)entry->time_ms);
	words(entry, to);
	for (size_t i = 0; i < WORDS; i++)
		pack_str(&record, utf8_cut(*to[i], VALUE_MAX));
	e = kv_put(t, SPACE_AUDIT, buf_str(&key), buf_str(&record));
	buf_deinit(&key);
	buf_deinit(&record);
	return e;
}

enum err audit_add(struct txn *t, const struct audit *entry)
{
	struct audit row = *entry;
	enum err e = id_next(t, &row.id);

	if (e == OK)
		e = drop_oldest(t, row.id);
	return e != OK ? e : put(t, &row);
}

static bool has(struct str s, struct str q)
{
	for (size_t i = 0; i + q.n <= s.n; i++) {
		if (str_eqi(str_sub(s, i, i + q.n), q))
			return true;
	}
	return false;
}

static bool matches(struct audit *entry, struct str q)
{
	struct str *to[WORDS];

	words(entry, to);
	for (size_t i = 0; i < WORDS; i++) {
		if (has(*to[i], q))
			return true;
	}
	return false;
}

enum err audit_list(struct txn *t, uint64_t before, struct str q, size_t limit, struct arena *a,
                    struct audit_list *out)
{
	struct kv_iter it;
	struct buf to;
	bool fits = true;
	enum err e;

	*out = (struct audit_list){ .items = arena_array(a, struct audit, limit) };
	pack_key(&to, before);
	kv_iter_init(&it, t, SPACE_AUDIT, STR_EMPTY, before != 0 ? buf_str(&to) : STR_EMPTY);
	buf_deinit(&to);
	while (fits && out->count < limit && kv_iter_prev(&it)) {
		struct audit *entry = &out->items[out->count];

		fits = parse(it.key, it.val, entry);
		if (fits && matches(entry, q)) {
			own(entry, a);
			out->count++;
		}
	}
	e = kv_iter_end(&it);
	return fits ? e : ERR_CORRUPT;
}

bool audit_read(const struct kv_iter *it, struct audit *out)
{
	return it->key.n == 8 && parse(it->key, it->val, out);
}
