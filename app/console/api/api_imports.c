/* console/api/api_imports.c: imports from other servers, for the account itself and for its
 * administrators. api_private.h has the shapes. */
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "console/api/people/api_people.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/store/store.h"
#include "network/runtime/ratelimit.h"
#include "operations/transfer/imports.h"

/* A call about an account's imports. */
struct request {
	struct api_call *call;
	bool own; /* the caller's: /api/me; else of parameter[0] */
	bool change;
	struct account account;
	struct import import;
	struct import_list list;
};

/* Its address outlives the transaction. */
static enum err account_of(struct txn *t, struct request *r)
{
	struct api_call *c = r->call;
	enum err e = r->own ? account_get(t, c->who.account, c->arena, &r->account)
	                    : people_account(t, c, c->parameter[0], r->change, &r->account);

	if (e == OK)
		r->account.address = str_dup(c->arena, r->account.address);
	return e;
}

static uint32_t id_of(const struct request *r)
{
	return people_id(r->call->parameter[r->own ? 0 : 1]);
}

/* The server knows better of what it is doing than the store. */
static void freshen(struct request *r, struct import *i)
{
	struct import now;

	if (imports_find(r->call->admin->imports, r->account.id, i->id, r->call->arena, &now))
		*i = now;
}

/* --- reading ------------------------------------------------------------------------------- */

static enum err list_read(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = account_of(t, r);

	return e ? e : import_list(t, r->account.id, r->call->arena, &r->list);
}

/* There are so few that they are one page. */
static enum err list(struct api_call *c, bool own)
{
	struct request r = { .call = c, .own = own };
	enum err e = store_read(c->admin->store, list_read, &r);
	struct api_list out;

	if (e)
		return e;
	api_list_open(c, &out);
	for (size_t i = 0; i < r.list.count; i++) {
		freshen(&r, &r.list.items[i]);
		import_json_put(c->out, &r.list.items[i], false);
	}
	api_list_close(&out);
	return OK;
}

static enum err one_read(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = account_of(t, r);

	return e ? e : import_get(t, r->account.id, id_of(r), r->call->arena, &r->import);
}

static enum err one(struct api_call *c, bool own)
{
	struct request r = { .call = c, .own = own };
	enum err e = store_read(c->admin->store, one_read, &r);

	if (e)
		return e;
	freshen(&r, &r.import);
	import_json_put(c->out, &r.import, true);
	return OK;
}

/* Each is a login somewhere else. */
static enum err check_rate(struct api_call *c)
{
	if (c->who.local ||
	    ratelimit_take(c->admin->import_starts,
	                   str_from((const char *)&c->who.account, sizeof c->who.account)))
		return OK;
	http_set(c->response, "Retry-After", STR("180"));
	return api_refuse(c, 429, "rate", "%d imports an hour: wait some minutes",
	                  LIMIT_import_starts);
}

/* --- beginning ----------------------------------------------------------------------------- */

static struct str note_of(struct txn *t, const struct import *i)
{
	struct people_note n;

	import_asked_put(people_note_open(&n), i);
	return people_note_close(&n, txn_arena(t));
}

static enum err add(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = account_of(t, r);

	if (e == OK)
		e = import_add(t, r->account.id, &r->import, txn_why(t));
	return e ? e
	         : api_audit(t, r->call, "import.begin", r->account.address, STR_EMPTY,
	                     note_of(t, &r->import));
}

static void begin(struct request *r, struct str password)
{
	imports_begin(r->call->admin->imports, r->account.id, &r->import, password);
	import_json_put(r->call->out, &r->import, true);
}

static enum err add_new(struct api_call *c, bool own)
{
	struct request r = { .call = c, .own = own, .change = true };
	struct str password = STR_EMPTY;
	enum err e = import_take(c, &r.import, &password);

	r.import.created_ms = clock_real_ms();
	if (e == OK)
		e = check_rate(c);
	if (e == OK)
		e = store_write(c->admin->store, add, &r, &c->why);
	if (e)
		return e;
	c->response->status = 201;
	begin(&r, password);
	return OK;
}

static enum err run_again(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = account_of(t, r);

	if (e == OK)
		e = import_get(t, r->account.id, id_of(r), r->call->arena, &r->import);
	if (e == OK)
		e = import_where_check(r->call, &r->import);
	if (e == OK)
		e = import_again(t, r->account.id, &r->import, txn_why(t));
	return e ? e
	         : api_audit(t, r->call, "import.run", r->account.address, STR_EMPTY,
	                     note_of(t, &r->import));
}

static enum err run(struct api_call *c, bool own)
{
	struct request r = { .call = c, .own = own, .change = true };
	struct str password = STR_EMPTY;
	enum err e = import_password_take(c, &password);

	if (e == OK)
		e = check_rate(c);
	if (e == OK)
		e = store_write(c->admin->store, run_again, &r, &c->why);
	if (e == OK)
		begin(&r, password);
	return e;
}

/* --- the rest ------------------------------------------------------------------------------ */

static enum err account_read(struct txn *t, void *arg)
{
	return account_of(t, arg);
}

/* A refusal by the other server is 422, not 403. */
static enum err look(struct api_call *c, bool own)
{
	struct request r = { .call = c, .own = own, .change = true };
	struct str password = STR_EMPTY;
	struct transfer_folder *folders = NULL;
	struct why why = { "" };
	size_t count = 0;
	enum err e = import_take(c, &r.import, &password);

	if (e == OK)
		e = store_read(c->admin->store, account_read, &r);
	if (e == OK)
		e = check_rate(c);
	if (e)
		return e;
	e = imports_look(c->admin->imports, &r.import, password, c->arena, &folders, &count, &why);
	if (e)
		return api_refuse(c, 422, "unreachable", "%s", why.text);
	import_preview_put(c->out, folders, count);
	return OK;
}

static enum err rm_write(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct api_call *c = r->call;
	enum err e = account_of(t, r);

	if (e == OK)
		e = import_get(t, r->account.id, id_of(r), txn_arena(t), &r->import);
	if (e == OK)
		e = import_rm(t, r->account.id, r->import.id, txn_why(t));
	return e ? e
	         : api_audit(t, c, "import.remove", r->account.address, note_of(t, &r->import),
	                     STR_EMPTY);
}

static enum err rm(struct api_call *c, bool own)
{
	struct request r = { .call = c, .own = own, .change = true };

	return store_write(c->admin->store, rm_write, &r, &c->why);
}

static enum err cancel_note(struct txn *t, void *arg)
{
	const struct request *r = arg;

	return api_audit(t, r->call, "import.cancel", r->account.address, STR_EMPTY,
	                 note_of(t, &r->import));
}

static enum err cancel(struct api_call *c, bool own)
{
	struct request r = { .call = c, .own = own, .change = true };
	enum err e = store_read(c->admin->store, one_read, &r);

	if (e)
		return e;
	if (imports_cancel(c->admin->imports, r.account.id, r.import.id) != OK)
		return fail(&c->why, ERR_CONFLICT, "the import is not running");
	return store_write(c->admin->store, cancel_note, &r, &c->why);
}

#define BOTH(name, what)                                \
	enum err api_me_##name(struct api_call *c)      \
	{                                               \
		return what(c, true);                   \
	}                                               \
	enum err api_account_##name(struct api_call *c) \
	{                                               \
		return what(c, false);                  \
	}

BOTH(imports, list)
BOTH(import, one)
BOTH(import_add, add_new)
BOTH(import_look, look)
BOTH(import_run, run)
BOTH(import_cancel, cancel)
BOTH(import_rm, rm)
