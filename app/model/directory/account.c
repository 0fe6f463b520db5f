/* model/directory/account.c: accounts and their passwords; see directory.h. */
#include "foundation/base/clock.h"
#include "model/directory/directory.h"
#include "model/directory/group.h"
#include "model/directory/login/salt.h"
#include "model/directory/normal.h"
#include "model/directory/role.h"
#include "model/directory/route.h"
#include "model/directory/row.h"
#include "model/store/store.h"

static enum err address_parse(struct txn *t, struct str text, struct mailaddr *out, struct why *why)
{
	if (!normal_address(txn_arena(t), text, out))
		return fail(why, ERR_SYNTAX, "\"%.*s\" is not an address: give name@domain",
		            STR_ARG(text));
	*out = normal_fold(txn_arena(t), *out);
	return OK;
}

/* The account with this primary address. */
static enum err account_row_find(struct txn *t, struct str address, struct arena *a,
                         struct account_row *out, struct why *why)
{
	struct mailaddr normal;
	struct route_row route;
	enum err e = address_parse(t, address, &normal, why);

	if (e != OK)
		return e;
	e = row_route_get(t, &normal, txn_arena(t), &route);
	if (e == ERR_MISSING || (e == OK && route.account == 0))
		return fail(why, ERR_MISSING, "account %.*s does not exist", STR_ARG(address));
	if (e == OK)
		e = row_account_get(t, route.account, a, out);
	return e == ERR_MISSING ? ERR_CORRUPT : e;
}

/* text: of credential_make, or only the Argon2id string. */
static enum err password_put(struct txn *t, uint32_t account, struct str text)
{
	ptrdiff_t blank = str_find_byte(text, ' ');
	size_t n = blank < 0 ? text.n : (size_t)blank;
	struct credential_row row = {
		.account = account,
		.number = CREDENTIAL_PASSWORD,
		.text = str_sub(text, 0, n),
		.scram = str_sub(text, n + 1, text.n),
		.created_ms = clock_real_ms(),
	};
	enum err e = row_credential_put(t, &row);

	return e != OK ? e : salts_settle(t, account);
}

enum err account_add(struct txn *t, const struct account_new *new, uint32_t *id, struct why *why)
{
	struct account_row row = {
		.name = new->name,
		.logins = true,
		.mail = true,
		.created_ms = clock_real_ms(),
		.quota_bytes = new->quota_bytes,
	};
	struct route_row route = { .created_ms = row.created_ms };
	enum err e = address_parse(t, new->address, &row.address, why);

	if (e == OK)
		e = route_free(t, &row.address, why);
	if (e == OK)
		e = role_set(t, new->role, new->domains, &row, why);
	if (e == OK)
		e = row_account_id_take(t, &row.id);
	route.address = row.address;
	route.account = row.id;
	if (e == OK)
		e = row_account_put(t, &row);
	if (e == OK)
		e = row_route_put(t, &route);
	if (e == OK && new->password_hash.n != 0)
		e = password_put(t, row.id, new->password_hash);
	if (e == OK && id != NULL)
		*id = row.id;
	return e;
}

static bool leads(const struct account_row *row)
{
	return row->logins && row->role == ROLE_OWNER;
}

/* ERR_MISSING when no owner other than `but` may log in. */
static enum err other_owner_find(struct txn *t, uint32_t but)
{
	struct kv_iter it;
	struct account_row row;
	enum err e = OK;
	enum err walked;
	bool found = false;

	row_account_iter(&it, t);
	while (e == OK && !found && kv_iter_next(&it)) {
		e = row_account_read(&it, txn_arena(t), &row);
		found = e == OK && row.id != but && leads(&row);
	}
	walked = kv_iter_end(&it);
	if (e != OK || walked != OK)
		return e != OK ? e : walked;
	return found ? OK : ERR_MISSING;
}

/* OK when row is no owner, or there is another owner who may log in. */
static enum err may_go(struct txn *t, const struct account_row *row, struct why *why)
{
	enum err e = leads(row) ? other_owner_find(t, row->id) : OK;

	if (e == ERR_MISSING)
		return fail(why, ERR_CONFLICT, "%.*s is the only owner: make another one first",
		            STR_ARG(mailaddr_text(txn_arena(t), &row->address)));
	return e;
}

