/* model/directory/rotation_row.c: rows of the space ROTATION; see rotation.h. */
#include "model/directory/rotation.h"

#include "foundation/base/arena.h"
#include "model/directory/row_form.h"
#include "model/store/fsck.h"
#include "model/store/store.h"

static struct str rotation_row_text(struct unpack *u, struct arena *a)
{
	return str_dup(a, unpack_str(u));
}

static enum err rotation_row_read(struct str key, struct str val, struct arena *a,
                                  struct rotation *out)
{
	struct unpack u = row_open(val);

	*out = (struct rotation){ .domain = str_dup(a, key), .last = rotation_row_text(&u, a) };
	out->asked = unpack_u64(&u) != 0;
	out->since_ms = (int64_t)unpack_u64(&u);
	out->next_ms = (int64_t)unpack_u64(&u);
	out->seen_ms = (int64_t)unpack_u64(&u) - 1;
	out->warned_ms = (int64_t)unpack_u64(&u);
	out->next_count = unpack_u32(&u);
	if (out->next_count > ROTATION_NEXT)
		return ERR_CORRUPT;
	for (size_t i = 0; i < out->next_count; i++)
		out->next[i] = rotation_row_text(&u, a);
	out->old_count = unpack_u32(&u);
	if (out->old_count > ROTATION_OLD)
		return ERR_CORRUPT;
	for (size_t i = 0; i < out->old_count; i++) {
		out->old[i].selector = rotation_row_text(&u, a);
		out->old[i].left_ms = (int64_t)unpack_u64(&u);
	}
	out->all_ms = unpack_more(&u) ? (int64_t)unpack_u64(&u) - 1 : -1; /* not in older rows */
	return row_done(&u);
}

enum err rotation_get(struct txn *t, struct str domain, struct arena *a, struct rotation *out)
{
	struct str val;
	enum err e;

	*out = (struct rotation){ .domain = domain, .seen_ms = -1, .all_ms = -1 };
	if (domain.n == 0 || domain.n > MAILADDR_DOMAIN_MAX)
		return OK;
	e = kv_get(t, SPACE_ROTATION, domain, &val);
	if (e == ERR_MISSING)
		return OK;
	return e != OK ? e : rotation_row_read(domain, val, a, out);
}

enum err rotation_put(struct txn *t, const struct rotation *r)
{
	struct buf b = row_new();

	pack_str(&b, r->last);
	pack_u64(&b, r->asked);
	pack_u64(&b, (uint64_t)r->since_ms);
	pack_u64(&b, (uint64_t)r->next_ms);
	pack_u64(&b, (uint64_t)(r->seen_ms + 1));
	pack_u64(&b, (uint64_t)r->warned_ms);
	pack_u64(&b, r->next_count);
	for (size_t i = 0; i < r->next_count; i++)
		pack_str(&b, r->next[i]);
	pack_u64(&b, r->old_count);
	for (size_t i = 0; i < r->old_count; i++) {
		pack_str(&b, r->old[i].selector);
		pack_u64(&b, (uint64_t)r->old[i].left_ms);
	}
	pack_u64(&b, (uint64_t)(r->all_ms + 1));
	return row_put(t, SPACE_ROTATION, r->domain, &b);
}

enum err rotation_rm(struct txn *t, struct str domain)
{
	struct rotation r;
	enum err e = rotation_get(t, domain, txn_arena(t), &r);

	if (e != OK || r.last.n == 0)
		return e;
	return rotation_put(t, &(struct rotation){ .domain = domain,
	                                           .last = r.last,
	                                           .seen_ms = -1,
	                                           .all_ms = -1 });
}

enum err rotations_waiting(struct txn *t, int64_t before_ms, size_t *out)
{
	struct arena a = { 0 };
	struct rotation r;
	struct kv_iter it;

	*out = 0;
	kv_iter_prefix(&it, t, SPACE_ROTATION, STR_EMPTY);
	for (; kv_iter_next(&it); arena_reset(&a))
		if (rotation_row_read(it.key, it.val, &a, &r) == OK)
			*out += r.next_count != 0 && r.next_ms <= before_ms;
	arena_deinit(&a);
	return kv_iter_end(&it);
}

static bool is_well(const struct rotation *r)
{
	bool well = r->seen_ms >= -1 && r->all_ms >= -1;

	for (size_t i = 0; i < r->next_count; i++)
		well = well && r->next[i].n != 0;
	for (size_t i = 0; i < r->old_count; i++)
		well = well && r->old[i].selector.n != 0 && r->old[i].left_ms >= 0;
	return well;
}

enum err rotations_fsck(struct txn *t, struct fsck_report *report)
{
	struct arena a = { 0 };
	struct rotation r;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_ROTATION, STR_EMPTY);
	for (; kv_iter_next(&it); arena_reset(&a)) {
		if (rotation_row_read(it.key, it.val, &a, &r) != OK)
			fsck_found(report, "a row of ROTATION cannot be read");
		else if (!is_well(&r))
			fsck_found(report, "the rotation of keys of %.*s makes no sense",
			           STR_ARG(r.domain));
	}
	arena_deinit(&a);
	return kv_iter_end(&it);
}
