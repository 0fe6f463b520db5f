/* model/directory/row_group.c: see row.h: groups and their members. */
#include "model/directory/row.h"

#include "foundation/base/arena.h"
#include "model/directory/row_form.h"

/* --- group --- */

static enum err group_parse(uint32_t id, struct str record, struct arena *a, struct group_row *out)
{
	struct unpack u = row_open(record);

	*out = (struct group_row){ .id = id };
	out->address = row_unpack_address(&u, a);
	out->title = str_dup(a, unpack_str(&u));
	out->mail = unpack_u64(&u) != 0;
	out->post = unpack_u32(&u);
	out->created_ms = (int64_t)unpack_u64(&u);
	return out->post > POST_DOMAIN ? ERR_CORRUPT : row_done(&u);
}

enum err row_group_get(struct txn *t, uint32_t id, struct arena *a, struct group_row *out)
{
	char key[ROW_KEY];
	struct str record;
	enum err e = kv_get(t, SPACE_GROUP, row_key(key, id), &record);

	return e != OK ? e : group_parse(id, record, a, out);
}

enum err row_group_put(struct txn *t, const struct group_row *row)
{
	char key[ROW_KEY];
	struct buf b = row_new();

	row_pack_address(&b, &row->address);
	pack_str(&b, row->title);
	pack_u64(&b, row->mail);
	pack_u64(&b, row->post);
	pack_u64(&b, (uint64_t)row->created_ms);
	return row_put(t, SPACE_GROUP, row_key(key, row->id), &b);
}

enum err row_group_del(struct txn *t, uint32_t id)
{
	char key[ROW_KEY];

	return kv_del(t, SPACE_GROUP, row_key(key, id));
}

enum err row_group_read(const struct kv_iter *it, struct arena *a, struct group_row *out)
{
	return group_parse(row_key_read(it->key, 0), it->val, a, out);
}

/* --- member --- */

static enum err half_put(struct txn *t, uint32_t id, uint32_t other)
{
	char to[2 * ROW_KEY];
	struct buf b = row_new();

	return row_put(t, SPACE_MEMBER, row_key_two(to, id, other), &b);
}

static enum err half_del(struct txn *t, uint32_t id, uint32_t other)
{
	char to[2 * ROW_KEY];

	return kv_del(t, SPACE_MEMBER, row_key_two(to, id, other));
}

enum err row_member_put(struct txn *t, uint32_t group, uint32_t account)
{
	enum err e = half_put(t, group, account);

	return e != OK ? e : half_put(t, account, group);
}

enum err row_member_del(struct txn *t, uint32_t group, uint32_t account)
{
	enum err e = half_del(t, group, account);

	return e != OK ? e : half_del(t, account, group);
}

enum err row_member_has(struct txn *t, uint32_t id, uint32_t other, bool *yes)
{
	char to[2 * ROW_KEY];
	enum err e = kv_get(t, SPACE_MEMBER, row_key_two(to, id, other), NULL);

	*yes = e == OK;
	return e == ERR_MISSING ? OK : e;
}

void row_member_read(const struct kv_iter *it, uint32_t *id, uint32_t *other)
{
	*id = row_key_read(it->key, 0);
	*other = row_key_read(it->key, ROW_KEY);
}

enum err row_member_list(struct txn *t, uint32_t id, struct arena *a, uint32_t **others,
                         size_t *count)
{
	char key[ROW_KEY];
	struct kv_iter it;
	size_t room = 0;

	*others = NULL;
	*count = 0;
	kv_iter_prefix(&it, t, SPACE_MEMBER, row_key(key, id));
	while (kv_iter_next(&it)) {
		*others = row_room(a, *others, *count, &room, sizeof(**others));
		row_member_read(&it, &id, &(*others)[(*count)++]);
	}
	return kv_iter_end(&it);
}
