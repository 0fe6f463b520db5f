/* store/migrate.c: see migrate.h.
 *
 * When what a space holds changes so that records cannot tell by their own version: raise
 * STORE_FORMAT, append a step that rewrites the rows, and add a store of the old format to
 * the tests. All steps run in one transaction, so a store is never between two formats. */
#include "store/migrate.h"

#include "base/clock.h"
#include "base/pack.h"
#include "store/kv.h"

const struct migration store_migrations[] = {
	{ 0, NULL },
};

static const struct str format_key = { "format", 6 };

/* meta "format": form 1, format version, when it became that (ms since 1970). */
static enum err format_put(struct txn *t, unsigned version)
{
	struct buf b;
	enum err e;

	buf_init(&b, 64);
	pack_u64(&b, 1);
	pack_u64(&b, version);
	pack_u64(&b, (uint64_t)clock_real_ms());
	e = kv_put(t, SPACE_META, format_key, buf_str(&b));
	buf_deinit(&b);
	return e;
}

static enum err check_empty(struct txn *t, struct why *why)
{
	for (unsigned s = 1; s < UINT8_MAX; s++) {
		struct kv_iter it;
		bool found;
		enum err e;

		kv_iter_prefix(&it, t, (enum space)s, STR_EMPTY);
		found = kv_iter_next(&it);
		e = kv_iter_end(&it);
		if (e != OK)
			return fail(why, e, "cannot read the store");
		if (found)
			return fail(why, ERR_CORRUPT, "the file is not a store of Roost");
	}
	return OK;
}

enum err format_get(struct txn *t, unsigned *version, struct why *why)
{
	struct str row;
	enum err e = kv_get(t, SPACE_META, format_key, &row);
	struct unpack u = unpack_of(row);

	*version = 0;
	if (e == ERR_MISSING)
		return check_empty(t, why);
	if (e != OK)
		return fail(why, e, "cannot read the store's format");
	unpack_u64(&u);
	*version = unpack_u32(&u);
	if (!unpack_ok(&u) || *version == 0)
		return fail(why, ERR_CORRUPT, "the store's format is not readable");
	return OK;
}

enum err format_known(unsigned version, unsigned newest, struct why *why)
{
	if (version <= newest)
		return OK;
	return fail(why, ERR_CONFLICT,
	            "the store has format %u, this Roost knows up to %u: use the newer one",
	            version, newest);
}

static enum err step_run(struct txn *t, const struct migration *m, struct why *why)
{
	enum err e = m->run(t);

	if (e != OK)
		return fail(why, e, "cannot bring the store to format %u", m->to);
	return OK;
}

enum err format_migrate(struct txn *t, const struct migration *steps, unsigned newest,
                        struct why *why)
{
	unsigned version;
	enum err e = format_get(t, &version, why);

	if (e == OK)
		e = format_known(version, newest, why);
	if (e != OK || version == newest)
		return e;
	for (; version != 0 && steps->run != NULL; steps++) {
		if (steps->to <= version)
			continue;
		if ((e = step_run(t, steps, why)) != OK)
			return e;
	}
	return format_put(t, newest);
}
