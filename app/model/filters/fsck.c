/* model/filters/fsck.c: see fsck.h. */
#include "model/filters/fsck.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "model/directory/directory.h"
#include "model/filters/rows.h"

/* Checks that an account that owns rows exists. */
static enum err account_check(struct txn *t, struct fsck_report *r, uint32_t account,
                              const char *what)
{
	struct arena a = { 0 };
	struct account row;
	enum err e = account_get(t, account, &a, &row);

	if (e == ERR_MISSING)
		fsck_found(r, "%s of account %" PRIu32 ", which does not exist", what, account);
	arena_deinit(&a);
	return e == ERR_MISSING ? OK : e;
}

static enum err script_domain_check(struct txn *t, struct fsck_report *r, struct str domain)
{
	struct arena a = { 0 };
	enum err e = domain.n == 0 ? OK : domain_get(t, domain, &a, NULL);

	if (e == ERR_MISSING)
		fsck_found(r, "a script is of domain %.*s, which does not exist", STR_ARG(domain));
	arena_deinit(&a);
	return e == ERR_MISSING ? OK : e;
}

static enum err active_check(struct txn *t, struct fsck_report *r, uint32_t account)
{
	struct script script;
	enum err e = script_active(t, account, &script);

	if (e == ERR_MISSING || e == ERR_CORRUPT)
		fsck_found(r, "the active script of account %" PRIu32 " is missing", account);
	return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
}

/* Checks the row of a script, whose key begins with its owner. */
static enum err script_check(struct txn *t, struct fsck_report *r, struct str key, struct str row)
{
	struct script_owner owner = { 0 };
	struct unpack u = unpack_of(key);
	struct filters_key k;
	struct script script;

	owner.account = unpack_be32(&u);
	if (owner.account != 0 && unpack_ok(&u) && !unpack_more(&u))
		return active_check(t, r, owner.account);
	if (!unpack_ok(&u) || (owner.account == 0 && !cur_until(&u.c, '\0', &owner.domain)) ||
	    !script_row_read(row, &script) || !script_name_valid(script.name)) {
		fsck_found(r, "a row of SCRIPT cannot be read");
		return OK;
	}
	filters_key_owner(&k, &owner);
	filters_key_hash(&k, script.name);
	if (!str_eq(buf_str(&k.b), key))
		fsck_found(r, "script %.*s has the key of another", STR_ARG(script.name));
	return owner.account != 0 ? account_check(t, r, owner.account, "a script")
	                          : script_domain_check(t, r, owner.domain);
}

static enum err filter_check(struct txn *t, struct fsck_report *r, struct str key, struct str row)
{
	struct unpack u = unpack_of(key);
	uint32_t account = unpack_be32(&u), kind = unpack_be32(&u);
	struct filter filter;

	if (!unpack_ok(&u) || (kind != FILTER_RULES && kind != FILTER_VACATION) ||
	    !filter_row_read(row, &filter)) {
		fsck_found(r, "a row of FILTER cannot be read");
		return OK;
	}
	return account_check(t, r, account, "a filter");
}

/* The rows of an account: its number, then one 'k' for each, then one 'u' for each. */
static enum err memories_check(struct txn *t, struct fsck_report *r)
{
	struct filter_memory_row row, first = { 0 };
	uint64_t count = 0, keys = 0, ends = 0;
	struct kv_iter it;
	enum err e = OK, walked;
	bool more;

	kv_iter_prefix(&it, t, SPACE_FILTER_MEMORY, STR_EMPTY);
	do {
		more = kv_iter_next(&it);
		if (more && !filter_memory_row_read(it.key, &row)) {
			fsck_found(r, "a row of FILTER_MEMORY cannot be read");
			continue;
		}
		if (!more || row.account != first.account) {
			if (count != keys || count != ends)
				fsck_found(r, "account %" PRIu32 " has another number of memories",
				           first.account);
			first = row;
			count = keys = ends = 0;
			if (more)
				e = account_check(t, r, row.account, "memories of filters are");
		}
		if (more && row.kind == '\0') {
			struct unpack u = unpack_of(it.val);

			count = unpack_u64(&u);
		}
		keys += more && row.kind == 'k';
		ends += more && row.kind == 'u';
	} while (e == OK && more);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err space_check(struct txn *t, struct fsck_report *r, enum space space,
                            enum err (*check)(struct txn *t, struct fsck_report *r,
                                              struct str key, struct str row))
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, space, STR_EMPTY);
	while (e == OK && kv_iter_next(&it))
		e = check(t, r, it.key, it.val);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err filters_fsck_run(struct txn *t, struct fsck_report *r)
{
	enum err e = space_check(t, r, SPACE_SCRIPT, script_check);

	if (e == OK)
		e = space_check(t, r, SPACE_FILTER, filter_check);
	return e != OK ? e : memories_check(t, r);
}

const struct fsck_check filters_fsck = { .name = "filters", .run = filters_fsck_run };