enum err account_rm(struct txn *t, struct str address, uint32_t *id, struct why *why)
{
	struct account_row row;
	enum err e = account_row_find(t, address, txn_arena(t), &row, why);

	if (e == OK)
		e = may_go(t, &row, why);
	if (e == OK)
		e = row_route_del(t, &row.address);
	if (e == OK)
		e = row_account_del(t, row.id);
	if (e == OK)
		e = row_person_del(t, row.id);
	if (e == OK)
		e = group_forget(t, row.id);
	if (e == OK)
		e = route_forget(t, row.address);
	if (e == OK)
		*id = row.id;
	return e;
}

enum err account_passwd(struct txn *t, struct str address, struct str password_hash,
                        struct why *why)
{
	struct account_row row;
	enum err e = account_row_find(t, address, txn_arena(t), &row, why);

	return e != OK ? e : password_put(t, row.id, password_hash);
}

enum err account_change(struct txn *t, const struct account *to, struct why *why)
{
	struct account_row row;
	enum err e = row_account_get(t, to->id, txn_arena(t), &row);

	if (e == ERR_MISSING)
		return fail(why, e, "account number %" PRIu32 " does not exist", to->id);
	if (e == OK && !(to->logins && to->role == ROLE_OWNER))
		e = may_go(t, &row, why);
	if (e == OK)
		e = role_set(t, to->role, to->domains, &row, why);
	if (e != OK)
		return e;
	row.name = to->name;
	row.logins = to->logins;
	row.mail = to->mail;
	row.quota_bytes = to->quota_bytes;
	row.quota_emails = to->quota_emails;
	row.message_bytes = to->message_bytes;
	row.pop3 = to->pop3;
	row.pop3_from_ms = to->pop3_from_ms;
	return row_account_put(t, &row);
}

static const char *const pop3_names[] = {
	[POP3_SHOWS_ALL] = "all",
	[POP3_SHOWS_NEW] = "new",
	[POP3_OFF] = "off",
};

const char *pop3_access_name(enum pop3_access access)
{
	return pop3_names[access];
}

bool pop3_access_parse(struct str name, enum pop3_access *out)
{
	for (size_t i = 0; i < COUNT(pop3_names); i++)
		if (str_eq(name, str_of(pop3_names[i]))) {
			*out = (enum pop3_access)i;
			return true;
		}
	return false;
}

static struct account account_of(struct arena *a, const struct account_row *row)
{
	return (struct account){
		.id = row->id,
		.address = mailaddr_text(a, &row->address),
		.name = row->name,
		.logins = row->logins,
		.mail = row->mail,
		.role = row->role,
		.domains = row->domains,
		.created_ms = row->created_ms,
		.quota_bytes = row->quota_bytes,
		.quota_emails = row->quota_emails,
		.message_bytes = row->message_bytes,
		.pop3 = row->pop3,
		.pop3_from_ms = row->pop3_from_ms,
	};
}

enum err account_get(struct txn *t, uint32_t id, struct arena *a, struct account *out)
{
	struct account_row row;
	enum err e = row_account_get(t, id, a, &row);

	if (e == OK)
		*out = account_of(a, &row);
	return e;
}

enum err account_find(struct txn *t, struct str address, struct arena *a, struct account *out)
{
	struct account_row row;
	enum err e = account_row_find(t, address, a, &row, NULL);

	if (e == OK && out != NULL)
		*out = account_of(a, &row);
	return e;
}

enum err account_list(struct txn *t, struct arena *a, struct account_list *out)
{
	struct kv_iter it;
	size_t room = 0;
	enum err e = OK;
	enum err walked;

	*out = (struct account_list){ 0 };
	row_route_iter(&it, t, STR_EMPTY);
	while (e == OK && kv_iter_next(&it)) {
		struct route_row route;
		struct account_row row;

		e = row_route_read(&it, txn_arena(t), &route);
		if (e != OK || route.account == 0)
			continue;
		e = row_account_get(t, route.account, a, &row);
		out->items = row_room(a, out->items, out->count, &room, sizeof(*out->items));
		if (e == OK)
			out->items[out->count++] = account_of(a, &row);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}
