/* model/directory/login/salt.c: see salt.h. */
#include "model/directory/login/salt.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "model/directory/login/credential.h"
#include "model/directory/normal.h"
#include "model/directory/row.h"
#include "model/store/store.h"

#include <string.h>

static enum credential_kind salt_kind_of(const struct credential_row *row)
{
	return row->number == CREDENTIAL_PASSWORD ? CREDENTIAL_OWN : CREDENTIAL_APP;
}

enum salt_age salt_age(const struct credential_row *row, const uint8_t key[SCRAM_SALT_KEY],
                       struct str name)
{
	if (credential_whole(row->scram, salt_kind_of(row), key, name))
		return SALT_NEW;
	return credential_whole(row->scram, salt_kind_of(row), NULL, name) ? SALT_OLD : SALT_NONE;
}

enum err salt_key_get(struct txn *t, uint8_t key[SCRAM_SALT_KEY])
{
	struct str row;
	enum err e = kv_get(t, SPACE_SALT, STR("key"), &row);

	if (e == OK && row.n != SCRAM_SALT_KEY)
		return ERR_CORRUPT;
	if (e == OK)
		memcpy(key, row.p, SCRAM_SALT_KEY);
	return e;
}

/* name is the account's address. */
static enum err account_read(struct txn *t, uint32_t account, struct arena *a, struct str *name,
                             struct salts *out)
{
	struct account_row owner;
	struct credential_row row;
	struct kv_iter it;
	enum err e = salt_key_get(t, out->key);
	enum err walked;

	out->old = false;
	if (e != OK || (e = row_account_get(t, account, a, &owner)) != OK)
		return e;
	*name = mailaddr_text(a, &owner.address);
	row_credential_iter(&it, t, account);
	while (e == OK && !out->old && kv_iter_next(&it)) {
		e = row_credential_read(&it, a, &row);
		out->old = e == OK && salt_age(&row, out->key, *name) == SALT_OLD;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err salts_of_account(struct txn *t, uint32_t account, struct salts *out)
{
	struct str name;

	return account_read(t, account, txn_arena(t), &name, out);
}

static enum err all_settle(struct txn *t, uint32_t account, struct arena *a)
{
	struct salts salts;
	struct kv_iter it;
	struct credential_row row;
	struct str name, kept;
	enum err e = account_read(t, account, a, &name, &salts);
	enum err walked;

	if (e != OK)
		return e;
	row_credential_iter(&it, t, account);
	while (e == OK && kv_iter_next(&it)) {
		if ((e = row_credential_read(&it, a, &row)) != OK)
			break;
		kept = credential_kept(row.scram, salt_kind_of(&row), &salts, name, a);
		if (str_eq(kept, row.scram))
			continue;
		row.scram = kept;
		e = row_credential_put(t, &row);
	}
	walked = kv_iter_end(&it);
	mem_wipe(&salts, sizeof salts);
	return e != OK ? e : walked;
}

enum err salts_settle(struct txn *t, uint32_t account)
{
	struct arena a;
	enum err e;

	arena_init(&a, true);
	e = all_settle(t, account, &a);
	arena_deinit(&a);
	return e == ERR_MISSING ? OK : e; /* without a key there is nothing to remove */
}

/* --- The key -------------------------------------------------------------------------------- */

static enum err settle_all(struct txn *t)
{
	struct account_row row;
	struct kv_iter it;
	enum err e = OK;
	enum err walked;

	row_account_iter(&it, t);
	while (e == OK && kv_iter_next(&it)) {
		e = row_account_read(&it, txn_arena(t), &row);
		if (e == OK)
			e = salts_settle(t, row.id);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err key_ensure(struct txn *t, void *arg)
{
	uint8_t key[SCRAM_SALT_KEY];
	enum err e = salt_key_get(t, key);

	(void)arg;
	if (e == ERR_MISSING) {
		random_bytes(key, sizeof key);
		e = kv_put(t, SPACE_SALT, STR("key"), str_from((const char *)key, sizeof key));
		if (e == OK)
			e = settle_all(t);
	}
	mem_wipe(key, sizeof key);
	return e;
}

enum err salts_open(struct store *s, struct why *why)
{
	return store_write(s, key_ensure, NULL, why);
}

struct wanted {
	struct str address;
	struct salts *out;
};

static enum err salts_read(struct txn *t, void *arg)
{
	const struct wanted *w = arg;
	struct mailaddr address;
	struct route_row route = { 0 };
	enum err e = salt_key_get(t, w->out->key);

	w->out->old = false;
	if (e != OK || !normal_address(txn_arena(t), w->address, &address))
		return e;
	address = normal_fold(txn_arena(t), address);
	e = row_route_get(t, &address, txn_arena(t), &route);
	if (e != OK || route.account == 0)
		return e == ERR_MISSING ? OK : e;
	return salts_of_account(t, route.account, w->out);
}

enum err salts_get(struct store *s, struct str address, struct salts *out, struct why *why)
{
	struct wanted w = { address, out };
	enum err e = store_read(s, salts_read, &w);

	if (e == ERR_MISSING && (e = salts_open(s, why)) == OK)
		e = store_read(s, salts_read, &w);
	return e != OK ? fail(why, e, "the key of the salts cannot be read") : OK;
}
