/* Changes to the directory, in scripts: what each answers, and what is left. */
#include "unit/directory/fixture.h"

#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/store/kv.h"

#include <stdio.h>

static struct temp_store ts;
static enum store_backend backend;

static int open_store(void **state)
{
	(void)state;
	temp_store_open(&ts, backend);
	return 0;
}

static int close_store(void **state)
{
	(void)state;
	temp_store_remove(&ts);
	return 0;
}

/* All of the directory as text: "d example.org=catch a 1 ada@x x alias>target,target". */
static enum err dump(struct txn *t, void *arg)
{
	struct buf *b = arg;
	struct arena *a = txn_arena(t);
	struct domain_list domains;
	struct account_list accounts;
	struct alias_list aliases;

	buf_reset(b);
	assert_int_equal(domain_list(t, a, &domains), OK);
	assert_int_equal(account_list(t, a, &accounts), OK);
	assert_int_equal(alias_list(t, a, &aliases), OK);
	for (size_t i = 0; i < domains.count; i++)
		buf_fmt(b, "%.*s=%.*s ", STR_ARG(domains.items[i].name),
		        STR_ARG(domains.items[i].catchall));
	for (size_t i = 0; i < accounts.count; i++)
		buf_fmt(b, "%" PRIu32 ":%.*s%s%s ", accounts.items[i].id,
		        STR_ARG(accounts.items[i].address),
		        accounts.items[i].role == ROLE_OWNER ? "*" : "",
		        accounts.items[i].logins ? "" : "!");
	for (size_t i = 0; i < aliases.count; i++) {
		buf_fmt(b, "%.*s", STR_ARG(aliases.items[i].address));
		for (size_t j = 0; j < aliases.items[i].count; j++)
			buf_fmt(b, ">%.*s", STR_ARG(aliases.items[i].targets[j]));
		buf_byte(b, ' ');
	}
	return OK;
}

static void check_dump(const char *want)
{
	struct buf b;

	buf_init(&b, 4000);
	assert_int_equal(store_read(ts.store, dump, &b), OK);
	check_str(str_trim(buf_str(&b)), str_of(want));
	buf_deinit(&b);
}

#define SCRIPT(...)                                                     \
	do {                                                            \
		static const struct change script_[] = { __VA_ARGS__ }; \
		fixture_changes(ts.store, script_, COUNT(script_));     \
	} while (0)

static void patterns(void **state)
{
	(void)state;
	SCRIPT({ DOMAIN_ADD, "example.org", NULL, OK }, { DOMAIN_ADD, "b.example", NULL, OK },
	       { ACCOUNT_ADD, "ada@example.org", "h", OK },
	       { ACCOUNT_ADD, "a*b@example.org", "h", OK },
	       { ALIAS_ADD, "a*b@example.org", "ada@example.org", OK },
	       { ALIAS_ADD, "/(x/@example.org", "ada@example.org", ERR_SYNTAX },
	       { ALIAS_ADD, "x-*@nowhere.example", "ada@example.org", ERR_MISSING },
	       { ALIAS_ADD, "x-*@", "ada@example.org", ERR_SYNTAX },
	       { ALIAS_ADD, "x-*@example.org", "nobody@example.org", ERR_MISSING },
	       { LIST_SET, "l-*@example.org", "ada@example.org", ERR_SYNTAX },
	       { ALIAS_ADD, "/^T.*$/@Example.org", "ada@example.org", OK },
	       { ALIAS_ADD, "X-*@example.org", "{1}@example.org,ada@example.org", OK });
	check_dump("b.example= example.org= 2:a*b@example.org 1:ada@example.org "
	           "/^T.*$/@example.org>ada@example.org a*b@example.org>ada@example.org "
	           "x-*@example.org>{1}@example.org>ada@example.org");
	SCRIPT({ ALIAS_RM, "y-*@example.org", NULL, ERR_MISSING },
	       { ALIAS_RM, "a*b@example.org", NULL, OK },
	       { ACCOUNT_RM, "ada@example.org", NULL, OK });
	check_dump("b.example= example.org= 2:a*b@example.org x-*@example.org>{1}@example.org");
	SCRIPT({ DOMAIN_RM, "example.org", NULL, ERR_CONFLICT });
}

/* The flags of ada's row as they are in the store: address, name, flags. */
static enum err flags_read(struct txn *t, void *arg)
{
	const char key[] = { 0, 0, 0, 1 };
	struct str record;
	struct unpack u;
	enum err e = kv_get(t, SPACE_ACCOUNT, str_from(key, sizeof key), &record);

