/* model/history/sent.c: see sent.h. */
#include "model/history/sent.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "model/store/store.h"

#include <string.h>

enum {
	FORM = 1,
	RCPT_FORM = 2, /* 1: without stopped */
	ACCOUNT_KEY = 4,
	SENT_KEY_BYTES = ACCOUNT_KEY + 8,
	ROW_KEY_MAX = SENT_KEY_BYTES + SENT_ADDRESS_MAX,
	RECORD_MAX = 1 << 20,
	ID_CHANCE_BITS = 20,
	CLEAR_EACH = 2,
	CLEAR_LOOK = 500, /* messages, of what waits yet */
};

const char *sent_state_name(enum sent_state state)
{
	static const char *const names[SENT_STATES] = {
		[SENT_QUEUED] = "queued",       [SENT_DELAYED] = "delayed",
		[SENT_DELIVERED] = "delivered", [SENT_BOUNCED] = "bounced",
		[SENT_CANCELLED] = "cancelled", [SENT_DROPPED] = "dropped",
		[SENT_REFUSED] = "refused",
	};

	assert(state > 0 && state < SENT_STATES);
	return names[state];
}

uint64_t sent_id_new(int64_t now_ms)
{
	return (uint64_t)MAX(now_ms, 1) << ID_CHANCE_BITS | random_below(1u << ID_CHANCE_BITS);
}

static int64_t id_time_ms(uint64_t id)
{
	return (int64_t)(id >> ID_CHANCE_BITS);
}

/* --- keys -------------------------------------------------------------------------------- */

struct row_key {
	struct buf b;
	char room[ROW_KEY_MAX];
};

/* address empty: of the message. */
static struct str sent_row_key(struct row_key *k, uint32_t account, uint64_t id, struct str address)
{
	buf_init_in(&k->b, k->room, sizeof k->room);
	pack_be32(&k->b, account);
	pack_be64(&k->b, id);
	buf_put(&k->b, address);
	return buf_str(&k->b);
}

static struct str key_key(struct row_key *k, uint32_t account, const uint8_t hash[HASH_BYTES])
{
	buf_init_in(&k->b, k->room, sizeof k->room);
	pack_be32(&k->b, account);
	buf_bytes(&k->b, hash, HASH_BYTES);
	return buf_str(&k->b);
}

/* --- records ------------------------------------------------------------------------------ */

static enum err sent_row_put(struct txn *t, enum space space, struct str key, struct buf *record)
{
	enum err e = buf_ok(record) ? kv_put(t, space, key, buf_str(record)) : ERR_LIMIT;

	buf_deinit(record);
	return e;
}

static enum err sent_message_put(struct txn *t, const struct sent_new *new)
{
	const struct sent *s = &new->sent;
	struct row_key k;
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
	return sent_row_put(t, SPACE_SENT, sent_row_key(&k, s->account, s->id, STR_EMPTY), &b);
}

/* Borrowed. *key: of idempotency, or empty. */
static bool message_parse(struct str record, struct sent *out, struct str *key)
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
	return unpack_ok(&u) && (key->n == 0 || key->n == HASH_BYTES);
}

static enum err sent_rcpt_put(struct txn *t, uint32_t account, uint64_t id,
                              const struct sent_rcpt *r)
{
	struct row_key k;
	struct buf b;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, RCPT_FORM);
	pack_u64(&b, r->state);
	pack_u64(&b, (uint64_t)r->time_ms);
	pack_str(&b, str_sub(r->reply, 0, SENT_REPLY_MAX));
	pack_u64(&b, r->stopped);
	return sent_row_put(t, SPACE_SENT, sent_row_key(&k, account, id, r->address), &b);
}

/* Borrowed. */
static bool rcpt_parse(struct str record, struct sent_rcpt *out)
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

static enum err sent_key_row_put(struct txn *t, const struct sent_new *new)
{
	struct row_key k;
	struct buf b;

	buf_init(&b, RECORD_MAX);
	pack_u64(&b, FORM);
	pack_u64(&b, (uint64_t) new->sent.created_ms);
	pack_str(&b, str_from((const char *)new->key->request, HASH_BYTES));
	pack_str(&b, new->key->answer);
	return sent_row_put(t, SPACE_SENT_KEY, key_key(&k, new->sent.account, new->key->hash), &b);
}

static bool key_parse(struct str record, int64_t *time_ms, struct sent_key *out)
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

/* --- putting ------------------------------------------------------------------------------- */

/* The key's row, unless it was used again since. */
static enum err key_del(struct txn *t, const struct sent *of, struct str hash)
{
	struct sent_key found;
	struct str record;
	struct row_key k;
	int64_t time_ms;
	enum err e;

	if (hash.n == 0)
		return OK;
	key_key(&k, of->account, (const uint8_t *)hash.p);
	e = kv_get(t, SPACE_SENT_KEY, buf_str(&k.b), &record);
	if (e)
		return e == ERR_MISSING ? OK : e;
	if (key_parse(record, &time_ms, &found) && time_ms != of->created_ms)
		return OK;
	return kv_del(t, SPACE_SENT_KEY, buf_str(&k.b));
}

