/* console/api/people/api_people_accounts.c: accounts, as those who administer them see and
 * change them. */
#include "console/api/access/account.h"
#include "console/api/access/session.h"
#include "console/api/admin.h"
#include "console/api/people/api_people.h"
#include "model/directory/login/app_password.h"
#include "model/directory/login/factor.h"
#include "model/directory/login/login.h"
#include "model/store/store.h"

/* A call about one account, with what was made of its body before the transaction. */
struct request {
	struct api_call *call;
	struct str address;
	struct str hash;        /* of a new password */
	struct account account; /* as it was read    */
};

/* --- reading ----------------------------------------------------------------------------- */

static bool found(struct api_call *c, const struct account *account, struct str q)
{
	return str_find(account->address, q) >= 0 ||
	       str_find(str_lower(c->arena, account->name), q) >= 0;
}

static enum err list(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct str q = str_lower(c->arena, api_argument(c, "q"));
	struct account_list accounts;
	struct api_list page;
	enum err e = account_list(t, c->arena, &accounts);

	people_sort(accounts.items, accounts.count, sizeof(*accounts.items));
	api_list_open(c, &page);
	for (size_t i = 0; e == OK && i < accounts.count && !page.more; i++) {
		const struct account *account = &accounts.items[i];

		if (people_wants(c, account->address) && found(c, account, q) &&
		    api_list_wants(&page, account->address))
			e = people_account_put(t, c, account);
	}
	api_list_close(&page);
	return e;
}

enum err api_accounts(struct api_call *c)
{
	return store_read(c->admin->store, list, c);
}

static enum err get(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = people_account(t, r->call, r->address, false, &r->account);

	return e != OK ? e : people_account_put(t, r->call, &r->account);
}

static enum err answer(struct api_call *c, struct str address)
{
	struct request r = { .call = c, .address = address };

	return store_read(c->admin->store, get, &r);
}

enum err api_account(struct api_call *c)
{
	return answer(c, c->parameter[0]);
}

/* --- making ------------------------------------------------------------------------------ */

/* Role and domains of the body into *role, *domains (a list with blanks between); both stay
 * when it has none. */
static enum err role_take(struct api_call *c, enum role *role, struct str *domains)
{
	struct json list = json_get(c->body, "domains");
	struct str name, *items;
	size_t count;

	if (json_str(json_get(c->body, "role"), &name) && !role_parse(name, role))
		return api_invalid(c, "role", name, "user, admin or owner");
	if (json_kind(list) == JSON_ARRAY) {
		items = people_strings(c, list, &count);
		*domains = STR_EMPTY;
		for (size_t i = 0; i < count; i++)
			*domains = str_fmt(c->arena, "%.*s %.*s", STR_ARG(*domains),
			                   STR_ARG(items[i]));
	}
	return OK;
}

static enum err add(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct api_call *c = r->call;
	struct account_new new = { .address = r->address, .password_hash = r->hash };
	struct account made;
	enum err e = role_take(c, &new.role, &new.domains);

	(void)json_str(json_get(c->body, "name"), &new.name);
	(void)json_u64(json_get(c->body, "quota_bytes"), &new.quota_bytes);
	if (e == OK)
		e = role_change_check(people_actor(c), ROLE_USER, new.role, &c->why);
	if (e == OK)
		e = account_create(t, &new, NULL, txn_why(t));
	if (e == OK)
		e = account_find(t, r->address, txn_arena(t), &made);
	return e != OK ? e
	               : api_audit(t, c, "account.create", made.address, STR_EMPTY,
	                           people_account_note(t, &made));
}

enum err api_account_add(struct api_call *c)
{
	struct request r = { .call = c, .address = people_address_new(c) };
	struct str password;
	enum err e = people_may_domain(c, people_domain(r.address));

	if (e == OK && json_str(json_get(c->body, "password"), &password))
		e = account_password_hash(c->admin->store, password, r.address, c->arena, &r.hash,
		                          &c->why);
	if (e == OK)
		e = store_write(c->admin->store, add, &r, &c->why);
	if (e != OK)
		return e;
	c->response->status = 201;
	return answer(c, r.address);
}

/* --- changing ---------------------------------------------------------------------------- */

