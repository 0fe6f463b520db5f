/* model/history/sent_find.c: sent messages, newest first, of one account or of all; see sent.h.
 *
 * Rows are sorted by account, then by age. So the list is a merge: it holds the next message of
 * each account, takes the newest of them, and reads on in that account only. Waiting messages are
 * found by the rows of sent_waits, whose keys begin in the same way. */
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/history/sent.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { KEY = 4 + 8 };

/* An account, and its next message: none when id is 0. */
struct head {
	uint32_t account;
	uint64_t id;
};

struct heads {
	enum space space; /* of the rows that lead to messages */
	struct head *items;
	size_t count;
};

struct key {
	struct buf b;
	char room[KEY];
};

static struct str sent_find_key_of(struct key *k, uint32_t account, uint64_t id)
{
	buf_init_in(&k->b, k->room, sizeof k->room);
	pack_be32(&k->b, account);
	pack_be64(&k->b, id);
	return buf_str(&k->b);
}

/* The newest of the account's messages that is older than id. */
static enum err head_before(struct txn *t, enum space space, struct head *h, uint64_t id)
{
	struct key from, to;
	struct kv_iter it;

	h->id = 0;
	kv_iter_init(&it, t, space, sent_find_key_of(&from, h->account, 0),
	             sent_find_key_of(&to, h->account, id));
	if (kv_iter_prev(&it)) {
		struct unpack u = unpack_of(it.key);

		(void)unpack_be32(&u);
		h->id = unpack_be64(&u);
	}
	return kv_iter_end(&it);
}

/* Messages with the same id are in descending order of their accounts. */
static enum err head_add(struct txn *t, const struct sent_query *q, uint32_t account,
                         struct heads *heads)
{
	struct head *h = &heads->items[heads->count++];

	h->account = account;
	return head_before(t, heads->space, h,
	                   q->before == 0 ? UINT64_MAX
	                                  : q->before + (account < q->before_account));
}

/* The first account from this one on that has a row; 0: none. */
static enum err account_next(struct txn *t, enum space space, uint32_t from, uint32_t *out)
{
	struct key k;
	struct kv_iter it;

	*out = 0;
	kv_iter_init(&it, t, space, sent_find_key_of(&k, from, 0), STR_EMPTY);
	if (kv_iter_next(&it)) {
		struct unpack u = unpack_of(it.key);

		*out = unpack_be32(&u);
	}
	return kv_iter_end(&it);
}

static enum err heads_find(struct txn *t, const struct sent_query *q, struct heads *heads)
{
	uint32_t account = 0;
	enum err e = OK;

	if (q->account != 0)
		return head_add(t, q, q->account, heads);
	for (int i = 0; e == OK && i < LIMIT_sent_look_accounts; i++) {
		e = account_next(t, heads->space, account + 1, &account);
		if (e != OK || account == 0)
			break;
		if (q->keep == NULL || q->keep(t, account, q->arg))
			e = head_add(t, q, account, heads);
		if (account == UINT32_MAX)
			break;
	}
	return e;
}

/* The newest of all; NULL when none is left. */
static struct head *heads_best(const struct heads *heads)
{
	struct head *best = NULL;

	for (size_t i = 0; i < heads->count; i++) /* by account */
		if (heads->items[i].id != 0 && (best == NULL || heads->items[i].id >= best->id))
			best = &heads->items[i];
	return best;
}

static enum err message_get(struct txn *t, const struct head *h, size_t rcpts, struct arena *a,
                            struct sent_listed *out)
{
	enum err e = sent_get(t, h->account, h->id, a, &out->sent);

	return e == OK ? sent_rcpts_get(t, h->account, h->id, rcpts, a, &out->rcpts) : e;
}

static enum err page_find(struct txn *t, const struct sent_query *q, struct heads *heads,
                          struct arena *a, struct sent_list *out)
{
	struct sent_listed *s;
	uint64_t looked = 0;
	struct head *h;
	enum err e = OK;

	while (e == OK && (h = heads_best(heads)) != NULL) {
		if (out->count == q->max || looked >= LIMIT_sent_look) {
			out->more = true;
			break;
		}
		s = &out->items[out->count];
		s->rcpts.total = 0;
		e = message_get(t, h, q->rcpts, a, s);
		looked += 1 + s->rcpts.total;
		out->count += e == OK;
		out->before = h->id;
		out->before_account = h->account;
		if (e == OK || e == ERR_MISSING || e == ERR_CORRUPT) /* fsck reports it */
			e = head_before(t, heads->space, h, h->id);
	}
	return e;
}

enum err sent_find(struct txn *t, const struct sent_query *q, struct arena *a,
                   struct sent_list *out)
{
	struct heads heads = { .space = q->waiting ? SPACE_SENT_WAITS : SPACE_SENT };
	enum err e;

	heads.items = arena_array(txn_arena(t), struct head,
	                          q->account != 0 ? 1 : LIMIT_sent_look_accounts);
	*out = (struct sent_list){ .items = arena_array(a, struct sent_listed, q->max) };
	e = heads_find(t, q, &heads);
	return e == OK ? page_find(t, q, &heads, a, out) : e;
}
