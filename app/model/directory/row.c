/* model/directory/row.c: what all rows share, and those of domains; see row.h. */
#include "model/directory/row.h"

#include "foundation/base/arena.h"
#include "model/directory/row_form.h"

#include <string.h>

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

	/* A peer may send any text as a domain. */
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