	if (e != OK)
		return e;
	u = unpack_of(record);
	(void)unpack_u64(&u), (void)unpack_str(&u), (void)unpack_str(&u), (void)unpack_str(&u);
	*(uint64_t *)arg = unpack_u64(&u);
	return unpack_ok(&u) ? OK : ERR_CORRUPT;
}

static enum err switches_set(struct txn *t, void *arg)
{
	const bool *wanted = arg;
	struct account account;
	enum err e = account_find(t, STR("ada@example.org"), txn_arena(t), &account);

	account.logins = wanted[0];
	account.mail = wanted[1];
	e = e != OK ? e : account_change(t, &account, NULL);
	e = e != OK ? e : account_get(t, account.id, txn_arena(t), &account);
	assert_true(e != OK || (account.logins == wanted[0] && account.mail == wanted[1]));
	return e;
}

/* Rows from before there were two switches have 1 for on and 0 for off, where mail was refused
 * too: they are read as they were meant. */
static void switches(void **state)
{
	static const struct {
		bool wanted[2];
		uint64_t flags;
	} rows[] = {
		{ { true, true }, 1 },
		{ { false, false }, 0 },
		{ { false, true }, 8 },
		{ { true, false }, 9 },
	};
	uint64_t flags = 0;

	(void)state;
	SCRIPT({ DOMAIN_ADD, "example.org", NULL, OK },
	       { ACCOUNT_ADD, "ada@example.org", "h", OK });
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool wanted[2] = { rows[i].wanted[0], rows[i].wanted[1] };

		check_at(i, store_write(ts.store, switches_set, wanted, NULL) == OK);
		check_at(i, store_read(ts.store, flags_read, &flags) == OK);
		check_at(i, flags == rows[i].flags);
	}
}

static void domain_aliases(void **state)
{
	(void)state;
	SCRIPT({ DOMAIN_ADD, "example.org", NULL, OK }, { DOMAIN_ADD, "b.example", NULL, OK },
	       { DOMAIN_ADD, "c.example", NULL, OK },
	       { DOMAIN_ALIAS, "b.example", "elsewhere.example", ERR_MISSING },
	       { DOMAIN_ALIAS, "nowhere.example", "example.org", ERR_MISSING },
	       { DOMAIN_ALIAS, "b.example", "B.example", ERR_CONFLICT },
	       { DOMAIN_ALIAS, "b.example", "Example.org", OK },
	       { DOMAIN_ALIAS, "c.example", "b.example", ERR_CONFLICT },
	       { DOMAIN_ALIAS, "example.org", "c.example", ERR_CONFLICT },
	       { DOMAIN_RM, "example.org", NULL, ERR_CONFLICT },
	       { DOMAIN_ALIAS, "b.example", "", OK }, { DOMAIN_RM, "example.org", NULL, OK });
}

/* One more than a domain may have. */
static enum err many_patterns(struct txn *t, void *arg)
{
	struct str target = STR("ada@elsewhere.example");
	enum err e = OK;

	(void)arg;
	for (int i = 0; e == OK && i <= LIMIT_alias_patterns; i++) {
		e = alias_add(t, str_fmt(txn_arena(t), "x%d-*@example.org", i), &target, 1, NULL);
		assert_int_equal(e, i < LIMIT_alias_patterns ? OK : ERR_LIMIT);
	}
	return OK;
}

static void patterns_have_a_limit(void **state)
{
	(void)state;
	SCRIPT({ DOMAIN_ADD, "example.org", NULL, OK });
	assert_int_equal(store_write(ts.store, many_patterns, NULL, NULL), OK);
}

static void domains(void **state)
{
	(void)state;
	SCRIPT({ DOMAIN_ADD, "Example.ORG", NULL, OK },
	       { DOMAIN_ADD, "example.org", NULL, ERR_CONFLICT },
	       { DOMAIN_ADD, "", NULL, ERR_SYNTAX }, { DOMAIN_ADD, "a b", NULL, ERR_SYNTAX },
	       { DOMAIN_ADD,
	         "b\xc3\xbc"
	         "cher.example",
	         NULL, OK },
	       { DOMAIN_ADD, "xn--bcher-kva.example", NULL, ERR_CONFLICT },
	       { DOMAIN_RM, "nowhere.example", NULL, ERR_MISSING },
	       { CATCHALL, "nowhere.example", "x@elsewhere.example", ERR_MISSING },
	       { CATCHALL, "example.org", "nobody@example.org", ERR_MISSING },
	       { CATCHALL, "example.org", "no address", ERR_SYNTAX },
	       { CATCHALL, "example.org", "x@elsewhere.example", OK });
	check_dump("example.org=x@elsewhere.example xn--bcher-kva.example=");
	SCRIPT({ CATCHALL, "example.org", "", OK }, { DOMAIN_RM, "EXAMPLE.org", NULL, OK });
	check_dump("xn--bcher-kva.example=");
}

