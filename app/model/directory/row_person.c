/* model/directory/row_person.c: see row.h: the rows of one account: credentials, the second factor,
 * recent logins. */
#include "model/directory/row.h"

#include "foundation/base/arena.h"
#include "model/directory/row_form.h"

/* Delete every row of a space whose key begins with this account. */
static enum err all_del(struct txn *t, enum space space, uint32_t account)
{
	char key[ROW_KEY];
	struct kv_iter it;
	enum err e = OK;
	enum err walked;

	kv_iter_prefix(&it, t, space, row_key(key, account));
	while (e == OK && kv_iter_next(&it))
		e = kv_del(t, space, it.key);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* --- credential --- */

static enum err credential_parse(struct str key, struct str record, struct arena *a,
                                 struct credential_row *out)
{
	struct unpack u = row_open(record);

	*out = (struct credential_row){ .account = row_key_read(key, 0),
		                        .number = row_key_read(key, ROW_KEY) };
	out->created_ms = (int64_t)unpack_u64(&u);
	out->text = str_dup(a, unpack_str(&u));
	if (unpack_more(&u)) {
		out->label = str_dup(a, unpack_str(&u));
		out->scopes = unpack_u32(&u);
		out->expires_ms = (int64_t)unpack_u64(&u);
		out->last_used_ms = (int64_t)unpack_u64(&u);
	}
	if (unpack_more(&u))
		out->scram = str_dup(a, unpack_str(&u));
	return row_done(&u);
}

enum err row_credential_get(struct txn *t, uint32_t account, uint32_t number, struct arena *a,
                            struct credential_row *out)
{
	char to[2 * ROW_KEY];
	struct str key = row_key_two(to, account, number);
	struct str record;
	enum err e = kv_get(t, SPACE_CREDENTIAL, key, &record);

	return e != OK ? e : credential_parse(key, record, a, out);
}

enum err row_password_made(struct txn *t, uint32_t account, struct arena *a, int64_t *ms)
{
	struct credential_row row = { .created_ms = 0 };
	enum err e = row_credential_get(t, account, CREDENTIAL_PASSWORD, a, &row);

	*ms = row.created_ms;
	return e == ERR_MISSING ? OK : e;
}

enum err row_credential_put(struct txn *t, const struct credential_row *row)
{
	char to[2 * ROW_KEY];
	struct buf b = row_new();
	enum err e;

	pack_u64(&b, (uint64_t)row->created_ms);
	pack_str(&b, row->text);
	pack_str(&b, row->label);
	pack_u64(&b, row->scopes);
	pack_u64(&b, (uint64_t)row->expires_ms);
	pack_u64(&b, (uint64_t)row->last_used_ms);
	pack_str(&b, row->scram);
	e = row_put(t, SPACE_CREDENTIAL, row_key_two(to, row->account, row->number), &b);
	/* A change of an app password ends no login; only its removal does. */
	return e != OK || row->number != CREDENTIAL_PASSWORD ? e : row_login_moved(t);
}

enum err row_credential_del(struct txn *t, uint32_t account, uint32_t number)
{
	char to[2 * ROW_KEY];
	enum err e = kv_del(t, SPACE_CREDENTIAL, row_key_two(to, account, number));

	return e != OK ? e : row_login_moved(t);
}

void row_credential_iter(struct kv_iter *it, struct txn *t, uint32_t account)
{
	char key[ROW_KEY];

	kv_iter_prefix(it, t, SPACE_CREDENTIAL, row_key(key, account));
}

enum err row_credential_read(const struct kv_iter *it, struct arena *a, struct credential_row *out)
{
	return credential_parse(it->key, it->val, a, out);
}

/* --- factor --- */

static enum err factor_parse(uint32_t account, struct str record, struct arena *a,
                             struct factor_row *out)
{
	struct unpack u = row_open(record);