static enum err message_del(struct txn *t, const struct sent *of, struct str hash)
{
	struct row_key k;
	struct kv_iter it;
	enum err e = key_del(t, of, hash), walked;

	kv_iter_prefix(&it, t, SPACE_SENT, sent_row_key(&k, of->account, of->id, STR_EMPTY));
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, SPACE_SENT, it.key);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* A walk over an account's oldest messages, for those that can go. */
struct clearing {
	uint32_t account;
	int64_t now_ms, before_ms;
	struct sent old[CLEAR_EACH];
	struct str hashes[CLEAR_EACH]; /* of their keys, in the transaction's arena */
	size_t count;
};

/* Whatever is said of it, it was to be sent so long ago that nothing comes of it any more. */
static bool is_bygone(const struct clearing *c, uint64_t id)
{
	return id_time_ms(id) < c->before_ms - (int64_t)LIMIT_smtp_hold_s * 1000;
}

/* The account's first message from *id on; 0: none, or it is not old, nor are those after it. */
static enum err old_next(struct txn *t, const struct clearing *c, uint64_t *id, struct str *record)
{
	struct row_key from, to;
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
		if (it.key.n == SENT_KEY_BYTES)
			*record = str_dup(txn_arena(t), it.val);
	}
	return kv_iter_end(&it);
}

/* What cannot be read goes as well. */
static enum err old_look(struct txn *t, struct clearing *c, uint64_t id, struct str record)
{
	struct sent *s = &c->old[c->count];
	struct str *hash = &c->hashes[c->count];
	bool waits = false, known = message_parse(record, s, hash);
	enum err e = OK;

	s->account = c->account;
	s->id = id;
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

static enum err clear(struct txn *t, uint32_t account, int64_t now_ms, int64_t keep_ms)
{
	struct clearing c = { .account = account,
		              .now_ms = now_ms,
		              .before_ms = now_ms - keep_ms };
	enum err e = old_find(t, &c);

	for (size_t i = 0; e == OK && i < c.count; i++)
		e = message_del(t, &c.old[i], c.hashes[i]);
	return e;
}

enum err sent_check(struct txn *t, const struct sent_new *new)
{
	const struct sent *s = &new->sent;
	struct sent_key old;
	struct row_key k;
	enum err e = kv_get(t, SPACE_SENT, sent_row_key(&k, s->account, s->id, STR_EMPTY), NULL);

	if (e == OK)
		return ERR_CONFLICT;
	if (e != ERR_MISSING || new->key == NULL)
		return e == ERR_MISSING ? OK : e;
	e = sent_key_get(t, s->account, new->key->hash, s->created_ms, txn_arena(t), &old);
	return e == OK ? ERR_CONFLICT : e == ERR_MISSING ? OK : e;
}

enum err sent_put(struct txn *t, const struct sent_new *new, uint64_t days)
{
	const struct sent *s = &new->sent;
	int64_t keep_ms = (int64_t)MAX(days, (uint64_t)1) * 86400000;
	enum err e = sent_check(t, new);

	if (e == OK)
		e = sent_message_put(t, new);
	if (e == OK && new->key != NULL)
		e = sent_key_row_put(t, new);
	for (size_t i = 0; e == OK && i < new->rcpt_count; i++)
		e = sent_rcpt_put(t, s->account, s->id, &new->rcpts[i]);
	return e == OK ? clear(t, s->account, s->created_ms, keep_ms) : e;
}

/* --- reading and noting ---------------------------------------------------------------------- */

enum err sent_key_get(struct txn *t, uint32_t account, const uint8_t hash[HASH_BYTES],
                      int64_t now_ms, struct arena *a, struct sent_key *out)
{
	struct row_key k;
	struct str record;
	int64_t time_ms;
	enum err e = kv_get(t, SPACE_SENT_KEY, key_key(&k, account, hash), &record);

	if (e)
		return e;
	memcpy(out->hash, hash, HASH_BYTES);
	if (!key_parse(record, &time_ms, out))
		return ERR_CORRUPT;
	out->answer = str_dup(a, out->answer);
	return now_ms - time_ms < (int64_t)LIMIT_sent_key_s * 1000 ? OK : ERR_MISSING;
}

/* What is settled stays; of the people behind an alias the one who did not get it counts, and of
 * those for whom it was taken back nothing, where others are left. */
static bool overrules(enum sent_state now, enum sent_state before)
{
	bool open = before == SENT_QUEUED || before == SENT_DELAYED || before == SENT_CANCELLED;

	return now == SENT_BOUNCED ? before != SENT_BOUNCED : open;
}

/* What is known after now, in place. */
static void note_merge(const struct sent_rcpt *now, struct sent_rcpt *known)
{
	bool same = now->state == known->state;

	known->stopped = known->stopped || now->state == SENT_CANCELLED;
	known->time_ms = now->time_ms;
	if (!overrules(now->state, known->state))
		return;
	known->state = now->state;
	if (!same || now->reply.n != 0)
		known->reply = now->reply;
}

enum err sent_note(struct txn *t, uint32_t account, uint64_t id, const struct sent_rcpt *now)
{
	struct sent_rcpt known;
	struct str record;
	struct row_key k;
	enum err e;

