/* model/directory/login/app_password.c: see app_password.h. */
#include "model/directory/login/app_password.h"

#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/directory/login/salt.h"
#include "model/directory/login/secret.h"
#include "model/directory/normal.h"
#include "model/directory/row.h"
#include "model/store/store.h"

/* --- Scopes ----------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum login_scope scope;
	const char *services[3]; /* of the listeners */
} scopes[] = {
	{ "imap", SCOPE_IMAP, { "imap", "imaps", "jmap" } },
	{ "pop3", SCOPE_POP3, { "pop3", "pop3s" } },
	{ "sieve", SCOPE_SIEVE, { "managesieve" } },
	{ "smtp", SCOPE_SMTP, { "submission", "submissions" } },
};

enum login_scope login_scope_of(struct str service)
{
	for (size_t i = 0; i < COUNT(scopes); i++)
		for (size_t j = 0; j < COUNT(scopes[i].services); j++)
			if (scopes[i].services[j] != NULL &&
			    str_eq(service, str_of(scopes[i].services[j])))
				return scopes[i].scope;
	return SCOPE_NONE;
}

bool login_scope_parse(struct str name, enum login_scope *out)
{
	for (size_t i = 0; i < COUNT(scopes); i++) {
		if (!str_eq(name, str_of(scopes[i].name)))
			continue;
		*out = scopes[i].scope;
		return true;
	}
	return false;
}

const char *login_scope_name(size_t i, enum login_scope *bit)
{
	if (i >= COUNT(scopes))
		return NULL;
	*bit = scopes[i].scope;
	return scopes[i].name;
}

/* --- Making and removing ---------------------------------------------------------------- */

/* Counts them; *number is greater than all of theirs. */
static enum err app_password_count(struct txn *t, uint32_t account, uint32_t *number,
                                   unsigned *have)
{
	struct kv_iter it;
	struct credential_row row;
	enum err e = OK;
	enum err walked;

	*number = CREDENTIAL_PASSWORD + 1;
	*have = 0;
	row_credential_iter(&it, t, account);
	while (e == OK && kv_iter_next(&it)) {
		e = row_credential_read(&it, txn_arena(t), &row);
		if (e != OK || row.number == CREDENTIAL_PASSWORD)
			continue;
		*number = row.number + 1;
		*have += 1;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err form_check(const struct app_password *new, struct why *why)
{
	if (new->label.n == 0 || new->label.n > LIMIT_label || !normal_line(new->label))
		return fail(why, ERR_SYNTAX, "a label is one line of 1 to %d bytes", LIMIT_label);
	if ((new->scopes &SCOPE_ALL) == 0)
		return fail(why, ERR_SYNTAX, "a password is for some of imap, pop3, sieve, smtp");
	return OK;
}

enum err app_password_add(struct txn *t, uint32_t account, const struct app_password *new,
                          struct str secret, uint32_t *id, struct why *why)
{
	struct credential_row row = {
		.account = account,
		.text = secret_hash(txn_arena(t), secret),
		.scram = new->scram,
		.created_ms = clock_real_ms(),
		.label = new->label,
		.scopes = new->scopes &SCOPE_ALL,
		.expires_ms = new->expires_ms,
	};
	struct account_row owner;
	unsigned have;
	enum err e = form_check(new, why);

	assert(row.text.n == SECRET_HASH);
	if (e == OK)
		e = row_account_get(t, account, txn_arena(t), &owner);
	if (e == OK)
		e = app_password_count(t, account, &row.number, &have);
	if (e == OK && have >= LIMIT_app_passwords)
		return fail(why, ERR_LIMIT, "at most %d app passwords: remove one first",
		            LIMIT_app_passwords);
	*id = row.number;
	if (e == OK)
		e = row_credential_put(t, &row);
	return e != OK ? e : salts_settle(t, account);
}

enum err app_password_rm(struct txn *t, uint32_t account, uint32_t id, struct why *why)
{
	struct credential_row row;
	enum err e = id == CREDENTIAL_PASSWORD
	                     ? ERR_MISSING
	                     : row_credential_get(t, account, id, txn_arena(t), &row);

	if (e == ERR_MISSING)
		return fail(why, e, "there is no app password %" PRIu32, id);
	if (e == OK)
		e = row_credential_del(t, account, id);
	return e != OK ? e : salts_settle(t, account);
}

enum err app_password_list(struct txn *t, uint32_t account, struct arena *a,
                           struct app_password_list *out)
{
	struct kv_iter it;
	struct credential_row row;
	size_t room = 0;
	enum err e = OK;
	enum err walked;

	*out = (struct app_password_list){ 0 };
	row_credential_iter(&it, t, account);
	while (e == OK && kv_iter_next(&it)) {
		e = row_credential_read(&it, a, &row);
		if (e != OK || row.number == CREDENTIAL_PASSWORD)
			continue;
		out->items = row_room(a, out->items, out->count, &room, sizeof(*out->items));
		out->items[out->count++] = (struct app_password){
			.id = row.number,
			.label = row.label,
			.scopes = row.scopes,
			.created_ms = row.created_ms,
			.expires_ms = row.expires_ms,
			.last_used_ms = row.last_used_ms,
		};
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* --- Using ------------------------------------------------------------------------------ */

enum err app_password_match(struct txn *t, uint32_t account, struct str typed,
                            enum login_scope scope, int64_t now_ms, uint32_t *number, bool *usable)
{
	struct str hash = secret_hash(txn_arena(t), typed);
	struct kv_iter it;
	struct credential_row row;
	enum err e = OK;
	enum err walked;

	*number = 0;
	*usable = false;
	if (hash.n == 0)
		return OK;
	row_credential_iter(&it, t, account);
	while (e == OK && kv_iter_next(&it)) {
		e = row_credential_read(&it, txn_arena(t), &row);
		if (e != OK || row.number == CREDENTIAL_PASSWORD || !str_eq_secret(row.text, hash))
			continue;
		*number = row.number;
		*usable = (row.scopes & scope) != 0 &&
		          (row.expires_ms == 0 || now_ms < row.expires_ms);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err app_password_used(struct txn *t, uint32_t account, uint32_t number, int64_t time_ms)
{
	struct credential_row row;
	enum err e = row_credential_get(t, account, number, txn_arena(t), &row);

	if (e == ERR_MISSING || (e == OK && row.created_ms > time_ms))
		return OK;
	if (e != OK)
		return e;
	row.last_used_ms = MAX(row.last_used_ms, time_ms);
	return row_credential_put(t, &row);
}