static void domain_rm_keeps_what_is_used(void **state)
{
	(void)state;
	SCRIPT({ DOMAIN_ADD, "a.example", NULL, OK }, { DOMAIN_ADD, "b.example", NULL, OK },
	       { ACCOUNT_ADD, "ada@a.example", "h", OK },
	       { DOMAIN_RM, "a.example", NULL, ERR_CONFLICT },
	       { ALIAS_ADD, "x@b.example", "ada@a.example", OK },
	       { DOMAIN_RM, "b.example", NULL, ERR_CONFLICT },
	       { ACCOUNT_RM, "ada@a.example", NULL, OK }, /* the alias goes with it */
	       { DOMAIN_RM, "b.example", NULL, OK }, { DOMAIN_RM, "a.example", NULL, OK });
	check_dump("");
}

static void accounts(void **state)
{
	(void)state;
	SCRIPT({ ACCOUNT_ADD, "ada@example.org", "h", ERR_MISSING },
	       { DOMAIN_ADD, "example.org", NULL, OK }, { ACCOUNT_ADD, "Ada@Example.org", "h", OK },
	       { ACCOUNT_ADD, "ADA@example.org", "h", ERR_CONFLICT },
	       { ACCOUNT_ADD, "ada", "h", ERR_SYNTAX }, { ACCOUNT_ADD, "", "h", ERR_SYNTAX },
	       { ALIAS_ADD, "info@example.org", "ada@example.org", OK },
	       { ACCOUNT_ADD, "info@example.org", "h", ERR_CONFLICT },
	       { ACCOUNT_ADD, "bob@example.org", NULL, OK },
	       { PASSWD, "ada@example.org", "h2", OK },
	       { PASSWD, "info@example.org", "h2", ERR_MISSING },
	       { PASSWD, "nobody@example.org", "h2", ERR_MISSING },
	       { ACCOUNT_RM, "nobody@example.org", NULL, ERR_MISSING },
	       { ACCOUNT_RM, "info@example.org", NULL, ERR_MISSING });
	check_dump("example.org= 1:ada@example.org 2:bob@example.org "
	           "info@example.org>ada@example.org");
	SCRIPT({ ACCOUNT_RM, "BOB@example.org", NULL, OK },
	       { ACCOUNT_ADD, "eve@example.org", "h", OK });
	/* An id is never used again: what mail was under it must not come back. */
	check_dump("example.org= 1:ada@example.org 3:eve@example.org "
	           "info@example.org>ada@example.org");
}

static void the_only_owner_stays(void **state)
{
	(void)state;
	SCRIPT({ DOMAIN_ADD, "example.org", NULL, OK }, { OWNER_ADD, "a@example.org", "h", OK },
	       { DISABLE, "a@example.org", NULL, ERR_CONFLICT },
	       { ACCOUNT_RM, "a@example.org", NULL, ERR_CONFLICT },
	       { OWNER_ADD, "b@example.org", "h", OK }, { DISABLE, "a@example.org", NULL, OK },
	       { DISABLE, "b@example.org", NULL, ERR_CONFLICT },
	       { ACCOUNT_RM, "b@example.org", NULL, ERR_CONFLICT },
	       { ENABLE, "a@example.org", NULL, OK }, { DISABLE, "b@example.org", NULL, OK });
	check_dump("example.org= 1:a@example.org* 2:b@example.org*!");
	SCRIPT({ ACCOUNT_RM, "b@example.org", NULL, OK }); /* who is disabled does not count */
	check_dump("example.org= 1:a@example.org*");
}

static void aliases(void **state)
{
	(void)state;
	SCRIPT({ DOMAIN_ADD, "example.org", NULL, OK }, { ACCOUNT_ADD, "ada@example.org", "h", OK },
	       { ALIAS_ADD, "ada@example.org", "x@elsewhere.example", ERR_CONFLICT },
	       { ALIAS_ADD, "i@nowhere.example", "ada@example.org", ERR_MISSING },
	       { ALIAS_ADD, "i@example.org", "nobody@example.org", ERR_MISSING },
	       { ALIAS_ADD, "i@example.org", "i@example.org", ERR_MISSING },
	       { ALIAS_ADD, "i@example.org", "", ERR_SYNTAX },
	       { ALIAS_ADD, "i@example.org", "nonsense", ERR_SYNTAX },
	       { ALIAS_ADD, "i@example.org", "Ada@example.org,X@Elsewhere.example", OK },
	       { ALIAS_ADD, "I@example.org", "i@example.org", ERR_CONFLICT }, /* itself */
	       { ALIAS_ADD, "I@example.org", "ada@example.org,ada+t@example.org", OK },
	       { ALIAS_RM, "ada@example.org", NULL, ERR_CONFLICT },
	       { ALIAS_RM, "nobody@example.org", NULL, ERR_MISSING });
	check_dump("example.org= 1:ada@example.org "
	           "i@example.org>ada@example.org>X@elsewhere.example>ada+t@example.org");
	SCRIPT({ ALIAS_RM, "I@example.org", NULL, OK });
	check_dump("example.org= 1:ada@example.org");
}