	if (now->address.n == 0 || now->address.n > SENT_ADDRESS_MAX)
		return ERR_MISSING;
	e = kv_get(t, SPACE_SENT, sent_row_key(&k, account, id, now->address), &record);
	if (e)
		return e;
	if (!rcpt_parse(record, &known))
		return ERR_CORRUPT;
	if (!overrules(now->state, known.state) && (now->state != SENT_CANCELLED || known.stopped))
		return OK;
	known.address = now->address;
	known.reply = str_dup(txn_arena(t), known.reply); /* the row is written over */
	note_merge(now, &known);
	return sent_rcpt_put(t, account, id, &known);
}

enum err sent_get(struct txn *t, uint32_t account, uint64_t id, struct arena *a, struct sent *out)
{
	struct row_key k;
	struct str record, key;
	enum err e = kv_get(t, SPACE_SENT, sent_row_key(&k, account, id, STR_EMPTY), &record);

	if (e)
		return e;
	*out = (struct sent){ .account = account, .id = id };
	if (!message_parse(record, out, &key))
		return ERR_CORRUPT;
	out->from = str_dup(a, out->from);
	out->message_id = str_dup(a, out->message_id);
	out->tag = str_dup(a, out->tag);
	out->metadata = str_dup(a, out->metadata);
	return OK;
}

enum err sent_rcpts_get(struct txn *t, uint32_t account, uint64_t id, size_t max, struct arena *a,
                        struct sent_rcpts *out)
{
	struct row_key k;
	struct kv_iter it;
	bool fits = true;
	enum err e;

	*out = (struct sent_rcpts){ .items = arena_array(a, struct sent_rcpt, max) };
	kv_iter_prefix(&it, t, SPACE_SENT, sent_row_key(&k, account, id, STR_EMPTY));
	while (fits && kv_iter_next(&it)) {
		struct sent_rcpt r;

		if (it.key.n == SENT_KEY_BYTES)
			continue;
		fits = rcpt_parse(it.val, &r);
		if (!fits)
			break;
		out->in_state[r.state]++;
		out->total++;
		if (out->count == max)
			continue;
		r.address = str_dup(a, str_sub(it.key, SENT_KEY_BYTES, it.key.n));
		r.reply = str_dup(a, r.reply);
		out->items[out->count++] = r;
	}
	e = kv_iter_end(&it);
	return fits ? e : ERR_CORRUPT;
}

/* --- the end ------------------------------------------------------------------------------- */

enum err sent_erase(struct txn *t, uint32_t account)
{
	static const enum space spaces[] = { SPACE_SENT, SPACE_SENT_KEY };
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(spaces); i++) {
		struct kv_iter it;
		struct row_key k;
		enum err walked;

		kv_iter_prefix(&it, t, spaces[i],
		               str_sub(sent_row_key(&k, account, 0, STR_EMPTY), 0, ACCOUNT_KEY));
		while (e == OK && kv_iter_next(&it))
			e = kv_del(t, spaces[i], it.key);
		walked = kv_iter_end(&it);
		e = e != OK ? e : walked;
	}
	return e;
}

/* --- fsck ------------------------------------------------------------------------------------ */

/* Each recipient is of the message whose row comes before. */
static enum err rows_check(struct txn *t, struct fsck_report *r)
{
	char message[SENT_KEY_BYTES] = { 0 };
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_SENT, STR_EMPTY);
	while (kv_iter_next(&it)) {
		struct sent_rcpt rcpt;
		struct sent sent;
		struct str key;
		bool first = it.key.n == SENT_KEY_BYTES, ok;

		ok = first ? message_parse(it.val, &sent, &key)
		           : it.key.n > SENT_KEY_BYTES && rcpt_parse(it.val, &rcpt);
		if (!ok)
			fsck_found(r, "a row of SENT cannot be read");
		else if (first)
			memcpy(message, it.key.p, SENT_KEY_BYTES);
		else if (memcmp(message, it.key.p, SENT_KEY_BYTES) != 0)
			fsck_found(r, "a recipient in SENT is of no message");
	}
	return kv_iter_end(&it);
}

static enum err sent_fsck_run(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;
	enum err e = rows_check(t, r);

	if (e)
		return e;
	kv_iter_prefix(&it, t, SPACE_SENT_KEY, STR_EMPTY);
	while (kv_iter_next(&it)) {
		struct sent_key key;
		int64_t time_ms;

		if (it.key.n != ACCOUNT_KEY + HASH_BYTES || !key_parse(it.val, &time_ms, &key))
			fsck_found(r, "a row of SENT_KEY cannot be read");
	}
	return kv_iter_end(&it);
}

const struct fsck_check sent_fsck = { .name = "sent", .run = sent_fsck_run };