	*out = (struct factor_row){ .account = account };
	out->on = unpack_u64(&u) != 0;
	out->created_ms = (int64_t)unpack_u64(&u);
	out->secret = str_dup(a, unpack_str(&u));
	out->last_step = unpack_u64(&u);
	out->recovery_count = unpack_u32(&u);
	if (out->recovery_count > FACTOR_RECOVERY_MAX)
		return ERR_CORRUPT;
	for (size_t i = 0; i < out->recovery_count; i++)
		out->recovery[i] = str_dup(a, unpack_str(&u));
	return row_done(&u);
}

enum err row_factor_get(struct txn *t, uint32_t account, struct arena *a, struct factor_row *out)
{
	char key[ROW_KEY];
	struct str record;
	enum err e = kv_get(t, SPACE_FACTOR, row_key(key, account), &record);

	return e != OK ? e : factor_parse(account, record, a, out);
}

enum err row_factor_put(struct txn *t, const struct factor_row *row)
{
	char key[ROW_KEY];
	struct buf b = row_new();
	enum err e;

	pack_u64(&b, row->on);
	pack_u64(&b, (uint64_t)row->created_ms);
	pack_str(&b, row->secret);
	pack_u64(&b, row->last_step);
	pack_u64(&b, row->recovery_count);
	for (size_t i = 0; i < row->recovery_count; i++)
		pack_str(&b, row->recovery[i]);
	e = row_put(t, SPACE_FACTOR, row_key(key, row->account), &b);
	return e != OK ? e : row_login_moved(t);
}

enum err row_factor_del(struct txn *t, uint32_t account)
{
	char key[ROW_KEY];

	return kv_del(t, SPACE_FACTOR, row_key(key, account));
}

enum err row_factor_read(const struct kv_iter *it, struct arena *a, struct factor_row *out)
{
	return factor_parse(row_key_read(it->key, 0), it->val, a, out);
}

/* --- login --- */

enum err row_login_put(struct txn *t, const struct login_row *row)
{
	char to[2 * ROW_KEY];
	struct buf b = row_new();

	pack_u64(&b, row->ok);
	pack_u64(&b, row->credential);
	pack_str(&b, row->service);
	pack_str(&b, row->peer);
	pack_str(&b, row->client);
	pack_u64(&b, (uint64_t)row->first_ms);
	pack_u64(&b, (uint64_t)row->last_ms);
	pack_u64(&b, row->count);
	return row_put(t, SPACE_LOGIN, row_key_two(to, row->account, row->number), &b);
}

enum err row_login_del(struct txn *t, uint32_t account, uint32_t number)
{
	char to[2 * ROW_KEY];

	return kv_del(t, SPACE_LOGIN, row_key_two(to, account, number));
}

void row_login_iter(struct kv_iter *it, struct txn *t, uint32_t account)
{
	char key[ROW_KEY];

	kv_iter_prefix(it, t, SPACE_LOGIN, row_key(key, account));
}

enum err row_login_read(const struct kv_iter *it, struct arena *a, struct login_row *out)
{
	struct unpack u = row_open(it->val);

	*out = (struct login_row){ .account = row_key_read(it->key, 0),
		                   .number = row_key_read(it->key, ROW_KEY) };
	out->ok = unpack_u64(&u) != 0;
	out->credential = unpack_u32(&u);
	out->service = str_dup(a, unpack_str(&u));
	out->peer = str_dup(a, unpack_str(&u));
	out->client = str_dup(a, unpack_str(&u));
	out->first_ms = (int64_t)unpack_u64(&u);
	out->last_ms = (int64_t)unpack_u64(&u);
	out->count = unpack_u64(&u);
	return row_done(&u);
}

/* --- all of it --- */

enum err row_person_del(struct txn *t, uint32_t account)
{
	static const enum space spaces[] = { SPACE_CREDENTIAL, SPACE_FACTOR, SPACE_PASSKEY,
		                             SPACE_LOGIN, SPACE_KNOWN_NETWORK };
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(spaces); i++)
		e = all_del(t, spaces[i], account);
	return e != OK ? e : row_login_moved(t);
}
