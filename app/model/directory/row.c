/* model/directory/row.c: see row.h: domains, accounts, addresses. */
#include "model/directory/row.h"

#include "foundation/base/arena.h"
#include "model/directory/row_form.h"

#include <string.h>

/* ROW_MAIL_DIFFERS: mail is accepted without logins, or refused with them. Rows from before there
 * were two switches lack it, so an account that was off refuses both, as it did. */
enum {
	ROW_LOGINS = BIT(0),
	ROW_OWNER = BIT(1),
	ROW_ADMIN = BIT(2),
	ROW_MAIL_DIFFERS = BIT(3),
};

struct unpack row_open(struct str record)
{
	struct unpack u = unpack_of(record);

	if (unpack_u64(&u) != ROW_VERSION)
		u.bad = true;
	return u;
}

enum err row_done(const struct unpack *u)
{
	return unpack_ok(u) ? OK : ERR_CORRUPT;
}

struct buf row_new(void)
{
	struct buf b;

	buf_init(&b, ROW_MAX);
	pack_u64(&b, ROW_VERSION);
	return b;
}

enum err row_put(struct txn *t, enum space space, struct str key, struct buf *row)
{
	enum err e = buf_ok(row) ? kv_put(t, space, key, buf_str(row)) : ERR_LIMIT;

	buf_deinit(row);
	return e;
}

struct str row_key(char to[static ROW_KEY], uint32_t n)
{
	for (int i = 0; i < ROW_KEY; i++)
		to[i] = (char)(n >> (24 - 8 * i));
	return str_from(to, ROW_KEY);
}

struct str row_key_two(char to[static 2 * ROW_KEY], uint32_t account, uint32_t number)
{
	row_key(to, account);
	row_key(to + ROW_KEY, number);
	return str_from(to, 2 * (size_t)ROW_KEY);
}

uint32_t row_key_read(struct str key, size_t at)
{
	struct unpack u = unpack_of(str_sub(key, at, key.n));

	return unpack_be32(&u);
}

void *row_room(struct arena *a, void *items, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return items;
	*room = MAX(2 * count, 8);
	more = arena_alloc_array(a, *room, size);
	if (count != 0)
		memcpy(more, items, count * size);
	return more;
}

void row_pack_address(struct buf *b, const struct mailaddr *address)
{
	pack_str(b, address->local);
	pack_str(b, address->domain);
}

struct mailaddr row_unpack_address(struct unpack *u, struct arena *a)
{
	struct mailaddr address;

	address.local = str_dup(a, unpack_str(u));
	address.domain = str_dup(a, unpack_str(u));
	return address;
}

/* --- domain --- */

static enum err domain_parse(struct str name, struct str record, struct arena *a,
                             struct domain_row *out)
{
	struct unpack u = row_open(record);

	*out = (struct domain_row){ .name = str_dup(a, name) };
	out->created_ms = (int64_t)unpack_u64(&u);
	out->catchall = row_unpack_address(&u, a);
	if (unpack_more(&u))
		out->mta_sts = unpack_u32(&u);
	if (unpack_more(&u))
		out->alias_of = str_dup(a, unpack_str(&u));
	return out->mta_sts <= MTA_STS_ENFORCE ? row_done(&u) : ERR_CORRUPT;
}

enum err row_domain_get(struct txn *t, struct str name, struct arena *a, struct domain_row *out)
{
	struct str record;
	enum err e;

	/* Whatever a peer calls a domain may be asked for here. */
	if (name.n == 0 || name.n > MAILADDR_DOMAIN_MAX)
		return ERR_MISSING;
	e = kv_get(t, SPACE_DOMAIN, name, &record);
	return e != OK ? e : domain_parse(name, record, a, out);
}

enum err row_domain_put(struct txn *t, const struct domain_row *row)
{
	struct buf b = row_new();

	pack_u64(&b, (uint64_t)row->created_ms);
	row_pack_address(&b, &row->catchall);
	pack_u64(&b, row->mta_sts);
	pack_str(&b, row->alias_of);
	return row_put(t, SPACE_DOMAIN, row->name, &b);
}

enum err row_domain_del(struct txn *t, struct str name)
{
	return kv_del(t, SPACE_DOMAIN, name);
}

enum err row_domain_read(const struct kv_iter *it, struct arena *a, struct domain_row *out)
{
	return domain_parse(it->key, it->val, a, out);
}

/* --- account --- */

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

/* --- address --- */

/* No domain has a NUL, and no local part begins with one, so no two addresses share a key and a
 * domain's are neighbours. */
