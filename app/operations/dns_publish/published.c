/* operations/dns_publish/published.c: see published.h.
 *
 *	part NUL first bytes of the hash of name, type and data -> version, kind, state, name,
 *	type, data, tried, left, there, since */
#include "operations/dns_publish/published.h"

#include "formats/message/mailaddr.h"
#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "model/store/store.h"

#include <string.h>

enum { VERSION = 1, ID = 16, ROW_MAX = 8192 };

static const char *const types[] = { "TXT", "CNAME", "TLSA" };

const char *publish_kind_name(enum publish_kind k)
{
	static const char *const names[PUBLISH_KINDS] = { "dkim", "mta-sts", "tls-rpt", "dmarc",
		                                          "tlsa" };

	return names[k];
}

/* --- rows ---------------------------------------------------------------------------------- */

static struct str prefix_of(struct arena *a, struct str part)
{
	return str_fmt(a, "%.*s%c", STR_ARG(part), '\0');
}

static struct str published_key_of(struct arena *a, const struct published *p)
{
	uint8_t digest[HASH_BYTES];
	struct buf b;
	struct str key;

	hash_sha256(str_fmt(a, "%.*s %s %.*s", STR_ARG(p->name), p->type, STR_ARG(p->data)),
	            digest);
	buf_init(&b, MAILADDR_DOMAIN_MAX + 1 + ID);
	buf_put(&b, prefix_of(a, p->part));
	buf_put(&b, str_from((char *)digest, ID));
	key = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return key;
}

static const char *type_of(struct str name)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (str_eq(name, str_of(types[i])))
			return types[i];
	return NULL;
}

static bool published_row_read(const struct kv_iter *it, struct arena *a, struct published *out)
{
	struct unpack u = unpack_of(it->val);
	struct cur c = cur_of(str_dup(a, it->key));
	uint64_t version = unpack_u64(&u);

	*out = (struct published){ 0 };
	if (!cur_until(&c, '\0', &out->part) || cur_left(&c) != 1 + ID || version != VERSION)
		return false;
	out->kind = unpack_u32(&u);
	out->state = unpack_u32(&u);
	out->name = str_dup(a, unpack_str(&u));
	out->type = type_of(unpack_str(&u));
	out->data = str_dup(a, unpack_str(&u));
	out->tried_ms = (int64_t)unpack_u64(&u);
	out->left_ms = (int64_t)unpack_u64(&u) - 1;
	if (unpack_more(&u)) /* added later */
		out->there_ms = (int64_t)unpack_u64(&u);
	if (unpack_more(&u))
		out->since_ms = (int64_t)unpack_u64(&u);
	return unpack_ok(&u) && out->kind < PUBLISH_KINDS && out->state < PUBLISHED_STATES &&
	       out->type != NULL && out->name.n != 0 && out->data.n != 0 && out->left_ms >= -1;
}

enum err published_put(struct txn *t, const struct published *p)
{
	struct buf b;
	enum err e;

	buf_init(&b, ROW_MAX);
	pack_u64(&b, VERSION);
	pack_u64(&b, p->kind);
	pack_u64(&b, p->state);
	pack_str(&b, p->name);
	pack_str(&b, str_of(p->type));
	pack_str(&b, p->data);
	pack_u64(&b, (uint64_t)p->tried_ms);
	pack_u64(&b, (uint64_t)(p->left_ms + 1));
	pack_u64(&b, (uint64_t)p->there_ms);
	pack_u64(&b, (uint64_t)p->since_ms);
	e = buf_ok(&b) ? kv_put(t, SPACE_PUBLISHED, published_key_of(txn_arena(t), p), buf_str(&b))
	               : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

enum err published_del(struct txn *t, const struct published *p)
{
	enum err e = kv_del(t, SPACE_PUBLISHED, published_key_of(txn_arena(t), p));

	return e == ERR_MISSING ? OK : e;
}

/* --- lists --------------------------------------------------------------------------------- */

/* Room for one more. */
static void *room(struct arena *a, void *items, size_t count, size_t size)
{
	void *more;

	if (count != 0 && (count & (count - 1)) != 0)
		return items;
	more = arena_alloc(a, MAX(count * 2, (size_t)1) * size);
	if (count != 0)
		memcpy(more, items, count * size);
	return more;
}

/* Unreadable rows are skipped; fsck reports them. */
enum err published_of(struct txn *t, struct str part, struct arena *a, struct published_list *out)
{
	struct published p;
	struct kv_iter it;

	*out = (struct published_list){ 0 };
	kv_iter_prefix(&it, t, SPACE_PUBLISHED, prefix_of(txn_arena(t), part));
	while (kv_iter_next(&it)) {
		if (!published_row_read(&it, a, &p))
			continue;
		out->items = room(a, out->items, out->count, sizeof *out->items);
		out->items[out->count++] = p;
	}
	return kv_iter_end(&it);
}

enum err published_has(struct txn *t, struct str part, enum publish_kind kind, bool *has)
{
	struct arena a = { 0 };
	struct published_list rows;
	enum err e = published_of(t, part, &a, &rows);

	*has = false;
	for (size_t i = 0; e == OK && i < rows.count; i++)
		*has = *has ||
		       (rows.items[i].kind == kind && rows.items[i].state != PUBLISHED_FOREIGN);
	arena_deinit(&a);
	return e;
}

enum err published_parts(struct txn *t, struct arena *a, struct str **out, size_t *count)
{
	struct published p;
	struct kv_iter it;

	*out = NULL;
	*count = 0;
	kv_iter_prefix(&it, t, SPACE_PUBLISHED, STR_EMPTY);
	while (kv_iter_next(&it)) {
		if (!published_row_read(&it, a, &p) ||
		    (*count != 0 && str_eq((*out)[*count - 1], p.part)))
			continue;
		*out = room(a, *out, *count, sizeof **out);
		(*out)[(*count)++] = p.part;
	}
	return kv_iter_end(&it);
}

static enum err published_run(struct txn *t, struct fsck_report *r)
{
	struct arena a = { 0 };
	struct published p;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_PUBLISHED, STR_EMPTY);
	for (; kv_iter_next(&it); arena_reset(&a))
		if (!published_row_read(&it, &a, &p) || !str_eq(published_key_of(&a, &p), it.key))
			fsck_found(r, "a row of PUBLISHED cannot be read, or is not of its key");
	arena_deinit(&a);
	return kv_iter_end(&it);
}

const struct fsck_check publish_fsck = { .name = "publish", .run = published_run };
