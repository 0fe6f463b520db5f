/* Groups: who is in them, what they take, and what becomes of them when people go. */
#include "unit/directory/fixture.h"

#include "foundation/config/limits.h"
#include "model/directory/may_post.h"

static const struct resolve_config config = { .separators = { "+", 1 } };

static const struct change base[] = {
	{ DOMAIN_ADD, "example.org", NULL, OK },
	{ DOMAIN_ADD, "b.example", NULL, OK },
	{ OWNER_ADD, "ada@example.org", "h", OK },   /* 1 */
	{ ACCOUNT_ADD, "bob@example.org", "h", OK }, /* 2 */
	{ ACCOUNT_ADD, "eve@b.example", "h", OK },   /* 3 */
	{ ALIAS_ADD, "i@example.org", "ada@example.org", OK },
	{ GROUP_SET, "Crew@Example.org", "bob@example.org,ada@example.org,BOB@example.org",
	  OK },                                                                   /* 4 */
	{ GROUP_MAIL, "sales@example.org", "ada@example.org,eve@b.example", OK }, /* 5 */
};

/* Something to look up, and what was found. */
struct look {
	struct str address;
	struct poster who;
	struct arena a;
	struct group group;
	struct resolved resolved;
	enum err posts;
	uint32_t *ids;
	size_t count;
	bool has[3]; /* 1 in 4; 2 in 5; nobody in nothing */
};

static enum err group_look(struct txn *t, void *arg)
{
	struct look *l = arg;

	return group_find(t, l->address, &l->a, &l->group);
}

static enum err members_look(struct txn *t, void *arg)
{
	static const uint32_t rows[][2] = { { 4, 1 }, { 5, 2 }, { 9, 9 } };
	struct look *l = arg;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(directory_group_has(t, rows[i][0], rows[i][1], &l->has[i]), OK);
	return directory_groups_of(t, 1, &l->a, &l->ids, &l->count);
}

static enum err mail_look(struct txn *t, void *arg)
{
	struct look *l = arg;
	struct mailaddr to;
	enum err e;

	assert_true(mailaddr_of(l->address, &l->a, 0, &to));
	e = directory_resolve(t, to, &config, &l->a, &l->resolved);
	l->posts = directory_may_post(t, &l->resolved, &l->who, &config, NULL);
	return e;
}

static void begin(struct temp_store *ts)
{
	temp_store_open(ts, STORE_MEMORY);
	fixture_changes(ts->store, base, COUNT(base));
}

static void are_what_was_set(void **state)
{
	struct look l = { .address = STR("CREW@example.org") };
	struct temp_store ts;

	(void)state;
	begin(&ts);
	assert_int_equal(store_read(ts.store, group_look, &l), OK);
	assert_int_equal(l.group.id, 4);
	assert_true(str_eq(l.group.address, STR("crew@example.org")));
	assert_true(str_eq(l.group.title, STR("People")));
	assert_false(l.group.mail);
	assert_int_equal(l.group.count, 2); /* who is named twice is in it once */
	assert_true(str_eq(l.group.members[0], STR("ada@example.org")));
	assert_true(str_eq(l.group.members[1], STR("bob@example.org")));
	for (int i = 0; i < 2; i++) {
		l.address = i == 0 ? STR("ada@example.org") : STR("i@example.org");
		assert_int_equal(store_read(ts.store, group_look, &l), ERR_MISSING);
	}
	arena_deinit(&l.a);
	temp_store_remove(&ts);
}

static void membership_is_known_both_ways(void **state)
{
	struct look l = { .count = 0 };
	struct temp_store ts;

	(void)state;
	begin(&ts);
	assert_int_equal(store_read(ts.store, members_look, &l), OK);
	assert_true(l.has[0]);
	assert_false(l.has[1]);
	assert_false(l.has[2]);
	assert_int_equal(l.count, 2);
	assert_int_equal(l.ids[0], 4);
	assert_int_equal(l.ids[1], 5);
	arena_deinit(&l.a);
	temp_store_remove(&ts);
}

/* fixture_changes has fsck look for what a change leaves behind. */
static void change_and_go(void **state)
{
	static const struct change rows[] = {
		{ GROUP_SET, "crew@example.org", "eve@b.example", OK },
		{ GROUP_SET, "crew@example.org", "", OK },
		{ GROUP_SET, "crew@example.org", "ada@example.org,nobody@example.org",
		  ERR_MISSING },
		{ GROUP_SET, "crew@example.org", "i@example.org", ERR_MISSING },     /* an alias */
		{ GROUP_SET, "crew@example.org", "sales@example.org", ERR_MISSING }, /* a group  */
		{ GROUP_SET, "crew@example.org", "x@elsewhere.example", ERR_MISSING },
		{ GROUP_SET, "x@elsewhere.example", "", ERR_MISSING },
		{ GROUP_SET, "no address", "", ERR_SYNTAX },
		{ GROUP_SET, "ada@example.org", "", ERR_CONFLICT },
		{ GROUP_SET, "i@example.org", "", ERR_CONFLICT },
		{ ACCOUNT_ADD, "crew@example.org", "h", ERR_CONFLICT },
		{ ALIAS_ADD, "crew@example.org", "ada@example.org", ERR_CONFLICT },
		{ ALIAS_RM, "crew@example.org", NULL, ERR_CONFLICT },
		{ ACCOUNT_RM, "crew@example.org", NULL, ERR_MISSING },
		{ GROUP_RM, "i@example.org", NULL, ERR_MISSING },
		{ ALIAS_ADD, "shop@example.org", "sales@example.org", OK },
		{ CATCHALL, "b.example", "sales@example.org", OK },
		{ ACCOUNT_RM, "eve@b.example", NULL, OK },
		{ DOMAIN_RM, "b.example", NULL, OK },
		{ GROUP_RM, "sales@example.org", NULL, OK },
		{ ALIAS_RM, "shop@example.org", NULL, ERR_MISSING }, /* went with its only target */
		{ DOMAIN_ADD, "c.example", NULL, OK },
		{ GROUP_SET, "left@c.example", "", OK },
		{ DOMAIN_RM, "c.example", NULL, ERR_CONFLICT },
		{ GROUP_RM, "left@c.example", NULL, OK },
		{ DOMAIN_RM, "c.example", NULL, OK },
	};
	struct look l = { .address = STR("sales@example.org") };
	struct temp_store ts;

	(void)state;
	begin(&ts);
	fixture_changes(ts.store, rows, COUNT(rows));
	assert_int_equal(store_read(ts.store, group_look, &l), ERR_MISSING);
	arena_deinit(&l.a);
	temp_store_remove(&ts);
}