static struct str route_key(char to[static KV_KEY_MAX], struct str domain, bool pattern,
                            struct str local)
{
	struct str key = { to, 0 };
	const struct str parts[] = { domain, STR("\0"), pattern ? STR("\0") : STR(""), local };

	for (size_t i = 0; i < COUNT(parts); i++)
		for (size_t j = 0; j < parts[i].n && key.n < KV_KEY_MAX; j++)
			to[key.n++] = parts[i].p[j];
	return key;
}

static enum err route_parse(struct str key, struct str record, struct arena *a,
                            struct route_row *out)
{
	struct unpack u = row_open(record);
	struct cur c = cur_of(str_dup(a, key));

	*out = (struct route_row){ 0 };
	if (!cur_until(&c, '\0', &out->address.domain))
		return ERR_CORRUPT;
	cur_skip(&c, 1);
	out->pattern = cur_byte(&c, '\0');
	out->address.local = cur_rest(&c);
	out->account = unpack_u32(&u);
	out->created_ms = (int64_t)unpack_u64(&u);
	if (out->account != 0)
		return row_done(&u);
	out->count = unpack_u32(&u);
	if (out->count > record.n) /* each target has a byte at least */
		return ERR_CORRUPT;
	out->targets = arena_array(a, struct mailaddr, out->count);
	for (size_t i = 0; i < out->count; i++)
		out->targets[i] = row_unpack_address(&u, a);
	if (unpack_more(&u)) {
		out->kind = unpack_u32(&u);
		out->post = unpack_u32(&u);
	}
	if (unpack_more(&u))
		out->group = unpack_u32(&u);
	if (unpack_more(&u)) {
		out->owner = row_unpack_address(&u, a);
		out->hidden = unpack_u32(&u) != 0;
	}
	if (out->kind > ALIAS_LIST || out->post > POST_DOMAIN)
		return ERR_CORRUPT;
	return row_done(&u);
}

static enum err route_get(struct txn *t, const struct mailaddr *address, bool pattern,
                          struct arena *a, struct route_row *out)
{
	char to[KV_KEY_MAX];
	struct str key, record;
	enum err e;

	if (address->domain.n + 2 + address->local.n > KV_KEY_MAX)
		return ERR_MISSING;
	key = route_key(to, address->domain, pattern, address->local);
	e = kv_get(t, SPACE_ADDRESS, key, &record);
	return e != OK ? e : route_parse(key, record, a, out);
}

enum err row_route_get(struct txn *t, const struct mailaddr *address, struct arena *a,
                       struct route_row *out)
{
	return route_get(t, address, false, a, out);
}

enum err row_pattern_get(struct txn *t, const struct mailaddr *address, struct arena *a,
                         struct route_row *out)
{
	return route_get(t, address, true, a, out);
}

enum err row_route_put(struct txn *t, const struct route_row *row)
{
	char to[KV_KEY_MAX];
	struct buf b = row_new();

	pack_u64(&b, row->account);
	pack_u64(&b, (uint64_t)row->created_ms);
	if (row->account == 0) {
		pack_u64(&b, row->count);
		for (size_t i = 0; i < row->count; i++)
			row_pack_address(&b, &row->targets[i]);
		pack_u64(&b, row->kind);
		pack_u64(&b, row->post);
		pack_u64(&b, row->group);
		row_pack_address(&b, &row->owner);
		pack_u64(&b, row->hidden);
	}
	return row_put(
		t, SPACE_ADDRESS,
		route_key(to, row->address.domain, row->pattern, row->address.local), &b);
}

enum err row_route_del(struct txn *t, const struct mailaddr *address)
{
	char to[KV_KEY_MAX];

	return kv_del(t, SPACE_ADDRESS, route_key(to, address->domain, false, address->local));
}

enum err row_pattern_del(struct txn *t, const struct mailaddr *address)
{
	char to[KV_KEY_MAX];

	return kv_del(t, SPACE_ADDRESS, route_key(to, address->domain, true, address->local));
}

void row_route_iter(struct kv_iter *it, struct txn *t, struct str domain)
{
	char to[KV_KEY_MAX];

	kv_iter_prefix(it, t, SPACE_ADDRESS,
	               domain.n != 0 ? route_key(to, domain, false, STR_EMPTY) : STR_EMPTY);
}

void row_pattern_iter(struct kv_iter *it, struct txn *t, struct str domain)
{
	char to[KV_KEY_MAX];

	kv_iter_prefix(it, t, SPACE_ADDRESS, route_key(to, domain, true, STR_EMPTY));
}

enum err row_route_read(const struct kv_iter *it, struct arena *a, struct route_row *out)
{
	return route_parse(it->key, it->val, a, out);
}
