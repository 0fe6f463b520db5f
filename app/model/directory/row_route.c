/* model/directory/row_route.c: rows of addresses and patterns; see row.h. */
#include "foundation/base/arena.h"
#include "model/directory/row.h"
#include "model/directory/row_form.h"

/* No domain has a NUL, and no local part begins with one. So each address has its own key, and
 * those of a domain are adjacent. */
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
	if (out->count > record.n) /* each target has at least one byte */
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
	return row_put(t, SPACE_ADDRESS,
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
