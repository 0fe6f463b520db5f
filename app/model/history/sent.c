/* model/history/sent.c: see sent.h. */
#include "model/history/sent.h"

#include "foundation/base/arena.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "model/history/sent_row.h"
#include "model/objects/objects.h"
#include "model/store/store.h"

#include <string.h>

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
	return (uint64_t)MAX(now_ms, 1) << SENT_ID_CHANCE_BITS |
	       random_below(1u << SENT_ID_CHANCE_BITS);
}

enum err sent_check(struct txn *t, const struct sent_new *new)
{
	const struct sent *s = &new->sent;
	struct sent_key old;
	struct sent_row_key k;
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
	struct sent_new stored = *new;
	enum err e = sent_check(t, new);

	if (e == OK && new->object.n != 0) {
		e = object_add(t, s->account, OBJECT_SUBMISSION, SIZE_MAX, new->object, 0,
		               &stored.sent.object);
		*new->object_id = stored.sent.object;
	}
	if (e == OK)
		e = sent_message_put(t, &stored);
	if (e == OK && new->key != NULL)
		e = sent_key_put(t, new);
	for (size_t i = 0; e == OK && i < new->rcpt_count; i++)
		e = sent_rcpt_put(t, s->account, s->id, &new->rcpts[i]);
	return e == OK ? sent_clear(t, s->account, s->created_ms, keep_ms) : e;
}

/* --- reading and updating
 * ---------------------------------------------------------------------- */

enum err sent_key_get(struct txn *t, uint32_t account, const uint8_t hash[HASH_BYTES],
                      int64_t now_ms, struct arena *a, struct sent_key *out)
{
	struct sent_row_key k;
	struct str record;
	int64_t time_ms;
	enum err e = kv_get(t, SPACE_SENT_KEY, sent_key_row_key(&k, account, hash), &record);

	if (e)
		return e;
	memcpy(out->hash, hash, HASH_BYTES);
	if (!sent_key_parse(record, &time_ms, out))
		return ERR_CORRUPT;
	out->answer = str_dup(a, out->answer);
	return now_ms - time_ms < (int64_t)LIMIT_sent_key_s * 1000 ? OK : ERR_MISSING;
}

/* Does the state now replace the one before? Bounced takes precedence, since an alias has several
 * targets. Other states replace only queued, delayed and cancelled. */
static bool overrules(enum sent_state now, enum sent_state before)
{
	bool open = before == SENT_QUEUED || before == SENT_DELAYED || before == SENT_CANCELLED;

	return now == SENT_BOUNCED ? before != SENT_BOUNCED : open;
}

/* Merges now into known. */
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

/* The object of the message, if it still exists, has changed. */
static enum err object_changed(struct txn *t, uint32_t account, uint64_t id)
{
	struct sent sent;
	enum err e = sent_get(t, account, id, txn_arena(t), &sent);

	if (!e && sent.object != 0)
		e = object_touch(t, account, OBJECT_SUBMISSION, sent.object);
	return e == ERR_MISSING ? OK : e;
}

enum err sent_note(struct txn *t, uint32_t account, uint64_t id, const struct sent_rcpt *now)
{
	struct sent_rcpt known;
	struct str record;
	struct sent_row_key k;
	enum err e;

	if (now->address.n == 0 || now->address.n > SENT_ADDRESS_MAX)
		return ERR_MISSING;
	e = kv_get(t, SPACE_SENT, sent_row_key(&k, account, id, now->address), &record);
	if (e)
		return e;
	if (!sent_rcpt_parse(record, &known))
		return ERR_CORRUPT;
	if (!overrules(now->state, known.state) && (now->state != SENT_CANCELLED || known.stopped))
		return OK;
	known.address = now->address;
	known.reply = str_dup(txn_arena(t), known.reply); /* the row is overwritten */
	note_merge(now, &known);
	e = sent_rcpt_put(t, account, id, &known);
	return e ? e : object_changed(t, account, id);
}

enum err sent_get(struct txn *t, uint32_t account, uint64_t id, struct arena *a, struct sent *out)
{
	struct sent_row_key k;
	struct str record, key;
	enum err e = kv_get(t, SPACE_SENT, sent_row_key(&k, account, id, STR_EMPTY), &record);

	if (e)
		return e;
	*out = (struct sent){ .account = account, .id = id };
	if (!sent_message_parse(record, out, &key))
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
	struct sent_row_key k;
	struct kv_iter it;
	bool fits = true;
	enum err e;

	*out = (struct sent_rcpts){ .items = arena_array(a, struct sent_rcpt, max) };
	kv_iter_prefix(&it, t, SPACE_SENT, sent_row_key(&k, account, id, STR_EMPTY));
	while (fits && kv_iter_next(&it)) {
		struct sent_rcpt r;

		if (it.key.n == SENT_MESSAGE_KEY)
			continue;
		fits = sent_rcpt_parse(it.val, &r);
		if (!fits)
			break;
		out->in_state[r.state]++;
		out->total++;
		if (out->count == max)
			continue;
		r.address = str_dup(a, str_sub(it.key, SENT_MESSAGE_KEY, it.key.n));
		r.reply = str_dup(a, r.reply);
		out->items[out->count++] = r;
	}
	e = kv_iter_end(&it);
	return fits ? e : ERR_CORRUPT;
}
