/* model/history/sent_waits.c: the queue entries of a message; see sent.h.
 *
 *	sent_waits: account, id, entry of the queue -> nothing */
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "model/history/sent.h"
#include "model/store/kv.h"

#include <string.h>

enum { WAITS_KEY = 4 + 8 + 8, PREFIX = 4 + 8 };

struct key {
	struct buf b;
	char room[WAITS_KEY];
};

static struct str sent_waits_key_of(struct key *k, uint32_t account, uint64_t id, uint64_t entry)
{
	buf_init_in(&k->b, k->room, sizeof k->room);
	pack_be32(&k->b, account);
	pack_be64(&k->b, id);
	pack_be64(&k->b, entry);
	return buf_str(&k->b);
}

enum err sent_waits_put(struct txn *t, uint32_t account, uint64_t id, uint64_t entry)
{
	struct key k;

	return kv_put(t, SPACE_SENT_WAITS, sent_waits_key_of(&k, account, id, entry), STR_EMPTY);
}

enum err sent_waits_del(struct txn *t, uint32_t account, uint64_t id, uint64_t entry)
{
	struct key k;
	enum err e = kv_del(t, SPACE_SENT_WAITS, sent_waits_key_of(&k, account, id, entry));

	return e == ERR_MISSING ? OK : e;
}

enum err sent_waits_check(struct txn *t, uint32_t account, uint64_t id, uint64_t entry)
{
	struct key k;

	return kv_get(t, SPACE_SENT_WAITS, sent_waits_key_of(&k, account, id, entry), NULL);
}

static void waits_iter(struct kv_iter *it, struct txn *t, struct key *k, uint32_t account,
                       uint64_t id)
{
	kv_iter_prefix(it, t, SPACE_SENT_WAITS,
	               str_sub(sent_waits_key_of(k, account, id, 0), 0, PREFIX));
}

enum err sent_waits(struct txn *t, uint32_t account, uint64_t id, bool *waits)
{
	struct kv_iter it;
	struct key k;

	waits_iter(&it, t, &k, account, id);
	*waits = kv_iter_next(&it);
	return kv_iter_end(&it);
}

static void sent_waits_entry_add(struct sent_entries *to, size_t *room, uint64_t entry,
                                 struct arena *a)
{
	if (to->count == *room) {
		uint64_t *grown;

		*room = MAX(2 * *room, (size_t)16);
		grown = arena_array(a, uint64_t, *room);
		if (to->count != 0)
			memcpy(grown, to->items, to->count * sizeof *grown);
		to->items = grown;
	}
	to->items[to->count++] = entry;
}

enum err sent_waits_get(struct txn *t, uint32_t account, uint64_t id, struct arena *a,
                        struct sent_entries *out)
{
	struct kv_iter it;
	size_t room = 0;
	struct key k;

	*out = (struct sent_entries){ .count = 0 };
	waits_iter(&it, t, &k, account, id);
	while (kv_iter_next(&it)) {
		struct unpack u = unpack_of(it.key);

		(void)unpack_be32(&u);
		(void)unpack_be64(&u);
		sent_waits_entry_add(out, &room, unpack_be64(&u), a);
	}
	return kv_iter_end(&it);
}

enum err sent_waits_count(struct txn *t, uint64_t *count)
{
	struct kv_iter it;

	*count = 0;
	kv_iter_prefix(&it, t, SPACE_SENT_WAITS, STR_EMPTY);
	while (kv_iter_next(&it))
		*count += 1;
	return kv_iter_end(&it);
}
