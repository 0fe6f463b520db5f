/* Each contradiction that can be made between the directory's rows is found. */
#include "unit/directory/fixture.h"

#include "model/directory/row.h"

static const struct change base[] = {
	{ DOMAIN_ADD, "example.org", NULL, OK },
	{ ACCOUNT_ADD, "ada@example.org", "h", OK },
	{ ACCOUNT_ADD, "bob@example.org", "h", OK },
	{ ALIAS_ADD, "i@example.org", "ada@example.org", OK },
	{ GROUP_SET, "crew@example.org", "ada@example.org", OK }, /* 3 */
};

static const struct mailaddr ada = { { "ada", 3 }, { "example.org", 11 } };
static const struct mailaddr crew = { { "crew", 4 }, { "example.org", 11 } };
static const struct mailaddr nobody = { { "nobody", 6 }, { "example.org", 11 } };

static enum err account_lost(struct txn *t)
{
	return row_account_del(t, 1);
}

static enum err address_lost(struct txn *t)
{
	return row_route_del(t, &ada);
}

static enum err domain_lost(struct txn *t)
{
	return row_domain_del(t, STR("example.org"));
}

static enum err address_of_another(struct txn *t)
{
	struct route_row row = { .address = ada, .account = 2 };

	return row_route_put(t, &row);
}

static enum err alias_without_target(struct txn *t)
{
	struct route_row row = { .address = { STR("j"), STR("example.org") } };

	return row_route_put(t, &row);
}

static enum err address_not_normal(struct txn *t)
{
	struct mailaddr target = ada;
	struct route_row row = {
		.address = { STR("J"), STR("example.org") },
		.targets = &target,
		.count = 1,
	};

	return row_route_put(t, &row);
}

static enum err credential_of_nobody(struct txn *t)
{
	struct credential_row row = { .account = 9, .text = STR("h") };

	return row_credential_put(t, &row);
}

static enum err app_password_in_the_clear(struct txn *t)
{
	struct credential_row row = { .account = 1, .number = 1, .text = STR("secret") };

	return row_credential_put(t, &row);
}

static enum err factor_of_nobody(struct txn *t)
{
	struct factor_row row = { .account = 9, .secret = STR("12345678901234567890") };

	return row_factor_put(t, &row);
}

static enum err factor_without_secret(struct txn *t)
{
	struct factor_row row = { .account = 1, .on = true };

	return row_factor_put(t, &row);
}

static enum err login_of_nobody(struct txn *t)
{
	struct login_row row = { .account = 9, .number = 1 };

	return row_login_put(t, &row);
}

static enum err administers_nothing(struct txn *t)
{
	struct account_row row = { .id = 1,
		                   .address = ada,
		                   .role = ROLE_ADMIN,
		                   .domains = STR("example.org gone.example") };

	return row_account_put(t, &row);
}

static enum err id_of_the_future(struct txn *t)
{
	struct account_row row = { .id = 9, .address = nobody };
	struct route_row route = { .address = nobody, .account = 9 };
	enum err e = row_account_put(t, &row);

	return e != OK ? e : row_route_put(t, &route);
}

static enum err group_address_lost(struct txn *t)
{
	return row_route_del(t, &crew);
}

static enum err group_lost(struct txn *t)
{
	return row_group_del(t, 3);
}

static enum err group_of_the_future(struct txn *t)
{
	struct group_row row = { .id = 9, .address = nobody };
	struct route_row route = { .address = nobody, .group = 9 };
	enum err e = row_group_put(t, &row);

	return e != OK ? e : row_route_put(t, &route);
}

static enum err group_of_another_address(struct txn *t)
{
	struct route_row route = { .address = nobody, .group = 3 };

	return row_route_put(t, &route);
}

static enum err member_is_nobody(struct txn *t)
{
	return row_member_put(t, 3, 9);
}

static enum err member_of_an_account(struct txn *t)
{
	return row_member_put(t, 2, 1);
}

/* Each half without the other. */
static enum err member_half(struct txn *t)
{
	return kv_put(t, SPACE_MEMBER, STR("\0\0\0\3\0\0\0\2"), STR("\1"));
}

static enum err member_other_half(struct txn *t)
{
	return kv_put(t, SPACE_MEMBER, STR("\0\0\0\2\0\0\0\3"), STR("\1"));
}

static enum err garbage(struct txn *t)
{
	return kv_put(t, SPACE_ADDRESS, STR("example.org"), STR("\x09"));
}

static enum err (*const harms[])(struct txn *t) = {
	account_lost,
	address_lost,
	domain_lost,
	address_of_another,
	alias_without_target,
	address_not_normal,
	credential_of_nobody,
	id_of_the_future,
	garbage,
	app_password_in_the_clear,
	factor_of_nobody,
	factor_without_secret,
	login_of_nobody,
	administers_nothing,
	group_address_lost,
	group_lost,
	group_of_the_future,
	group_of_another_address,
	member_is_nobody,
	member_of_an_account,
	member_half,
	member_other_half,
};

static enum err harm(struct txn *t, void *arg)
{
	return harms[*(size_t *)arg](t);
}

static void finds_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(harms); i++) {
		struct temp_store ts;

		temp_store_open(&ts, STORE_MEMORY);
		fixture_changes(ts.store, base, COUNT(base));
		check_at(i, store_write(ts.store, harm, &i, NULL) == OK);
		check_at(i, fixture_fsck(ts.store, false) >= 1);
		temp_store_remove(&ts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(finds_each) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
