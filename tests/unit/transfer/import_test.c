/* tests/unit/transfer/import_test.c: imports in the store: what one holds comes back, one is active
 * at a time, and what a server leaves behind is swept. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/store/kv.h"
#include "operations/transfer/import.h"
#include "operations/transfer/memory.h"

#include <stdio.h>

static struct temp_store ts;
static struct arena arena;

static const struct transfer_rule rules[] = { { { "A", 1 }, { "B/C", 3 } }, { { "D", 1 }, { 0 } } };
static const struct import_folder folders[] = {
	{ { "INBOX", 5 }, { "INBOX", 5 }, 10, 9, { 5, 3, 1, 500 }, false },
	{ { "D", 1 }, { 0 }, 7, 0, { 0 }, false },
	{ { "A", 1 }, { "B/C", 3 }, 2, 2, { 2, 0, 0, 20 }, true },
};
static const struct import_left left[] = { { { "INBOX", 5 }, { "UID 3", 5 }, { "why", 3 } } };

static struct import sample(void)
{
	return (struct import){ .host = STR("old.example.net"),
		                .user = STR("ada"),
		                .port = 993,
		                .tls_first = true,
		                .public_only = true,
		                .roots = STR("PEM"),
		                .rules = rules,
		                .rule_count = COUNT(rules),
		                .by = STR("ada@example.org"),
		                .created_ms = 1000 };
}

struct doing {
	enum { ADD, PUT, AGAIN, RM, ERASE } what;
	uint32_t account;
	struct import *i;
};

static enum err doing_run(struct txn *t, void *arg)
{
	struct doing *d = arg;

	switch (d->what) {
	case ADD:
		return import_add(t, d->account, d->i, txn_why(t));
	case PUT:
		return import_put(t, d->account, d->i);
	case AGAIN:
		return import_again(t, d->account, d->i, txn_why(t));
	case RM:
		return import_rm(t, d->account, d->i->id, txn_why(t));
	case ERASE:
		return import_erase(t, d->account);
	}
	return ERR_IO;
}

static enum err run(int what, uint32_t account, struct import *i)
{
	struct doing d = { what, account, i };

	return store_write(ts.store, doing_run, &d, NULL);
}

static enum err people(struct txn *t, void *arg)
{
	struct account_new ada = { .address = STR("ada@example.org") },
			   ben = { .address = STR("ben@example.org") };
	enum err e = domain_add(t, STR("example.org"), NULL);

	(void)arg;
	if (e == OK)
		e = account_add(t, &ada, NULL, NULL);
	return e ? e : account_add(t, &ben, NULL, NULL);
}

static enum err list_read(struct txn *t, void *arg)
{
	return import_list(t, 1, &arena, arg);
}

static struct import_list list(void)
{
	struct import_list l;

	assert_int_equal(store_read(ts.store, list_read, &l), OK);
	return l;
}

static int set_up(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	return store_write(ts.store, people, NULL, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	temp_store_remove(&ts);
	arena_deinit(&arena);
	return 0;
}

static void all_of_it_comes_back(void **state)
{
	struct import i = sample(), back;
	struct import_sums sums;

	(void)state;
	assert_int_equal(run(ADD, 1, &i), OK);
	i.state = IMPORT_FAILED;
	i.problem = STR("no");
	i.imported = 7;
	i.bytes = 520;
	i.started_ms = 2000;
	i.ended_ms = 3000;
	i.folders = folders;
	i.folder_count = COUNT(folders);
	i.left = left;
	i.left_count = COUNT(left);
	assert_int_equal(run(PUT, 1, &i), OK);
	back = list().items[0];
	assert_true(back.id == 1 && back.port == 993 && back.tls_first && back.public_only);
	check_str(back.host, i.host);
	check_str(back.user, i.user);
	check_str(back.roots, i.roots);
	check_str(back.by, i.by);
	check_str(back.problem, i.problem);
	assert_true(back.state == IMPORT_FAILED && back.imported == 7 && back.bytes == 520);
	assert_true(back.created_ms == 1000 && back.started_ms == 2000 && back.ended_ms == 3000);
	assert_true(back.rule_count == 2 && back.folder_count == 3 && back.left_count == 1);
	check_str(back.rules[0].to, STR("B/C"));
	check_str(back.folders[2].from, STR("A"));
	assert_true(back.folders[0].counts.known == 3 && back.folders[2].ended);
	check_str(back.left[0].what, STR("UID 3"));
	sums = import_sums(&back);
	assert_true(sums.messages == 12 && sums.done == 11 && sums.known == 3 && sums.skipped == 1);
	assert_true(sums.folders == 2 && sums.ended == 1); /* D is left out */
}

