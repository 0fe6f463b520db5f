/* console/server/provision.c: see server.h. */
#include "console/server/server.h"

#include "console/api/access/account.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/store/store.h"

struct request {
	struct str domain;
	struct account_new admin; /* address empty: none */
	bool domain_made, admin_made;
};

static enum err domain_ensure(struct txn *t, struct str name, bool *made)
{
	enum err e = domain_get(t, name, txn_arena(t), NULL);

	if (e != ERR_MISSING)
		return e;
	*made = true;
	return domain_add(t, name, txn_why(t));
}

static enum err admin_ensure(struct txn *t, struct request *r)
{
	/* admin_prepare has checked that there is one. */
	ptrdiff_t at = str_rfind_byte(r->admin.address, '@');
	bool made = false;
	enum err e;

	e = domain_ensure(t, str_sub(r->admin.address, (size_t)at + 1, r->admin.address.n), &made);
	if (e)
		return e;
	r->admin_made = true;
	return account_create(t, &r->admin, NULL, txn_why(t));
}

static enum err ensure(struct txn *t, void *arg)
{
	struct request *r = arg;
	enum err e = OK;

	r->domain_made = r->admin_made = false;
	if (r->domain.n != 0 && (e = domain_ensure(t, r->domain, &r->domain_made)))
		return fail_about(txn_why(t), e, "ROOST_DOMAIN");
	if (r->admin.address.n != 0 && (e = admin_ensure(t, r)))
		return fail_about(txn_why(t), e, "ROOST_ADMIN");
	return OK;
}

static enum err admin_exists(struct txn *t, void *arg)
{
	const struct str *address = arg;

	return account_find(t, *address, txn_arena(t), NULL);
}

/* Hashes the password only when the account does not exist: it takes long, so not at every
 * start. */
static enum err admin_prepare(struct store *store, const struct settings *s, struct arena *a,
                              struct request *r, struct why *why)
{
	struct str address = s->admin;
	enum err e;

	if (address.n == 0)
		return OK;
	if (str_rfind_byte(address, '@') < 0)
		return fail(why, ERR_SYNTAX, "ROOST_ADMIN: give an address like me@example.org");
	e = store_read(store, admin_exists, &address);
	if (e != ERR_MISSING && e != ERR_SYNTAX)
		return e;
	if (s->admin_password.n == 0)
		return fail(why, ERR_MISSING,
		            "ROOST_ADMIN_PASSWORD: %.*s does not exist yet and needs one",
		            STR_ARG(address));
	r->admin.address = address;
	r->admin.role = ROLE_OWNER;
	e = account_password_hash(store, s->admin_password, address, a, &r->admin.password_hash,
	                          why);
	return e ? fail_about(why, e, "ROOST_ADMIN_PASSWORD") : OK;
}

enum err provision(struct store *store, const struct settings *s, struct why *why)
{
	struct request r = { .domain = s->domain };
	struct arena a = { 0 };
	enum err e = admin_prepare(store, s, &a, &r, why);

	if (e == OK && (r.domain.n != 0 || r.admin.address.n != 0))
		e = store_write(store, ensure, &r, why);
	if (e == OK && r.domain_made)
		event(setting_created, STR(""), ev_z("domain"), ev_str(r.domain));
	if (e == OK && r.admin_made)
		event(setting_created, STR(""), ev_z("account"), ev_str(r.admin.address));
	arena_deinit(&a);
	return e;
}
