/* model/mailbox/own_seen.c: see own_seen.h. */
#include "model/mailbox/own_seen.h"

#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/uids.h"
#include "model/store/store.h"

#include <string.h>

enum {
	SEEN_FORM = 1,
	RECORD_MAX = 2 * SEEN_BLOCK, /* worst case: every other UID, two numbers of one byte each */
};

/* --- Records ---------------------------------------------------------------------------- */

static bool bit(const uint64_t *bits, uint32_t i)
{
	return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static uint32_t bits_count(const uint64_t *bits)
{
	uint32_t n = 0;

	for (size_t i = 0; i < SEEN_BLOCK / 64; i++)
		n += (uint32_t)__builtin_popcountll(bits[i]);
	return n;
}

/* The number of UIDs, then runs: how many UIDs are not in the set, and how many then are. */
static void seen_pack(struct buf *out, const uint64_t *bits)
{
	uint32_t i = 0, from;

	pack_u64(out, SEEN_FORM);
	pack_u64(out, bits_count(bits));
	while (i < SEEN_BLOCK) {
		for (from = i; i < SEEN_BLOCK && !bit(bits, i);)
			i++;
		if (i == SEEN_BLOCK)
			break;
		pack_u64(out, i - from);
		for (from = i; i < SEEN_BLOCK && bit(bits, i);)
			i++;
		pack_u64(out, i - from);
	}
}

bool own_seen_unpack(struct str record, uint32_t *count, uint64_t bits[SEEN_BLOCK / 64])
{
	struct unpack u = unpack_of(record);
	uint32_t i = 0, skip, n;

	memset(bits, 0, SEEN_BLOCK / 8);
	if (unpack_u64(&u) != SEEN_FORM)
		return false;
	*count = unpack_u32(&u);
	while (unpack_more(&u)) {
		skip = unpack_u32(&u);
		n = unpack_u32(&u);
		if (skip > SEEN_BLOCK - i || n > SEEN_BLOCK - i - skip)
			return false;
		i += skip;
		for (; n > 0; n--, i++)
			bits[i / 64] |= BIT64(i % 64);
	}
	return unpack_ok(&u) && bits_count(bits) == *count;
}

bool own_seen_row_read(const struct kv_iter *it, struct own_seen_row *out)
{
	struct unpack key = unpack_of(it->key);

	out->account = unpack_be32(&key);
	out->mailbox = unpack_be32(&key);
	out->user = unpack_be32(&key);
	out->block = unpack_be32(&key);
	return unpack_ok(&key) && !unpack_more(&key) &&
	       own_seen_unpack(it->val, &out->count, out->bits);
}

/* --- Blocks ----------------------------------------------------------------------------- */

static void key_block(struct key *k, const struct own_seen *s, uint32_t user)
{
	key_mailbox(k, s->account, s->mailbox);
	key_u32(k, user);
	key_u32(k, s->block);
}

/* ERR_MISSING: the user has no such row; bits are empty then, and when it is damaged. */
static enum err own_seen_row_get(const struct own_seen *s, uint32_t user, uint64_t *bits)
{
	struct str record;
	struct key k;
	uint32_t count;
	enum err e;

	key_block(&k, s, user);
	memset(bits, 0, SEEN_BLOCK / 8);
	if ((e = kv_get(s->t, SPACE_SEEN, key_str(&k), &record)))
		return e;
	if (!own_seen_unpack(record, &count, bits)) /* the emails are still readable */
		memset(bits, 0, SEEN_BLOCK / 8);
	return OK;
}

static enum err block_load(struct own_seen *s, uint32_t block)
{
	enum err e;

	if (s->loaded && s->block == block)
		return OK;
	if ((e = own_seen_flush(s)))
		return e;
	s->block = block;
	e = own_seen_row_get(s, s->user, s->bits);
	if (e == ERR_MISSING && s->user != SEEN_ALL)
		e = own_seen_row_get(s, SEEN_ALL, s->bits);
	s->loaded = !e || e == ERR_MISSING;
	return s->loaded ? OK : e;
}

enum err own_seen_flush(struct own_seen *s)
{
	struct key k;
	struct buf b;
	enum err e;

	if (!s->on || !s->changed)
		return OK;
	buf_init(&b, RECORD_MAX);
	seen_pack(&b, s->bits);
	assert(buf_ok(&b));
	key_block(&k, s, s->user);
	e = kv_put(s->t, SPACE_SEEN, key_str(&k), buf_str(&b));
	buf_deinit(&b);
	s->changed = false;
	return e;
}

/* --- One user --------------------------------------------------------------------------- */

void own_seen_init(struct own_seen *s, const struct mail_txn *m, uint32_t mailbox, uint32_t user)
{
	s->on = true;
	s->loaded = s->changed = false;
	s->t = m->t;
	s->account = m->account;
	s->mailbox = mailbox;
	s->user = user;
}

void own_seen_open_box(struct own_seen *s, const struct mail_txn *m, const struct mailbox *box)
{
	s->on = false;
	if (m->who != 0 && m->who != m->account && box->own_seen)
		own_seen_init(s, m, box->id, m->who);
}

enum err own_seen_open(struct own_seen *s, const struct mail_txn *m, uint32_t mailbox)
{
	struct mailbox box;
	enum err e;

	s->on = false;
	if (m->who == 0 || m->who == m->account)
		return OK;
	if ((e = mailbox_get(m, mailbox, &box)))
		return e == ERR_MISSING ? OK : e; /* it has no rows */
	own_seen_open_box(s, m, &box);
	return OK;
}

enum err own_seen_has(struct own_seen *s, uint32_t uid, bool *yes)
{
	enum err e = block_load(s, uid / SEEN_BLOCK);

	*yes = !e && bit(s->bits, uid % SEEN_BLOCK);
	return e;
}

uint32_t own_seen_all(const struct own_seen *s)
{
	uint32_t uids = SEEN_BLOCK - (s->block == 0); /* no message has UID 0 */

	return bits_count(s->bits) == uids ? uids : 0;
}

enum err own_seen_put(struct own_seen *s, uint32_t uid, bool yes)
{
	bool was;
	enum err e = own_seen_has(s, uid, &was);

	if (e || was == yes)
		return e;
	s->bits[uid % SEEN_BLOCK / 64] ^= BIT64(uid % 64);
	s->changed = true;
	return OK;
}

static struct flags with_seen(struct flags flags, bool yes)
{
	struct flags seen = FLAGS(BIT64(FLAG_SEEN));

	return yes ? flags_or(flags, seen) : flags_minus(flags, seen);
}

enum err own_seen_show(struct own_seen *s, uint32_t uid, struct flags *flags)
{
	bool yes;
	enum err e;

	if (!s->on)
		return OK;
	e = own_seen_has(s, uid, &yes);
	*flags = with_seen(*flags, yes);
	return e;
}

enum err own_seen_note(struct own_seen *s, uint32_t uid, struct flags was, struct flags *flags)
{
	enum err e;

	if (!s->on)
		return OK;
	e = own_seen_put(s, uid, flags_has(*flags, FLAG_SEEN));
	*flags = with_seen(*flags, flags_has(was, FLAG_SEEN));
	return e;
}
