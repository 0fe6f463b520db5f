/* model/directory/login/passkey.c: see passkey.h. */
#include "model/directory/login/passkey.h"

#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/directory/normal.h"
#include "model/directory/row.h"
#include "model/directory/row_passkey.h"
#include "model/store/store.h"

/* --- Making and removing ---------------------------------------------------------------- */

/* Does any account have this credential? */
static enum err passkey_taken(struct txn *t, struct str credential_id, bool *yes)
{
	struct kv_iter it;
	struct passkey_row row;
	enum err e = OK;
	enum err walked;

	*yes = false;
	kv_iter_prefix(&it, t, SPACE_PASSKEY, STR_EMPTY);
	while (e == OK && !*yes && kv_iter_next(&it)) {
		e = row_passkey_read(&it, txn_arena(t), &row);
		*yes = e == OK && str_eq(row.credential_id, credential_id);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* A number greater than those of the account's passkeys. */
static enum err passkey_number_take(struct txn *t, uint32_t account, uint32_t *number)
{
	struct kv_iter it;
	struct passkey_row row;
	enum err e = OK;
	enum err walked;

	*number = 1;
	row_passkey_iter(&it, t, account);
	while (e == OK && kv_iter_next(&it)) {
		e = row_passkey_read(&it, txn_arena(t), &row);
		if (e == OK)
			*number = row.number + 1;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err form_check(const struct passkey *new, struct why *why)
{
	if (new->label.n == 0 || new->label.n > LIMIT_label || !normal_line(new->label))
		return fail(why, ERR_SYNTAX, "a label is one line of 1 to %d bytes", LIMIT_label);
	return OK;
}

enum err passkey_add(struct txn *t, uint32_t account, const struct passkey *new, uint32_t *id,
                     struct why *why)
{
	struct passkey_row row = {
		.account = account,
		.label = new->label,
		.site = new->site,
		.credential_id = new->credential.id,
		.public_key = new->credential.public_key,
		.count = new->credential.count,
		.created_ms = clock_real_ms(),
	};
	struct account_row owner;
	unsigned have;
	bool known;
	enum err e = form_check(new, why);

	if (e == OK)
		e = row_account_get(t, account, txn_arena(t), &owner);
	if (e == OK)
		e = row_passkey_count(t, account, &have);
	if (e == OK && have >= LIMIT_passkeys)
		return fail(why, ERR_LIMIT, "at most %d passkeys: remove one first",
		            LIMIT_passkeys);
	if (e == OK)
		e = passkey_taken(t, row.credential_id, &known);
	if (e == OK && known)
		return fail(why, ERR_CONFLICT, "this passkey is registered already");
	if (e == OK)
		e = passkey_number_take(t, account, &row.number);
	*id = row.number;
	return e != OK ? e : row_passkey_add(t, &row);
}

enum err passkey_rm(struct txn *t, uint32_t account, uint32_t id, struct why *why)
{
	struct passkey_row row;
	enum err e = row_passkey_get(t, account, id, txn_arena(t), &row);

	if (e == ERR_MISSING)
		return fail(why, e, "there is no passkey %" PRIu32, id);
	return e != OK ? e : row_passkey_del(t, account, id);
}

static struct passkey passkey_of(const struct passkey_row *row)
{
	return (struct passkey){
		.id = row->number,
		.label = row->label,
		.site = row->site,
		.created_ms = row->created_ms,
		.last_used_ms = row->last_used_ms,
		.credential = { row->credential_id, row->public_key, row->count },
	};
}

enum err passkey_list(struct txn *t, uint32_t account, struct arena *a, struct passkey_list *out)
{
	struct kv_iter it;
	struct passkey_row row;
	size_t room = 0;
	enum err e = OK;
	enum err walked;

	*out = (struct passkey_list){ 0 };
	row_passkey_iter(&it, t, account);
	while (e == OK && kv_iter_next(&it)) {
		e = row_passkey_read(&it, a, &row);
		if (e != OK)
			break;
		out->items = row_room(a, out->items, out->count, &room, sizeof(*out->items));
		out->items[out->count++] = passkey_of(&row);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}