/* What was granted to a group that is gone is not inherited by one of that name. */
static void ids_are_never_used_again(void **state)
{
	static const struct change rows[] = {
		{ GROUP_RM, "crew@example.org", NULL, OK },
		{ GROUP_SET, "crew@example.org", "", OK },
		{ ACCOUNT_ADD, "new@example.org", "h", OK },
		{ GROUP_SET, "last@example.org", "", OK },
	};
	struct look l = { .address = STR("crew@example.org") };
	struct temp_store ts;

	(void)state;
	begin(&ts);
	fixture_changes(ts.store, rows, COUNT(rows));
	assert_int_equal(store_read(ts.store, group_look, &l), OK);
	assert_int_equal(l.group.id, 6);
	l.address = STR("last@example.org");
	assert_int_equal(store_read(ts.store, group_look, &l), OK);
	assert_int_equal(l.group.id, 8);
	arena_deinit(&l.a);
	temp_store_remove(&ts);
}

static void mail_goes_to_all_members(void **state)
{
	static const struct change more[] = {
		{ GROUP_MAIL, "empty@example.org", "", OK },
		{ LIST_SET, "all@example.org", "sales@example.org,bob@example.org", OK },
		{ ACCOUNT_ADD, "off@example.org", "h", OK },
		{ GROUP_MAIL, "some@example.org", "ada@example.org,off@example.org", OK },
		{ DISABLE, "off@example.org", NULL, OK },
	};
	static const struct {
		const char *to;
		uint32_t who; /* writes */
		enum resolve_verdict verdict;
		size_t count;
		bool may;
	} rows[] = {
		{ "sales@example.org", 1, RESOLVE_OK, 2, true },
		{ "sales+x@example.org", 3, RESOLVE_OK, 2, true },
		{ "sales@example.org", 2, RESOLVE_OK, 2, false }, /* no member */
		{ "sales@example.org", 0, RESOLVE_OK, 2, false },
		{ "crew@example.org", 1, RESOLVE_UNKNOWN, 0, true },
		{ "empty@example.org", 1, RESOLVE_UNKNOWN, 0, false },
		{ "all@example.org", 2, RESOLVE_OK, 3, false }, /* the group within has a say too */
		{ "all@example.org", 1, RESOLVE_OK, 3, true },
		{ "some@example.org", 1, RESOLVE_OK, 1, true },
	};
	struct temp_store ts;

	(void)state;
	begin(&ts);
	fixture_changes(ts.store, more, COUNT(more));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct look l = { .address = str_of(rows[i].to),
			          .who = { rows[i].who, { STR("x"), STR("example.org") } } };

		check_at(i, store_read(ts.store, mail_look, &l) == OK);
		check_at(i, l.resolved.verdict == rows[i].verdict);
		check_at(i, l.resolved.count == rows[i].count);
		check_at(i, (l.posts == OK) == rows[i].may);
		arena_deinit(&l.a);
	}
	temp_store_remove(&ts);
}

static enum err too_many(struct txn *t, void *arg)
{
	static struct str members[LIMIT_group_members + 1];
	struct group group = { .address = STR("crew@example.org"), .members = members };

	for (size_t i = 0; i < COUNT(members); i++)
		members[i] = STR("ada@example.org");
	group.count = LIMIT_group_members + *(size_t *)arg;
	return group_set(t, &group, txn_why(t));
}

static enum err title_of_two_lines(struct txn *t, void *arg)
{
	const struct group group = { .address = STR("crew@example.org"), .title = STR("a\nb") };

	(void)arg;
	return group_set(t, &group, txn_why(t));
}

static void limits_hold(void **state)
{
	size_t over = 0;
	struct temp_store ts;

	(void)state;
	begin(&ts);
	assert_int_equal(store_write(ts.store, too_many, &over, NULL), OK);
	over = 1;
	assert_int_equal(store_write(ts.store, too_many, &over, NULL), ERR_LIMIT);
	assert_int_equal(store_write(ts.store, title_of_two_lines, NULL, NULL), ERR_SYNTAX);
	temp_store_remove(&ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_what_was_set),
		cmocka_unit_test(membership_is_known_both_ways),
		cmocka_unit_test(change_and_go),
		cmocka_unit_test(ids_are_never_used_again),
		cmocka_unit_test(mail_goes_to_all_members),
		cmocka_unit_test(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
