/* model/directory/row_account.c: rows of accounts, and row 0 of their space; see row.h. */
#include "foundation/base/arena.h"
#include "model/directory/row.h"
#include "model/directory/row_form.h"

/* ROW_MAIL_DIFFERS: mail is accepted without logins, or refused with them. Older rows lack it:
 * there one switch was for both, so a disabled account refuses both. */
enum {
	ROW_LOGINS = BIT(0),
	ROW_OWNER = BIT(1),
	ROW_ADMIN = BIT(2),
	ROW_MAIL_DIFFERS = BIT(3),
};

static enum err account_parse(uint32_t id, struct str record, struct arena *a,
                              struct account_row *out)
{
	struct unpack u = row_open(record);
	uint64_t flags;

	*out = (struct account_row){ .id = id };
	out->address = row_unpack_address(&u, a);
	out->name = str_dup(a, unpack_str(&u));
	flags = unpack_u64(&u);
	out->logins = (flags & ROW_LOGINS) != 0;
	out->mail = out->logins != ((flags & ROW_MAIL_DIFFERS) != 0);
	out->role = flags & ROW_OWNER ? ROLE_OWNER : flags & ROW_ADMIN ? ROLE_ADMIN : ROLE_USER;
	out->created_ms = (int64_t)unpack_u64(&u);
	out->quota_bytes = unpack_u64(&u);
	if (unpack_more(&u))
		out->domains = str_dup(a, unpack_str(&u));
	if (unpack_more(&u))
		out->quota_emails = unpack_u64(&u);
	if (unpack_more(&u))
		out->message_bytes = unpack_u64(&u);
	if (unpack_more(&u)) {
		uint64_t pop3 = unpack_u64(&u);

		out->pop3 = pop3 <= POP3_OFF ? (enum pop3_access)pop3 : POP3_OFF;
		out->pop3_from_ms = (int64_t)unpack_u64(&u);
	}
	return row_done(&u);
}

static const uint64_t role_flags[] = {
	[ROLE_USER] = 0,
	[ROLE_ADMIN] = ROW_ADMIN,
	[ROLE_OWNER] = ROW_OWNER,
};

enum err row_account_get(struct txn *t, uint32_t id, struct arena *a, struct account_row *out)
{
	char key[ROW_KEY];
	struct str record;
	enum err e = id != 0 ? kv_get(t, SPACE_ACCOUNT, row_key(key, id), &record) : ERR_MISSING;

	return e != OK ? e : account_parse(id, record, a, out);
}

enum err row_account_put(struct txn *t, const struct account_row *row)
{
	char key[ROW_KEY];
	struct buf b = row_new();
	enum err e;

	row_pack_address(&b, &row->address);
	pack_str(&b, row->name);
	pack_u64(&b, (row->logins ? ROW_LOGINS : 0) |
	                     (row->logins != row->mail ? ROW_MAIL_DIFFERS : 0) |
	                     role_flags[row->role]);
	pack_u64(&b, (uint64_t)row->created_ms);
	pack_u64(&b, row->quota_bytes);
	pack_str(&b, row->domains);
	pack_u64(&b, row->quota_emails);
	pack_u64(&b, row->message_bytes);
	pack_u64(&b, row->pop3);
	pack_u64(&b, (uint64_t)row->pop3_from_ms);
	e = row_put(t, SPACE_ACCOUNT, row_key(key, row->id), &b);
	return e != OK ? e : row_login_moved(t);
}

enum err row_account_del(struct txn *t, uint32_t id)
{
	char key[ROW_KEY];
	enum err e = kv_del(t, SPACE_ACCOUNT, row_key(key, id));

	return e != OK ? e : row_login_moved(t);
}

/* --- account: row 0 --- */

struct first_row {
	uint32_t next;  /* id of the next account                 */
	uint64_t moves; /* see row_login_moves                    */
};

static enum err first_get(struct txn *t, struct first_row *out)
{
	char key[ROW_KEY];
	struct unpack u;
	struct str record;
	enum err e = kv_get(t, SPACE_ACCOUNT, row_key(key, 0), &record);

	*out = (struct first_row){ .next = 1 };
	if (e != OK)
		return e == ERR_MISSING ? OK : e;
	u = row_open(record);
	out->next = unpack_u32(&u);
	if (unpack_more(&u))
		out->moves = unpack_u64(&u);
	return row_done(&u);
}

static enum err first_put(struct txn *t, const struct first_row *row)
{
	char key[ROW_KEY];
	struct buf b = row_new();

	pack_u64(&b, row->next);
	pack_u64(&b, row->moves);
	return row_put(t, SPACE_ACCOUNT, row_key(key, 0), &b);
}

enum err row_account_id_next(struct txn *t, uint32_t *id)
{
	struct first_row row;
	enum err e = first_get(t, &row);

	*id = row.next;
	return e;
}

enum err row_account_id_take(struct txn *t, uint32_t *id)
{
	struct first_row row;
	enum err e = first_get(t, &row);

	*id = row.next;
	if (e != OK)
		return e;
	if (row.next == UINT32_MAX)
		return ERR_LIMIT;
	row.next++;
	return first_put(t, &row);
}

enum err row_login_moves(struct txn *t, uint64_t *moves)
{
	struct first_row row;
	enum err e = first_get(t, &row);

	*moves = row.moves;
	return e;
}

enum err row_login_moved(struct txn *t)
{
	struct first_row row;
	enum err e = first_get(t, &row);

	row.moves++;
	return e != OK ? e : first_put(t, &row);
}

void row_account_iter(struct kv_iter *it, struct txn *t)
{
	char key[ROW_KEY];

	kv_iter_init(it, t, SPACE_ACCOUNT, row_key(key, 1), STR_EMPTY);
}

enum err row_account_read(const struct kv_iter *it, struct arena *a, struct account_row *out)
{
	return account_parse(row_key_read(it->key, 0), it->val, a, out);
}
