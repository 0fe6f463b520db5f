/* model/directory/login/login_candidate.c: the account of a login name, and its credentials for the
 * service; see login_private.h. */
#include "model/directory/login/login_private.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/text/utf8.h"
#include "model/directory/normal.h"
#include "model/store/store.h"

enum err candidate_complete(struct txn *t, struct mailaddr *name, struct arena *a)
{
	struct kv_iter it;
	unsigned domains = 0;

	if (name->local.n == 0 || name->domain.n != 0)
		return OK;
	kv_iter_prefix(&it, t, SPACE_DOMAIN, STR_EMPTY);
	while (domains < 2 && kv_iter_next(&it)) {
		name->domain = str_dup(a, it.key);
		domains++;
	}
	if (domains != 1)
		name->domain = STR_EMPTY;
	return kv_iter_end(&it);
}

static enum err credential_found(struct txn *t, struct check *c, const struct credential_row *row)
{
	uint8_t key[SCRAM_SALT_KEY];
	enum err e = salt_key_get(t, key);

	c->found.credential = row->text;
	c->found.made_ms = row->created_ms;
	c->found.scopes = row->number == CREDENTIAL_PASSWORD ? SCOPE_ALL : row->scopes;
	c->found.age =
		e != OK ? SALT_NONE
			: salt_age(row, key, mailaddr_text(&c->secret, &c->found.account.address));
	mem_wipe(key, sizeof key);
	return e == ERR_MISSING ? OK : e;
}

/* Reads the account's credentials that are valid for the service now. With two-factor login, the
 * account's own password is valid for the console only. Credentials that are not valid now are left
 * out, so that a remembered refusal ends together with its cause. */
static enum err credentials_read(struct txn *t, struct check *c)
{
	uint32_t account = c->found.account.id;
	struct credential_row row;
	enum err e = app_password_match(t, account, c->try->password, c->scope, clock_real_ms(),
	                                &c->found.app_password, &c->found.app_usable);

	if (e != OK)
		return e;
	if (c->found.app_usable) {
		e = row_credential_get(t, account, c->found.app_password, &c->secret, &row);
		c->found.expires_ms = row.expires_ms;
		return e != OK ? e : credential_found(t, c, &row);
	}
	if (!c->found.account.logins || (factor_any(&c->found.factor) && c->scope != SCOPE_NONE))
		return OK;
	e = row_credential_get(t, account, CREDENTIAL_PASSWORD, &c->secret, &row);
	return e != OK ? e : credential_found(t, c, &row);
}

enum err candidate_account(struct txn *t, struct check *c)
{
	struct route_row route;
	enum err e;

	c->found = (struct candidate){ 0 };
	e = row_login_moves(t, &c->found.moves);
	if (e == OK)
		e = candidate_complete(t, &c->name, &c->secret);
	if (e != OK || c->name.domain.n == 0)
		return e;
	e = row_route_get(t, &c->name, &c->secret, &route);
	if (e != OK || route.account == 0) /* an alias does not log in */
		return e == ERR_MISSING ? OK : e;
	e = row_account_get(t, route.account, &c->secret, &c->found.account);
	return e != OK ? e : factor_get(t, route.account, &c->found.factor);
}

enum err candidate_read(struct txn *t, void *arg)
{
	struct check *c = arg;
	enum err e = candidate_account(t, c);

	if (e == OK && c->found.account.id != 0)
		e = credentials_read(t, c);
	return e == ERR_MISSING ? OK : e;
}

/* "user@domain", or "user" alone; null when it is neither. */
struct mailaddr candidate_name(struct arena *a, struct str text)
{
	struct mailaddr name = { 0 };

	if (normal_address(a, text, &name))
		return normal_fold(a, name);
	text = str_trim(text);
	if (text.n == 0 || text.n > MAILADDR_LOCAL_MAX || str_find_byte(text, '@') >= 0 ||
	    !utf8_valid(text))
		return (struct mailaddr){ 0 };
	name.local = text;
	name.domain = STR_EMPTY;
	return normal_fold(a, name);
}