/* Who goes is forgotten everywhere, and aliases that had nobody else go with him. */
static void removal_is_complete(void **state)
{
	(void)state;
	SCRIPT({ DOMAIN_ADD, "a.example", NULL, OK }, { DOMAIN_ADD, "b.example", NULL, OK },
	       { ACCOUNT_ADD, "jo@a.example", "h", OK }, { ACCOUNT_ADD, "jo.e@a.example", "h", OK },
	       { ACCOUNT_ADD, "bob@b.example", "h", OK },
	       { ALIAS_ADD, "one@b.example", "jo+tag@a.example", OK },
	       { ALIAS_ADD, "two@b.example", "one@b.example", OK },
	       { ALIAS_ADD, "both@b.example", "bob@b.example,two@b.example,jo@a.example", OK },
	       { ALIAS_ADD, "other@b.example", "jo.e@a.example", OK },
	       { CATCHALL, "b.example", "two@b.example", OK },
	       { CATCHALL, "a.example", "jo.e+x@a.example", OK },
	       { ACCOUNT_RM, "jo@a.example", NULL, OK });
	check_dump("a.example=jo.e+x@a.example b.example= 2:jo.e@a.example 3:bob@b.example "
	           "both@b.example>bob@b.example other@b.example>jo.e@a.example");
}

static void alias_targets_have_a_limit(void **state)
{
	(void)state;
	SCRIPT({ DOMAIN_ADD, "example.org", NULL, OK });
	for (int i = 0; i <= LIMIT_alias_targets; i++) {
		char target[40];
		struct change change = { ALIAS_ADD, "i@example.org", target,
			                 i < LIMIT_alias_targets ? OK : ERR_LIMIT };

		snprintf(target, sizeof(target), "x%d@elsewhere.example", i);
		fixture_changes(ts.store, &change, 1);
	}
}

/* The rights to change an account and to give a role. */
static void only_owners_change_roles(void **state)
{
	static const struct {
		struct role_actor actor;
		enum role from, to;
		bool account, change; /* of an account with the role from; to the role to */
	} rows[] = {
		{ { ROLE_OWNER, false }, ROLE_USER, ROLE_OWNER, true, true },
		{ { ROLE_OWNER, false }, ROLE_OWNER, ROLE_USER, true, true },
		{ { ROLE_ADMIN, false }, ROLE_USER, ROLE_USER, true, true },
		{ { ROLE_ADMIN, false }, ROLE_USER, ROLE_ADMIN, true, false },
		{ { ROLE_ADMIN, false }, ROLE_ADMIN, ROLE_ADMIN, false, true },
		{ { ROLE_ADMIN, false }, ROLE_OWNER, ROLE_USER, false, false },
		{ { ROLE_OWNER, true }, ROLE_USER, ROLE_USER, true, true },
		{ { ROLE_OWNER, true }, ROLE_USER, ROLE_ADMIN, true, false },
		{ { ROLE_OWNER, true }, ROLE_ADMIN, ROLE_ADMIN, false, false },
		{ { ROLE_OWNER, true }, ROLE_ADMIN, ROLE_USER, false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why;

		check_at(i, (role_account_check(rows[i].actor, rows[i].from, &why) == OK) ==
		                    rows[i].account);
		check_at(i, (role_change_check(rows[i].actor, rows[i].from, rows[i].to, &why) ==
		             OK) == rows[i].change);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(domains),
		TEST(domain_aliases),
		TEST(switches),
		TEST(patterns),
		TEST(patterns_have_a_limit),
		TEST(domain_rm_keeps_what_is_used),
		TEST(accounts),
		TEST(the_only_owner_stays),
		TEST(aliases),
		TEST(removal_is_complete),
		TEST(alias_targets_have_a_limit),
		TEST(only_owners_change_roles),
	};
	int failed = 0;

	backend = STORE_MEMORY;
	failed += cmocka_run_group_tests_name("memory", tests, NULL, NULL);
	backend = STORE_LMDB;
	failed += cmocka_run_group_tests_name("lmdb", tests, NULL, NULL);
	return failed;
}