static enum err change(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct api_call *c = r->call;
	struct account was, to;
	enum err e = people_account(t, c, r->address, true, &was);

	if (e != OK)
		return e;
	to = was;
	(void)json_str(json_get(c->body, "name"), &to.name);
	(void)json_bool(json_get(c->body, "logins"), &to.logins);
	(void)json_bool(json_get(c->body, "mail"), &to.mail);
	(void)json_u64(json_get(c->body, "quota_bytes"), &to.quota_bytes);
	(void)json_u64(json_get(c->body, "message_bytes"), &to.message_bytes);
	e = people_pop3_take(c, &to);
	if (e == OK)
		e = role_take(c, &to.role, &to.domains);
	if (e == OK)
		e = role_change_check(people_actor(c), was.role, to.role, &c->why);
	if (e == OK)
		e = account_alter(t, &to, txn_why(t));
	if (e == OK && !to.logins)
		e = sessions_end(t, was.id, STR_EMPTY);
	return e != OK ? e
	               : api_audit(t, c, "account.change", was.address,
	                           people_account_note(t, &was), people_account_note(t, &to));
}

enum err api_account_change(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };
	enum err e = store_write(c->admin->store, change, &r, &c->why);

	return e != OK ? e : api_account(c);
}

static enum err password(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct api_call *c = r->call;
	struct account account;
	enum err e = people_account(t, c, r->address, true, &account);

	if (e == OK)
		e = account_passwd(t, account.address, r->hash, txn_why(t));
	if (e == OK) /* whoever knew the old one */
		e = sessions_end(t, account.id,
		                 account.id == c->who.account ? c->who.session : STR_EMPTY);
	return e != OK ? e
	               : api_audit(t, c, "account.password", account.address, STR_EMPTY, STR_EMPTY);
}

enum err api_account_password(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };
	struct str text = STR_EMPTY;
	enum err e;

	(void)json_str(json_get(c->body, "password"), &text);
	e = account_password_hash(c->admin->store, text, r.address, c->arena, &r.hash, &c->why);
	if (e == OK)
		e = store_write(c->admin->store, password, &r, &c->why);
	/* Wrong passwords may have locked out the administrator at the machine. */
	if (e == OK && c->who.local && c->admin->logins != NULL)
		logins_unlock(c->admin->logins);
	return e;
}

static enum err rm(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct account was;
	enum err e = people_account(t, r->call, r->address, true, &was);

	if (e == OK)
		e = account_destroy(t, was.address, txn_why(t));
	return e != OK ? e
	               : api_audit(t, r->call, "account.remove", was.address,
	                           people_account_note(t, &was), STR_EMPTY);
}

enum err api_account_rm(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };
	enum err e = store_write(c->admin->store, rm, &r, &c->why);

	people_rights_changed(c);
	return e;
}

/* --- helping ----------------------------------------------------------------------------- */

static enum err seen(struct txn *t, void *arg)
{
	struct request *r = arg;

	return people_account(t, r->call, r->address, false, &r->account);
}

enum err api_account_logins(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };
	enum err e = store_read(c->admin->store, seen, &r);

	return e != OK ? e : people_logins(c, r.account.id);
}

enum err api_account_app_passwords(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };
	enum err e = store_read(c->admin->store, seen, &r);

	return e != OK ? e : people_app_passwords(c, r.account.id);
}

static enum err app_password_end(struct txn *t, void *arg)
{
	struct request *r = arg;
	uint32_t id = people_id(r->call->parameter[1]);
	struct account account;
	struct str was;
	enum err e = people_account(t, r->call, r->address, true, &account);

	if (e == OK)
		e = people_app_password_was(t, account.id, id, &was);
	if (e == OK)
		e = app_password_rm(t, account.id, id, txn_why(t));
	return e != OK ? e
	               : api_audit(t, r->call, "app_password.remove", account.address, was,
	                           STR_EMPTY);
}

enum err api_account_app_password_rm(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };

	return store_write(c->admin->store, app_password_end, &r, &c->why);
}

/* For who has lost device and recovery codes. */
static enum err factor_end(struct txn *t, void *arg)
{
	struct request *r = arg;
	struct account account;
	enum err e = people_account(t, r->call, r->address, true, &account);

	if (e == OK)
		e = factor_off(t, account.id, txn_why(t));
	if (e == OK)
		e = sessions_end(t, account.id,
		                 account.id == r->call->who.account ? r->call->who.session
		                                                    : STR_EMPTY);
	return e != OK ? e
	               : api_audit(t, r->call, "totp.off", account.address, STR_EMPTY, STR_EMPTY);
}

enum err api_account_totp_off(struct api_call *c)
{
	struct request r = { .call = c, .address = c->parameter[0] };

	return store_write(c->admin->store, factor_end, &r, &c->why);
}
