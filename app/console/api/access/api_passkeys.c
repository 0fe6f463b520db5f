/* console/api/access/api_passkeys.c: the passkeys of an account, for itself and for who
 * administers it. */
#include "console/api/access/access_private.h"
#include "console/api/access/session.h"
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "formats/webauthn/cose.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/text/base64url.h"
#include "model/directory/login/passkey.h"
#include "model/store/store.h"

/* A call about an account's passkeys. */
struct request {
	struct api_call *call;
	struct account account;
	struct passkey_list list;
	struct passkey new;
};

/* --- reading ----------------------------------------------------------------------------- */

static enum err list_own(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = account_get(t, r->call->who.account, r->call->arena, &r->account);

	return e != OK ? e : passkey_list(t, r->account.id, r->call->arena, &r->list);
}

static enum err list_of(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = people_account(t, r->call, r->call->parameter[0], false, &r->account);

	return e != OK ? e : passkey_list(t, r->account.id, r->call->arena, &r->list);
}

/* There are so few that they are one page. */
static enum err answer(struct api_call *c, txn_fn *find)
{
	struct request r = { .call = c };
	enum err e = store_read(c->admin->store, find, &r);
	struct api_list list;

	if (e != OK)
		return e;
	api_list_open(c, &list);
	for (size_t i = 0; i < r.list.count; i++) {
		json_open(c->out, NULL, '{');
		people_passkey_put(c->out, &r.list.items[i]);
		json_close(c->out);
	}
	api_list_close(&list);
	return OK;
}

enum err api_me_passkeys(struct api_call *c)
{
	return answer(c, list_own);
}

enum err api_account_passkeys(struct api_call *c)
{
	return answer(c, list_of);
}

/* --- adding ------------------------------------------------------------------------------ */

static void put_creation(struct api_call *c, const struct request *r, struct str site)
{
	char handle[PASSKEY_HANDLE];

	passkey_handle(r->account.id, handle);
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "challenge", passkey_begin(c, c->who.session));
	json_put_str(c->out, "site", site);
	json_put_str(c->out, "user", base64url_of(c->arena, str_from(handle, sizeof handle)));
	json_put_str(c->out, "name", r->account.address);
	json_put_str(c->out, "display_name",
	             r->account.name.n != 0 ? r->account.name : r->account.address);
	json_open(c->out, "algorithms", '[');
	for (size_t i = 0; i < cose_algorithm_count; i++)
		json_put_i64(c->out, NULL, cose_algorithms[i]);
	json_close(c->out);
	json_open(c->out, "exclude", '[');
	for (size_t i = 0; i < r->list.count; i++)
		json_put_str(c->out, NULL, base64url_of(c->arena, r->list.items[i].credential.id));
	json_close(c->out);
	json_put_u64(c->out, "timeout_ms", (uint64_t)LIMIT_passkey_attempt_s * 1000);
	json_close(c->out);
}

enum err api_me_passkey_begin(struct api_call *c)
{
	struct request r = { .call = c };
	struct webauthn_expected site;
	enum err e = passkey_site(c, &site);

	if (e == OK)
		e = store_read(c->admin->store, list_own, &r);
	if (e == OK)
		put_creation(c, &r, site.site);
	return e;
}

/* The credentials have changed: end all other sessions of the account. */
static enum err note(struct txn *t, const struct request *r, const char *what, struct str before,
                     struct str after)
{
	const struct api_who *who = &r->call->who;
	enum err e = sessions_end(t, r->account.id,
	                          r->account.id == who->account ? who->session : STR_EMPTY);

	return e != OK ? e : api_audit(t, r->call, what, r->account.address, before, after);
}

static enum err add(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = account_get(t, r->call->who.account, r->call->arena, &r->account);

	if (e == OK)
		e = passkey_add(t, r->account.id, &r->new, &r->new.id, txn_why(t));
	return e != OK ? e
	               : note(t, r, "passkey.create", STR_EMPTY, people_passkey_note(t, &r->new));
}

enum err api_me_passkey_add(struct api_call *c)
{
	struct request r = { .call = c };
	struct str client_data = STR_EMPTY, attestation = STR_EMPTY;
	struct webauthn_expected expected;
	enum err e;

	(void)json_str(json_get(c->body, "label"), &r.new.label);
	e = passkey_bytes(c, "client_data", &client_data);
	if (e == OK)
		e = passkey_bytes(c, "attestation", &attestation);
	if (e == OK)
		e = passkey_take(c, c->who.session, &expected);
	if (e == OK)
		e = webauthn_register(&expected, client_data, attestation, c->arena,
		                      &r.new.credential, &c->why);
	r.new.site = expected.site;
	r.new.created_ms = clock_real_ms();
	if (e == OK)
		e = store_write(c->admin->store, add, &r, &c->why);
	if (e != OK)
		return e;
	c->response->status = 201;
	json_open(c->out, NULL, '{');
	people_passkey_put(c->out, &r.new);
	json_close(c->out);
	return OK;
}

/* --- removing ---------------------------------------------------------------------------- */

static enum err rm(struct txn *t, struct request *r, struct str id)
{
	uint32_t number = people_id(id);
	struct str was;
	enum err e = people_passkey_was(t, r->account.id, number, &was);

	if (e == OK)
		e = passkey_rm(t, r->account.id, number, txn_why(t));
	return e != OK ? e : note(t, r, "passkey.remove", was, STR_EMPTY);
}

static enum err rm_own(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = account_get(t, r->call->who.account, txn_arena(t), &r->account);

	return e != OK ? e : rm(t, r, r->call->parameter[0]);
}

static enum err rm_of(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = people_account(t, r->call, r->call->parameter[0], true, &r->account);

	return e != OK ? e : rm(t, r, r->call->parameter[1]);
}

enum err api_me_passkey_rm(struct api_call *c)
{
	struct request r = { .call = c };

	return store_write(c->admin->store, rm_own, &r, &c->why);
}

enum err api_account_passkey_rm(struct api_call *c)
{
	struct request r = { .call = c };

	return store_write(c->admin->store, rm_of, &r, &c->why);
}
