/* model/history/sent_row.c: see sent_row.h. */
#include "model/history/sent_row.h"

#include "foundation/base/pack.h"
#include "model/store/store.h"

#include <string.h>

enum {
	FORM = 1,
	RCPT_FORM = 2, /* 1: without stopped */
	RECORD_MAX = 1 << 20,
};

struct str sent_row_key(struct sent_row_key *k, uint32_t account, uint64_t id, struct str address)
{
	buf_init_in(&k->b, k->room, sizeof k->room);
	pack_be32(&k->b, account);
	pack_be64(&k->b, id);
	buf_put(&k->b, address);
	return buf_str(&k->b);
}

struct str sent_key_row_key(struct sent_row_key *k, uint32_t account,
                            const uint8_t hash[HASH_BYTES])
{
	buf_init_in(&k->b, k->room, sizeof k->room);
	pack_be32(&k->b, account);
	buf_bytes(&k->b, hash, HASH_BYTES);
	return buf_str(&k->b);
}

static enum err sent_row_put(struct txn *t, enum space space, struct str key, struct buf *record)
{
	enum err e = buf_ok(record) ? kv_put(t, space, key, buf_str(record)) : ERR_LIMIT;

	buf_deinit(record);
	return e;
}

enum err sent_message_put(struct txn *t, const struct sent_new *new)
{
	const struct sent *s = &new->sent;
	struct sent_row_key k;
	struct buf b;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, FORM);
	pack_u64(&b, (uint64_t)s->created_ms);
	pack_u64(&b, (uint64_t)s->send_at_ms);
	pack_str(&b, s->from);
	pack_str(&b, s->message_id);
	pack_str(&b, s->tag);
	pack_str(&b, s->metadata);
	pack_u64(&b, s->trace);
	pack_str(&b, new->key == NULL
	                     ? STR_EMPTY
	                     : str_from((const char *)new->key->hash, sizeof new->key->hash));
	pack_u64(&b, s->object);
	return sent_row_put(t, SPACE_SENT, sent_row_key(&k, s->account, s->id, STR_EMPTY), &b);
}

bool sent_message_parse(struct str record, struct sent *out, struct str *key)
{
	struct unpack u = unpack_of(record);

	u.bad = unpack_u64(&u) != FORM;
	out->created_ms = (int64_t)unpack_u64(&u);
	out->send_at_ms = (int64_t)unpack_u64(&u);
	out->from = unpack_str(&u);
	out->message_id = unpack_str(&u);
	out->tag = unpack_str(&u);
	out->metadata = unpack_str(&u);
	out->trace = unpack_u64(&u);
	*key = unpack_str(&u);
	out->object = unpack_more(&u) ? unpack_u64(&u) : 0; /* an older row has none */
	return unpack_ok(&u) && (key->n == 0 || key->n == HASH_BYTES);
}

enum err sent_rcpt_put(struct txn *t, uint32_t account, uint64_t id, const struct sent_rcpt *r)
{
	struct sent_row_key k;
	struct buf b;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, RCPT_FORM);
	pack_u64(&b, r->state);
	pack_u64(&b, (uint64_t)r->time_ms);
	pack_str(&b, str_sub(r->reply, 0, SENT_REPLY_MAX));
	pack_u64(&b, r->stopped);
	return sent_row_put(t, SPACE_SENT, sent_row_key(&k, account, id, r->address), &b);
}

bool sent_rcpt_parse(struct str record, struct sent_rcpt *out)
{
	struct unpack u = unpack_of(record);
	uint64_t form = unpack_u64(&u);
	uint32_t state = unpack_u32(&u);

	out->state = (enum sent_state)state;
	out->time_ms = (int64_t)unpack_u64(&u);
	out->reply = unpack_str(&u);
	out->stopped = form == RCPT_FORM ? unpack_u64(&u) != 0 : state == SENT_CANCELLED;
	return unpack_ok(&u) && (form == FORM || form == RCPT_FORM) && state > 0 &&
	       state < SENT_STATES;
}

enum err sent_key_put(struct txn *t, const struct sent_new *new)
{
	struct sent_row_key k;
	struct buf b;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, FORM);
	pack_u64(&b, (uint64_t) new->sent.created_ms);
	pack_str(&b, str_from((const char *)new->key->request, HASH_BYTES));
	pack_str(&b, new->key->answer);
	return sent_row_put(t, SPACE_SENT_KEY,
	                    sent_key_row_key(&k, new->sent.account, new->key->hash), &b);
}

bool sent_key_parse(struct str record, int64_t *time_ms, struct sent_key *out)
{
	struct unpack u = unpack_of(record);
	struct str request;

	u.bad = unpack_u64(&u) != FORM;
	*time_ms = (int64_t)unpack_u64(&u);
	request = unpack_str(&u);
	out->answer = unpack_str(&u);
	if (!unpack_ok(&u) || request.n != HASH_BYTES)
		return false;
	memcpy(out->request, request.p, HASH_BYTES);
	return true;
}
