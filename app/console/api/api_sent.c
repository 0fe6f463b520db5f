/* console/api/api_sent.c: the list of what programs have sent by the API, for administrators;
 * what there is about one message is of api_send.c. */
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "console/api/people/api_people.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"

enum { RCPTS_SHOWN = 5 };

struct listing {
	struct api_call *call;
	struct sent_query query;
	struct sent_list list;
	struct str *addresses; /* of the accounts of list.items */
	struct arena look;
};

/* Is the account of the caller's domains? */
static bool account_keep(struct txn *t, uint32_t id, void *arg)
{
	struct listing *l = arg;
	struct account account;

	arena_reset(&l->look);
	return account_get(t, id, &l->look, &account) == OK &&
	       api_may_domain(l->call, people_domain(account.address));
}

static enum err addresses_get(struct txn *t, struct listing *l)
{
	struct arena *a = l->call->arena;

	l->addresses = arena_array(a, struct str, l->list.count);
	for (size_t i = 0; i < l->list.count; i++) {
		struct account account;
		enum err e;

		arena_reset(&l->look);
		e = account_get(t, l->list.items[i].sent.account, &l->look, &account);
		if (e != OK && e != ERR_MISSING)
			return e;
		l->addresses[i] = e == OK ? str_dup(a, account.address) : STR_EMPTY;
	}
	return OK;
}

static enum err listing_read(struct txn *t, void *arg)
{
	struct listing *l = arg;
	struct str of = api_argument(l->call, "account");
	struct account account;
	enum err e = OK;

	if (of.n != 0) {
		e = people_account(t, l->call, of, false, &account);
		l->query.account = e == OK ? account.id : 0;
	}
	if (e == OK)
		e = sent_find(t, &l->query, l->call->arena, &l->list);
	return e == OK ? addresses_get(t, l) : e;
}

/* "1869346437529600042/7": the page before ended with this message of this account. */
static bool after_read(struct str after, struct sent_query *q)
{
	struct cur c = cur_of(after);

	return after.n == 0 ||
	       (cur_u64(&c, &q->before) && cur_byte(&c, '/') && cur_u32(&c, &q->before_account) &&
	        cur_done(&c) && q->before != 0 && q->before != UINT64_MAX);
}

static void states_put(struct json_writer *w, const struct sent_rcpts *rcpts)
{
	json_open(w, "states", '{');
	for (unsigned i = SENT_QUEUED; i < SENT_STATES; i++)
		json_put_u64(w, sent_state_name((enum sent_state)i), rcpts->in_state[i]);
	json_close(w);
}

static void item_put(struct api_call *c, const struct sent_listed *s, struct str address)
{
	struct json_writer *w = c->out;

	json_open(w, NULL, '{');
	json_put_str(w, "id", str_fmt(c->arena, "%" PRIu64, s->sent.id));
	json_put_str(w, "account", address);
	json_put_str(w, "message_id", s->sent.message_id);
	json_put_str(w, "from", s->sent.from);
	json_put_time(w, "created", s->sent.created_ms);
	json_put_time(w, "send_at", s->sent.send_at_ms);
	json_put_str(w, "tag", s->sent.tag);
	states_put(w, &s->rcpts);
	send_rcpts_put(w, s->rcpts.items, s->rcpts.count);
	json_put_u64(w, "to_more", s->rcpts.total - s->rcpts.count);
	json_close(w);
}

static void listing_put(const struct listing *l)
{
	struct api_call *c = l->call;

	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < l->list.count; i++)
		item_put(c, &l->list.items[i], l->addresses[i]);
	json_close(c->out);
	if (l->list.more)
		json_put_str(c->out, "next",
		             str_fmt(c->arena, "%" PRIu64 "/%" PRIu32, l->list.before,
		                     l->list.before_account));
	else
		json_put_null(c->out, "next");
	json_close(c->out);
}

enum err api_sent(struct api_call *c)
{
	struct listing l = { .call = c };
	enum err e;

	l.query = (struct sent_query){
		.waiting = api_argument_u64(c, "waiting", 0, 1) != 0,
		.max = (size_t)MAX(api_argument_u64(c, "limit", 100, LIMIT_api_page), 1),
		.rcpts = RCPTS_SHOWN,
		.keep = c->who.role == API_OWNER ? NULL : account_keep,
		.arg = &l,
	};
	if (!after_read(api_argument(c, "after"), &l.query))
		return fail(&c->why, ERR_SYNTAX, "after: use next of the previous page");
	e = store_read(c->admin->store, listing_read, &l);
	if (e == OK)
		listing_put(&l);
	arena_deinit(&l.look);
	return e;
}
