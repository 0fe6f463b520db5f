/* protocols/jmap/request/copy.c: Foo/copy (RFC 8620 5.4): a /set that only creates. */
#include "foundation/config/limits.h"
#include "model/store/store.h"
#include "protocols/jmap/request/set.h"

struct from_state {
	struct jmap_set_run *run;
	uint64_t state;
};

static enum err from_state_read(struct txn *t, void *arg)
{
	struct from_state *x = arg;
	struct mail_txn m = x->run->set.from;

	m.t = t;
	return x->run->set.type->state(&m, &x->state);
}

static enum err from_check(struct jmap_set_run *run)
{
	struct jmap_call *c = run->set.call;
	struct str wanted = jmap_arg_str(c, "ifFromInState");
	struct from_state x = { run, 0 };
	uint32_t from;
	bool own;
	enum err e;

	if (!jmap_account_find(c, jmap_arg_str(c, "fromAccountId"), &from, &own))
		return jmap_refuse(c, "fromAccountNotFound", "there is no such account");
	if (from == c->account) /* RFC 8620 5.4 */
		return jmap_refuse(c, "invalidArguments",
		                   "fromAccountId must differ from accountId");
	run->set.from = (struct mail_txn){ c->server->mailboxes, NULL, from, c->caller->account };
	if (wanted.n == 0)
		return OK;
	if ((e = store_read(c->server->store, from_state_read, &x)))
		return e;
	return str_eq(wanted, jmap_state_text(c->arena, x.state))
	               ? OK
	               : jmap_refuse(c, "stateMismatch", "the state of fromAccountId differs");
}

/* "onSuccessDestroyOriginal": an implicit Foo/set in the other account. */
static void originals_destroy(struct jmap_set_run *run)
{
	struct jmap_call *c = run->set.call;
	struct json_writer w;
	struct buf text;
	struct str id;
	size_t n = 0;

	buf_init(&text, LIMIT_jmap_request);
	json_writer_init(&w, &text);
	json_open(&w, NULL, '{');
	json_put_str(&w, "accountId", jmap_arg_str(c, "fromAccountId"));
	if (jmap_arg_str(c, "destroyFromIfInState").n != 0)
		json_put_str(&w, "ifInState", jmap_arg_str(c, "destroyFromIfInState"));
	json_open(&w, "destroy", '[');
	for (size_t i = 0; i < run->n; i++)
		if (run->items[i].error == NULL &&
		    json_str(json_get(run->items[i].value, "id"), &id)) {
			json_put_str(&w, NULL, id);
			n++;
		}
	json_close(&w);
	json_close(&w);
	if (n != 0)
		jmap_call_also(c, str_z(c->arena, str_fmt(c->arena, "%s/set", c->type->name)),
		               buf_str(&text));
	buf_deinit(&text);
}

enum err jmap_copy_run(struct jmap_call *c)
{
	struct jmap_set_run run = { .set = { .call = c, .type = c->type }, .copy = true };
	enum err e = from_check(&run);

	if (e != OK)
		return e;
	e = set_run_all(&run, "create");
	if (e == OK) {
		json_put_str(c->out, "fromAccountId", jmap_arg_str(c, "fromAccountId"));
		json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
		set_response_put(&run, true);
		if (jmap_arg_bool(c, "onSuccessDestroyOriginal", false))
			originals_destroy(&run);
	}
	set_run_deinit(&run);
	return e;
}
