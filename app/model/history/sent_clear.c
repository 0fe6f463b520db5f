/* model/history/sent_clear.c: deletion of old messages, and of all messages of an account; see
 * sent.h and sent_row.h. */
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/history/sent_row.h"
#include "model/objects/objects.h"
#include "model/store/store.h"

enum {
	CLEAR_EACH = 2,
	CLEAR_LOOK = 500, /* messages that are still pending */
};

static int64_t id_time_ms(uint64_t id)
{
	return (int64_t)(id >> SENT_ID_CHANCE_BITS);
}

/* Deletes the key's row unless a later message has used the key. */
static enum err key_del(struct txn *t, const struct sent *of, struct str hash)
{
	struct sent_key found;
	struct str record;
	struct sent_row_key k;
	int64_t time_ms;
	enum err e;

	if (hash.n == 0)
		return OK;
	sent_key_row_key(&k, of->account, (const uint8_t *)hash.p);
	e = kv_get(t, SPACE_SENT_KEY, buf_str(&k.b), &record);
	if (e)
		return e == ERR_MISSING ? OK : e;
	if (sent_key_parse(record, &time_ms, &found) && time_ms != of->created_ms)
		return OK;
	return kv_del(t, SPACE_SENT_KEY, buf_str(&k.b));
}

static enum err message_del(struct txn *t, const struct sent *of, struct str hash)
{
	struct sent_row_key k;
	struct kv_iter it;
	enum err e = key_del(t, of, hash), walked;

	kv_iter_prefix(&it, t, SPACE_SENT, sent_row_key(&k, of->account, of->id, STR_EMPTY));
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_SENT, it.key);
	walked = kv_iter_end(&it);
	e = e != OK ? e : walked;
	if (e == OK && of->object != 0) /* RFC 8621 7: the server may destroy it */
		e = object_remove(t, of->account, OBJECT_SUBMISSION, of->object);
	return e == ERR_MISSING ? OK : e; /* its owner destroyed it */
}

/* A walk over an account's oldest messages, for those that can be deleted. */
struct clearing {
	uint32_t account;
	int64_t now_ms, before_ms;
	struct sent old[CLEAR_EACH];
	struct str hashes[CLEAR_EACH]; /* of their keys, in the transaction's arena */
	size_t count;
};

/* Is the message so old that it is deleted in any state? */
static bool is_bygone(const struct clearing *c, uint64_t id)
{
	return id_time_ms(id) < c->before_ms - (int64_t)LIMIT_smtp_hold_s * 1000;
}

/* The account's first message from *id on; 0 when there is none or it is not old. Later ones are
 * not old either. */
static enum err old_next(struct txn *t, const struct clearing *c, uint64_t *id, struct str *record)
{
	struct sent_row_key from, to;
	struct kv_iter it;

	sent_row_key(&from, c->account, *id, STR_EMPTY);
	sent_row_key(&to, c->account, UINT64_MAX, STR_EMPTY);
	kv_iter_init(&it, t, SPACE_SENT, buf_str(&from.b), buf_str(&to.b));
	*id = 0;
	*record = STR_EMPTY;
	if (kv_iter_next(&it)) {
		struct unpack u = unpack_of(it.key);

		(void)unpack_be32(&u);
		*id = unpack_be64(&u);
		if (id_time_ms(*id) >= c->before_ms)
			*id = 0;
		if (it.key.n == SENT_MESSAGE_KEY)
			*record = str_dup(txn_arena(t), it.val);
	}
	return kv_iter_end(&it);
}

/* Unreadable rows are deleted too. */
static enum err old_look(struct txn *t, struct clearing *c, uint64_t id, struct str record)
{
	struct sent *s = &c->old[c->count];
	struct str *hash = &c->hashes[c->count];
	bool waits = false, known;
	enum err e = OK;

	*s = (struct sent){ .account = c->account, .id = id };
	known = sent_message_parse(record, s, hash);
	if (!known)
		*hash = STR_EMPTY;
	else if (!is_bygone(c, id))
		e = sent_waits(t, c->account, id, &waits);
	waits = waits || (known && s->send_at_ms > c->now_ms && !is_bygone(c, id));
	c->count += e == OK && !waits;
	return e;
}

static enum err old_find(struct txn *t, struct clearing *c)
{
	uint64_t id = 0;
	struct str record;
	enum err e = OK;

	for (int i = 0; e == OK && c->count < CLEAR_EACH && i < CLEAR_LOOK; i++, id++) {
		e = old_next(t, c, &id, &record);
		if (e != OK || id == 0)
			break;
		e = old_look(t, c, id, record);
	}
	return e;
}

enum err sent_clear(struct txn *t, uint32_t account, int64_t now_ms, int64_t keep_ms)
{
	struct clearing c = { .account = account, .now_ms = now_ms, .before_ms = now_ms - keep_ms };
	enum err e = old_find(t, &c);

	for (size_t i = 0; e == OK && i < c.count; i++)
		e = message_del(t, &c.old[i], c.hashes[i]);
	return e;
}

enum err sent_erase(struct txn *t, uint32_t account)
{
	static const enum space spaces[] = { SPACE_SENT, SPACE_SENT_KEY };
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(spaces); i++) {
		struct kv_iter it;
		struct sent_row_key k;
		enum err walked;

		kv_iter_prefix(
			&it, t, spaces[i],
			str_sub(sent_row_key(&k, account, 0, STR_EMPTY), 0, SENT_ACCOUNT_KEY));
		while (e == OK && kv_iter_next(&it))
			e = kv_del(t, spaces[i], it.key);
		walked = kv_iter_end(&it);
		e = e != OK ? e : walked;
	}
	return e;
}
