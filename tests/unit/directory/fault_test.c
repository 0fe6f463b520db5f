/* Every fallible call of a change failing in turn: it happens whole or not at all. */
#include "unit/directory/fixture.h"

#include "foundation/base/fault.h"
#include "model/store/kv.h"

static const struct change base[] = {
	{ DOMAIN_ADD, "example.org", NULL, OK },
	{ DOMAIN_ADD, "b.example", NULL, OK },
	{ ACCOUNT_ADD, "ada@example.org", "h", OK },
	{ ACCOUNT_ADD, "bob@example.org", "h", OK },
	{ ALIAS_ADD, "i@example.org", "ada@example.org", OK },
	{ ALIAS_ADD, "j@example.org", "i@example.org,bob@example.org", OK },
	{ CATCHALL, "example.org", "i@example.org", OK },
	{ ROLE_SET, "bob@example.org", "example.org b.example", OK },
	{ APP_ADD, "bob@example.org", "phone", OK },
	{ FACTOR_BEGIN, "bob@example.org", NULL, OK },
};

static const struct change rows[] = {
	{ ACCOUNT_ADD, "eve@example.org", "h", OK },
	{ ACCOUNT_RM, "ada@example.org", NULL, OK },
	{ ALIAS_ADD, "j@example.org", "x@elsewhere.example", OK },
	{ ALIAS_RM, "i@example.org", NULL, OK },
	{ DOMAIN_RM, "b.example", NULL, OK },
	{ PASSWD, "bob@example.org", "new", OK },
	{ CATCHALL, "b.example", "bob@example.org", OK },
	{ DISABLE, "bob@example.org", NULL, OK },
	{ ACCOUNT_RM, "bob@example.org", NULL, OK },
	{ LIST_SET, "team@example.org", "ada@example.org,x@elsewhere.example", OK },
	{ ROLE_SET, "ada@example.org", "b.example", OK },
	{ APP_ADD, "ada@example.org", "tablet", OK },
	{ APP_RM, "bob@example.org", "1", OK },
	{ FACTOR_BEGIN, "ada@example.org", NULL, OK },
	{ FACTOR_OFF, "bob@example.org", NULL, OK },
};

struct counts {
	unsigned rows;
	uint64_t bytes;
};

/* How much is in the directory's spaces: any half change shows. */
static enum err count(struct txn *t, void *arg)
{
	static const enum space spaces[] = { SPACE_DOMAIN,     SPACE_ACCOUNT, SPACE_ADDRESS,
		                             SPACE_CREDENTIAL, SPACE_FACTOR,  SPACE_LOGIN };
	struct counts *c = arg;

	for (size_t i = 0; i < COUNT(spaces); i++) {
		struct kv_iter it;

		kv_iter_prefix(&it, t, spaces[i], STR_EMPTY);
		while (kv_iter_next(&it)) {
			c->rows++;
			for (size_t j = 0; j < it.val.n; j++)
				c->bytes = c->bytes * 31 + (unsigned char)it.val.p[j];
		}
		if (kv_iter_end(&it) != OK)
			return ERR_IO;
	}
	return OK;
}

static bool walk_step(size_t i, unsigned n)
{
	struct change_run r = { .change = &rows[i] };
	struct counts before = { 0 }, after = { 0 };
	struct temp_store ts;
	bool fired;
	enum err e;

	temp_store_open(&ts, STORE_MEMORY);
	fixture_changes(ts.store, base, COUNT(base));
	assert_int_equal(store_read(ts.store, count, &before), OK);
	fault_arm(n);
	e = store_write(ts.store, change_run, &r, NULL);
	fired = fault_fired();
	fault_arm(0);
	assert_int_equal(store_read(ts.store, count, &after), OK);
	check_at(i, fired ? e != OK : e == OK);
	if (fired)
		check_at(i, before.rows == after.rows && before.bytes == after.bytes);
	else
		check_at(i, before.rows != after.rows || before.bytes != after.bytes);
	check_at(i, fixture_fsck(ts.store, true) == 0);
	temp_store_remove(&ts);
	return fired;
}

static void all_or_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned n = 1;

		while (walk_step(i, n))
			n++;
		check_at(i, n > 3); /* something did fail */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_or_nothing) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
