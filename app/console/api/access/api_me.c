/* console/api/access/api_me.c: what everybody does for the own account: name, password, app
 * passwords, recent logins. Two-factor login is in api_me_factor.c. */
#include "console/api/access/account.h"
#include "console/api/access/access_private.h"
#include "console/api/access/session.h"
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/live.h"
#include "model/directory/login/app_password.h"
#include "model/directory/login/credential.h"
#include "model/directory/login/login.h"
#include "model/directory/login/salt.h"
#include "model/directory/login/secret.h"
#include "model/store/store.h"

enum err me_password_check(struct api_call *c, struct str password)
{
	const struct login_try try = { .id = c->http->id,
		                       .service = c->http->tls ? STR("https") : STR("http"),
		                       .peer = &c->http->peer,
		                       .name = c->who.address,
		                       .password = password };
	struct login login;
	enum err e = login_check(c->admin->logins, &try, c->arena, &login, &c->why);

	if (e == ERR_DENIED)
		return fail(&c->why, e, "the password is wrong");
	/* More would be needed for a new session, which this is not. */
	return e == ERR_MISSING || e == ERR_CONFLICT ? OK : e;
}

/* --- the account ------------------------------------------------------------------------- */

static enum err get(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct account account;
	enum err e = account_get(t, c->who.account, txn_arena(t), &account);

	return e != OK ? e : people_account_put(t, c, &account);
}

enum err api_me(struct api_call *c)
{
	return store_read(c->admin->store, get, c);
}

static enum err me_change(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct account was, to;
	enum err e = account_get(t, c->who.account, txn_arena(t), &was);

	if (e != OK)
		return e;
	to = was;
	(void)json_str(json_get(c->body, "name"), &to.name);
	e = people_pop3_take(c, &to);
	if (e == OK)
		e = account_alter(t, &to, txn_why(t));
	return e != OK ? e
	               : api_audit(t, c, "me.change", was.address, people_account_note(t, &was),
	                           people_account_note(t, &to));
}

enum err api_me_change(struct api_call *c)
{
	enum err e = store_write(c->admin->store, me_change, c, &c->why);

	return e != OK ? e : api_me(c);
}

struct passwd {
	struct api_call *call;
	struct str hash;
};

static enum err passwd(struct txn *t, void *arg)
{
	struct passwd *p = arg;
	struct api_call *c = p->call;
	enum err e = account_passwd(t, c->who.address, p->hash, txn_why(t));

	if (e == OK)
		e = sessions_end(t, c->who.account, c->who.session);
	return e != OK ? e : api_audit(t, c, "me.password", c->who.address, STR_EMPTY, STR_EMPTY);
}

enum err api_me_password(struct api_call *c)
{
	struct passwd p = { .call = c };
	struct str old = STR_EMPTY, new = STR_EMPTY;
	enum err e;

	(void)json_str(json_get(c->body, "old"), &old);
	(void)json_str(json_get(c->body, "new"), &new);
	e = me_password_check(c, old);
	if (e == OK)
		e = account_password_hash(c->admin->store, new, c->who.address, c->arena, &p.hash,
		                          &c->why);
	return e != OK ? e : store_write(c->admin->store, passwd, &p, &c->why);
}

enum err api_me_logins(struct api_call *c)
{
	return people_logins(c, c->who.account);
}

/* --- app passwords ----------------------------------------------------------------------- */

enum err api_me_app_passwords(struct api_call *c)
{
	return people_app_passwords(c, c->who.account);
}

struct app_new {
	struct api_call *call;
	struct app_password made;
	struct str secret;
};

/* Without scopes it is for all mail services. */
static enum err app_take(struct app_new *n)
{
	struct api_call *c = n->call;
	struct json list = json_get(c->body, "scopes");
	struct json_iter it = json_iter(list);
	enum login_scope scope;
	struct str name = STR_EMPTY;

	(void)json_str(json_get(c->body, "label"), &n->made.label);
	(void)json_time(json_get(c->body, "expires"), &n->made.expires_ms);
	n->made.created_ms = clock_real_ms();
	n->made.scopes = json_kind(list) == JSON_ARRAY ? SCOPE_NONE : SCOPE_ALL;
	while (json_next(&it)) {
		if (!json_str(it.value, &name) || !login_scope_parse(name, &scope))
			return api_invalid(c, "scopes", name, "imap and smtp");
		n->made.scopes |= scope;
	}
	if (n->made.expires_ms != 0 && n->made.expires_ms <= n->made.created_ms)
		return fail(&c->why, ERR_SYNTAX, "expires: the time is in the past");
	return OK;
}

static enum err app_add(struct txn *t, void *arg)
{
	struct app_new *n = arg;
	struct api_call *c = n->call;
	enum err e =
		app_password_add(t, c->who.account, &n->made, n->secret, &n->made.id, txn_why(t));

	return e != OK ? e
	               : api_audit(t, c, "app_password.create", c->who.address, STR_EMPTY,
	                           people_app_password_note(t, &n->made));
}

static enum err words_of(struct api_call *c, struct str secret, struct str *out)
{
	const struct settings *settings;
	struct str words;
	struct cram_keys cram;
	struct salts salts;
	enum err e = salts_get(c->admin->store, c->who.address, &salts, &c->why);

	if (e != OK)
		return e;
	words = credential_scram(&salts, CREDENTIAL_APP, secret, c->who.address, c->arena);
	mem_wipe(&salts, sizeof salts);
	settings = settings_ref(c->admin->live);
	if (settings->cram_md5) {
		cram_keys(secret, &cram);
		words = credential_cram_add(words, &cram, c->arena);
		mem_wipe(&cram, sizeof cram);
	}
	settings_unref(settings);
	*out = words;
	return OK;
}

enum err api_me_app_password_add(struct api_call *c)
{
	struct app_new n = { .call = c };
	enum err e = app_take(&n);

	n.secret = secret_new(c->arena);
	if (e == OK)
		e = words_of(c, n.secret, &n.made.scram);
	if (e == OK)
		e = store_write(c->admin->store, app_add, &n, &c->why);
	if (e != OK)
		return e;
	c->response->status = 201;
	json_open(c->out, NULL, '{');
	people_app_password_put(c->out, &n.made);
	json_put_str(c->out, "password", n.secret);
	json_close(c->out);
	return OK;
}

static enum err app_rm(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	uint32_t id = people_id(c->parameter[0]);
	struct str was;
	enum err e = people_app_password_was(t, c->who.account, id, &was);

	if (e == OK)
		e = app_password_rm(t, c->who.account, id, txn_why(t));
	return e != OK ? e : api_audit(t, c, "app_password.remove", c->who.address, was, STR_EMPTY);
}

enum err api_me_app_password_rm(struct api_call *c)
{
	return store_write(c->admin->store, app_rm, c, &c->why);
}