static void one_at_a_time(void **state)
{
	struct import i = sample(), second = sample(), other = sample();

	(void)state;
	assert_int_equal(run(ADD, 1, &i), OK);
	assert_int_equal(run(ADD, 1, &second), ERR_CONFLICT);
	assert_int_equal(run(ADD, 2, &other), OK);
	assert_int_equal(run(AGAIN, 1, &i), ERR_CONFLICT);
	assert_int_equal(run(RM, 1, &i), ERR_CONFLICT);
	i.state = IMPORT_DONE;
	assert_int_equal(run(PUT, 1, &i), OK);
	assert_int_equal(run(AGAIN, 1, &i), OK);
	i.state = IMPORT_CANCELLED;
	assert_int_equal(run(PUT, 1, &i), OK);
	assert_int_equal(run(RM, 1, &i), OK);
	assert_int_equal(run(RM, 1, &i), ERR_MISSING);
	assert_int_equal(run(PUT, 1, &i), ERR_MISSING); /* as that of a removed account */
	assert_int_equal(run(ERASE, 2, NULL), OK);
	assert_int_equal(run(PUT, 2, &other), ERR_MISSING);
}

static void the_oldest_goes(void **state)
{
	struct import_list l;

	(void)state;
	for (int n = 0; n < LIMIT_imports_kept + 1; n++) {
		struct import i = sample();

		assert_int_equal(run(ADD, 1, &i), OK);
		i.state = IMPORT_DONE;
		assert_int_equal(run(PUT, 1, &i), OK);
	}
	l = list();
	assert_true(l.count == LIMIT_imports_kept && l.items[0].id == LIMIT_imports_kept + 1);
	assert_int_equal(l.items[l.count - 1].id, 2);
}

static void what_was_active_is_interrupted(void **state)
{
	struct import i = sample();

	(void)state;
	assert_int_equal(run(ADD, 1, &i), OK);
	assert_int_equal(store_write(ts.store, import_sweep, NULL, NULL), OK);
	assert_int_equal(list().items[0].state, IMPORT_INTERRUPTED);
	i.state = IMPORT_DONE;
	assert_int_equal(run(PUT, 1, &i), OK);
	assert_int_equal(store_write(ts.store, import_sweep, NULL, NULL), OK);
	assert_int_equal(list().items[0].state, IMPORT_DONE);
}

static enum err spoil(struct txn *t, void *arg)
{
	const struct str *row = arg;

	return kv_put(t, SPACE_PULL, row[0], row[1]);
}

static void say(void *arg, const char *check, struct str sentence)
{
	(void)arg, (void)check, (void)sentence;
}

static void fsck_finds(void **state)
{
	static const struct {
		struct str row[2];
		bool bad;
	} rows[] = {
		{ { { "\0\0\0\1\0\0\0\1", 8 }, { "\1", 1 } }, true },    /* cut        */
		{ { { "\0\0\0\1\0\0\0\1", 8 }, { "\2", 1 } }, true },    /* version    */
		{ { { "\0\0\0\1\0", 5 }, { "", 0 } }, true },            /* key        */
	};
	struct import i = sample();

	(void)state;
	for (size_t n = 0; n < COUNT(rows); n++) {
		struct fsck_report report = { .say = say };

		assert_int_equal(run(ERASE, 1, NULL), OK);
		assert_int_equal(store_write(ts.store, spoil, (void *)(uintptr_t)rows[n].row, NULL),
		                 OK);
		assert_int_equal(fsck_run(ts.store, &transfer_fsck, 1, &report, NULL), OK);
		check_at(n, (report.findings == 1) == rows[n].bad);
	}
	assert_int_equal(run(ERASE, 1, NULL), OK);
	assert_int_equal(run(ADD, 9, &i), OK); /* of nobody */
	{
		struct fsck_report report = { .say = say };

		assert_int_equal(fsck_run(ts.store, &transfer_fsck, 1, &report, NULL), OK);
		assert_int_equal(report.findings, 1);
	}
}

/* What was left out is remembered beside the highest UID; rows of before that have none. */
static enum err memory_turn(struct txn *t, void *arg)
{
	const struct memory_key key = { 1, STR("h"), STR("u"), STR("m") };
	struct memory *m = arg, back = { 0 };
	enum err e = memory_put(t, &key, m);

	if (e == OK)
		e = memory_get(t, &key, &back);
	*m = back;
	return e;
}

static void what_was_left_out_is_remembered(void **state)
{
	struct memory m = {
		.uidvalidity = 7, .uid = UINT32_MAX, .left = { 5, 3 }, .left_count = 2
	};

	(void)state;
	assert_int_equal(store_write(ts.store, memory_turn, &m, NULL), OK);
	assert_true(m.uidvalidity == 7 && m.uid == UINT32_MAX && m.left_count == 2);
	assert_true(m.left[0] == 5 && m.left[1] == 3);
	for (size_t i = 0; i < MEMORY_LEFT; i++)
		m.left[i] = UINT32_MAX - (uint32_t)i;
	m.left_count = MEMORY_LEFT;
	assert_int_equal(store_write(ts.store, memory_turn, &m, NULL), OK);
	assert_true(m.left_count == MEMORY_LEFT && m.left[1] == UINT32_MAX - 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(all_of_it_comes_back),
		TEST(one_at_a_time),
		TEST(the_oldest_goes),
		TEST(what_was_active_is_interrupted),
		TEST(fsck_finds),
		TEST(what_was_left_out_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
