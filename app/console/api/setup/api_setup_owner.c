/* console/api/setup/api_setup_owner.c: the second step of the setup: the first account, which
 * may do everything. */
#include "console/api/access/account.h"
#include "console/api/admin.h"
#include "console/api/setup/api_setup.h"
#include "formats/message/mailaddr.h"
#include "model/store/store.h"

enum { PASSWORD_STRONGEST = 4 }; /* of password_strength */

struct owner {
	struct str address, name, hash;
};

/* The owner exists after a test message; then only name and password can change. */
static enum err owner_change(struct txn *t, const struct setup *s, const struct owner *o)
{
	struct account account;
	enum err e = account_get(t, s->account, txn_arena(t), &account);

	if (e != OK)
		return e;
	if (!str_eqi(o->address, account.address))
		return fail(txn_why(t), ERR_CONFLICT,
		            "%.*s was made already; finish the setup, and change people in the "
		            "console",
		            STR_ARG(account.address));
	account.name = o->name;
	e = account_change(t, &account, txn_why(t));
	if (e != OK || o->hash.n == 0)
		return e;
	return account_passwd(t, account.address, o->hash, txn_why(t));
}

static enum err keep_owner(struct txn *t, struct setup *s, void *arg)
{
	const struct owner *o = arg;
	enum err e = s->account != 0 ? owner_change(t, s, o) : OK;

	if (e != OK)
		return e;
	s->address = o->address;
	s->name = o->name;
	if (o->hash.n != 0 || s->account != 0)
		s->password_hash = s->account != 0 ? STR_EMPTY : o->hash;
	s->done |= SETUP_OWNER;
	return OK;
}

static enum err address_check(struct api_call *c, struct str address, struct str domain)
{
	struct mailaddr parsed;

	if (domain.n == 0)
		return fail(&c->why, ERR_CONFLICT, "complete the step Names first");
	if (!mailaddr_of(address, c->arena, 0, &parsed) || !str_eqi(parsed.domain, domain))
		return fail(&c->why, ERR_SYNTAX, "address: use an address like me@%.*s",
		            STR_ARG(domain));
	return OK;
}

enum err api_setup_owner(struct api_call *c)
{
	struct owner o = { .address = str_trim(api_setup_text(c, "address")),
		           .name = str_trim(api_setup_text(c, "name")) };
	struct str password = api_setup_text(c, "password"), advice = STR_EMPTY;
	struct setup_change change = { .call = c, .fn = keep_owner, .arg = &o };
	struct setup s;
	enum err e = api_setup_enter(c, &s);
	int strength = PASSWORD_STRONGEST;
	bool keep;

	if (e != OK || (e = address_check(c, o.address, s.domain)))
		return e;
	/* An empty one, when the step is opened again, keeps what was set. */
	keep = password.n == 0 && (s.account != 0 || s.password_hash.n != 0);
	if (!keep) {
		strength = password_strength(password, o.address, &advice);
		e = account_password_hash(c->admin->store, password, o.address, c->arena, &o.hash,
		                          &c->why);
	}
	if (e != OK || (e = api_setup_write(&change)))
		return e;
	json_open(c->out, NULL, '{');
	json_put_u64(c->out, "strength", (uint64_t)strength);
	json_put_str(c->out, "advice", advice);
	json_close(c->out);
	return OK;
}
