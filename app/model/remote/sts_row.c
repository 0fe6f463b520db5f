/* model/remote/sts_row.c: see sts_row.h. */
#include "model/remote/sts_row.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"

enum { ROW_VERSION = 1, ROW_MAX = LIMIT_sts_policy + 512 };

static bool sts_row_parse(struct str domain, struct str row, struct arena *a, struct sts_kept *out)
{
	struct unpack u = unpack_of(row);
	const char *why;

	if (unpack_u64(&u) != ROW_VERSION)
		return false;
	*out = (struct sts_kept){ .domain = domain };
	out->id = unpack_str(&u);
	out->fetched_ms = (int64_t)unpack_u64(&u);
	out->used_ms = (int64_t)unpack_u64(&u);
	out->text = unpack_str(&u);
	return unpack_ok(&u) &&
	       mta_sts_policy_parse(out->text, LIMIT_sts_mx, a, &out->policy, &why);
}

enum err sts_row_get(struct txn *t, struct str domain, struct arena *a, struct sts_kept *out)
{
	struct str row;
	enum err e = kv_get(t, SPACE_STS, domain, &row);

	if (e)
		return e;
	return sts_row_parse(str_dup(a, domain), str_dup(a, row), a, out) ? OK : ERR_CORRUPT;
}

enum err sts_row_put(struct txn *t, const struct sts_kept *k)
{
	struct buf b;
	enum err e;

	buf_init(&b, ROW_MAX);
	pack_u64(&b, ROW_VERSION);
	pack_str(&b, k->id);
	pack_u64(&b, (uint64_t)k->fetched_ms);
	pack_u64(&b, (uint64_t)k->used_ms);
	pack_str(&b, k->text);
	e = buf_ok(&b) ? kv_put(t, SPACE_STS, k->domain, buf_str(&b)) : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

enum err sts_row_del(struct txn *t, struct str domain)
{
	return kv_del(t, SPACE_STS, domain);
}

bool sts_row_read(const struct kv_iter *it, struct arena *a, struct sts_kept *out)
{
	return sts_row_parse(it->key, it->val, a, out);
}
