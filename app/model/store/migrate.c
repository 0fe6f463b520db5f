/* model/store/migrate.c: see migrate.h.
 *
 * For a change of a space's content that the records' own versions cannot express: raise
 * STORE_FORMAT, append a step that rewrites the rows, and describe the change in CHANGELOG.md.
 * tests/upgrade has the stores of the old formats. All steps run in one transaction, so a store is
 * never between two formats. */
#include "model/store/migrate.h"

#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "model/store/kv.h"
#include "model/store/store_body.h"

#include <string.h>

/* New chunks may have parts and a dictionary (blob.h). Old ones are not changed. */
static enum err chunks_may_have_parts(struct txn *t)
{
	(void)t;
	return OK;
}

/* Rows of mail have forms of their own: model/mailbox/upgrade.c rewrites them at the start of the
 * server, account by account, because one transaction would need too much memory. */
static enum err mail_has_threads(struct txn *t)
{
	(void)t;
	return OK;
}

const struct migration store_migrations[] = {
	{ 2, chunks_may_have_parts },
	{ 3, mail_has_threads },
	{ 0, NULL },
};

static const struct str format_key = { "format", 6 };

/* meta "format": form 1, format version, time of the change (ms since 1970), version of Roost that
 * made it. A reader uses the version and ignores what follows it, whatever the form. */
static enum err format_put(struct txn *t, unsigned version)
{
	struct buf b;
	enum err e;

	buf_init(&b, 128);
	pack_u64(&b, 1);
	pack_u64(&b, version);
	pack_u64(&b, (uint64_t)clock_real_ms());
	pack_str(&b, txn_store(t)->writer);
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

/* Stores from before 0.1.0 have no writer. */
static void writer_get(struct unpack *u, struct format *out)
{
	struct str writer;

	unpack_u64(u); /* time of the change */
	writer = unpack_str(u);
	if (unpack_ok(u) && writer.n != 0 && writer.n <= FORMAT_WRITER_MAX)
		memcpy(out->writer, writer.p, writer.n);
}

enum err format_get(struct txn *t, struct format *out, struct why *why)
{
	struct str row;
	enum err e = kv_get(t, SPACE_META, format_key, &row);
	struct unpack u = unpack_of(row);

	*out = (struct format){ 0 };
	if (e == ERR_MISSING)
		return check_empty(t, why);
	if (e != OK)
		return fail(why, e, "cannot read the store's format");
	unpack_u64(&u);
	out->version = unpack_u32(&u);
	if (!unpack_ok(&u) || out->version == 0)
		return fail(why, ERR_CORRUPT, "the store's format is not readable");
	writer_get(&u, out);
	return OK;
}

enum err format_known(const struct format *f, unsigned newest, struct why *why)
{
	bool named = f->writer[0] != '\0';

	if (f->version <= newest)
		return OK;
	return fail(why, ERR_CONFLICT,
	            "%s%s wrote this store in format %u, and this Roost reads formats up to %u. "
	            "Install %s%s or later, or restore a backup from before the upgrade",
	            named ? "Roost " : "a newer Roost", f->writer, f->version, newest,
	            named ? "Roost " : "that Roost", f->writer);
}

static enum err step_run(struct txn *t, const struct migration *m, struct why *why)
{
	enum err e = m->run(t);

	if (e != OK)
		return fail(why, e, "cannot migrate the store to format %u", m->to);
	return OK;
}

enum err format_migrate(struct txn *t, const struct migration *steps, unsigned newest,
                        struct why *why)
{
	struct format f;
	enum err e = format_get(t, &f, why);

	if (e == OK)
		e = format_known(&f, newest, why);
	if (e != OK || f.version == newest)
		return e;
	for (; f.version != 0 && steps->run != NULL; steps++) {
		if (steps->to <= f.version)
			continue;
		if ((e = step_run(t, steps, why)) != OK)
			return e;
	}
	return format_put(t, newest);
}
