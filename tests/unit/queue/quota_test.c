/* How much may lie in the queue, of whom; and how it is counted. */
#include "unit/queue/each.h"

#include "foundation/base/pack.h"
#include "model/queue/add.h"
#include "model/queue/book.h"
#include "model/queue/count.h"
#include "model/queue/queue.h"
#include "model/queue/take.h"

enum { SIZE = sizeof(RAW) - 1 };

static void limits(struct settings s)
{
	fixture_settings(&f, s);
	fixture_reopen(&f);
}

/* The fixture's mail is account 7's. */
static void what_is_one_too_many(void **state)
{
	static const struct {
		uint64_t messages, bytes;
		const char *rules;
		unsigned fit; /* of a@here.example's, to one destination each */
	} rows[] = {
		{ 0, 0, "", 5 },
		{ 3, 0, "", 3 },
		{ 0, 3 * SIZE, "", 3 },
		{ 0, 3 * SIZE + 1, "", 3 },
		{ 4, 2 * SIZE, "", 2 },
		{ 0, 0, "each=account most=2", 2 },
		{ 0, 0, "each=account most-size=200K most=2", 2 },
		{ 0, 0, "each=account submitter=8 most=2", 5 },
		{ 0, 0, "each=account submitter=7 most=1\neach=account most=4", 1 },
		{ 0, 0, "each=account from=else.example most=1\neach=account most=4", 4 },
		{ 0, 0, "each=domain most=3", 3 },
		{ 0, 0, "each=domain from=*.example most=0\neach=domain most=3", 5 },
		{ 0, 0, "each=domain from=HERE.example most=1", 1 },
		{ 0, 0, "each=domain from=else.example most=1", 5 },
		{ 4, 0, "each=account most=3\neach=domain most=2", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned fit = 0;

		fixture_close(&f);
		fixture_open(&f, STORE_LMDB);
		limits((struct settings){ .queue_max_messages = rows[i].messages,
			                  .queue_max_bytes = rows[i].bytes,
			                  .queues = str_of(rows[i].rules) });
		while (fit < 5 &&
		       fixture_try_add(&f, "a@here.example", "x@one.example", NULL) == OK)
			fit++;
		check_at(i, fit == rows[i].fit);
		/* what reports need is never too many */
		check_at(i, fixture_try_add(&f, "", "x@one.example", NULL) == OK);
		check_at(i, fixture_fsck(&f, true) == 0);
	}
}

/* All of a message or nothing of it; there is room again when one has left. */
static void all_or_nothing(void **state)
{
	struct queue_batch batch;

	(void)state;
	limits((struct settings){ .queue_max_messages = 3 });
	fixture_add(&f, "a@here.example", "x@one.example x@two.example");
	assert_int_equal(fixture_try_add(&f, "a@here.example", "x@one.example x@two.example",
	                                 NULL), ERR_FULL);
	assert_int_equal(fixture_entries(&f).count, 2);
	batch = fixture_take(&f, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK); /* that is still there */
	assert_int_equal(fixture_try_add(&f, "a@here.example", "x@one.example x@two.example",
	                                 NULL), ERR_FULL);
	clock_shift_real(3600000);
	batch = fixture_take(&f, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "d"), OK);
	assert_int_equal(fixture_try_add(&f, "a@here.example", "x@one.example x@two.example",
	                                 NULL), OK);
	assert_int_equal(fixture_fsck(&f, true), 0);
	clock_shift_real(-3600000);
}

static enum err forget(struct txn *t, void *arg)
{
	struct kv_iter it;
	enum err e = OK;

	(void)arg;
	book_iter(&it, t, BOOK_COUNT);
	while (e == OK && kv_iter_next(&it))
		e = book_del(t, BOOK_COUNT, book_iter_key(&it));
	return kv_iter_end(&it) == OK ? e : ERR_IO;
}

static enum err lie(struct txn *t, void *arg)
{
	(void)arg;
	return book_put(t, BOOK_COUNT, STR("dgone.example"), STR("\1\7\7"));
}

static enum err count(struct txn *t, void *arg)
{
	struct queue_count *counts = arg;
	enum err e = queue_count_of(t, &counts[0]);

	if (e == OK)
		e = count_of_account(t, 7, &counts[1]);
	return e == OK ? count_of_domain(t, STR("Here.Example"), &counts[2]) : e;
}

/* A store of before there were counts, or a damaged one. */
static void counted_anew(void **state)
{
	txn_fn *const harms[] = { forget, lie };

	(void)state;
	fixture_add(&f, "a@here.example", "x@one.example x@two.example");
	fixture_add(&f, "", "x@one.example");
	for (size_t i = 0; i < COUNT(harms); i++) {
		struct queue_count counts[3];

		assert_int_equal(store_write(f.ts.store, harms[i], NULL, NULL), OK);
		check_at(i, fixture_fsck(&f, false) == 1);
		fixture_reopen(&f);
		check_at(i, fixture_fsck(&f, true) == 0);
		assert_int_equal(store_read(f.ts.store, count, counts), OK);
		check_at(i, counts[0].messages == 3 && counts[0].bytes == 3 * SIZE);
		check_at(i, counts[1].messages == 3);
		check_at(i, counts[2].messages == 2 && counts[2].bytes == 2 * SIZE);
	}
}

static void lines_that_are_none(void **state)
{
	static const struct {
		const char *line, *why;
	} rows[] = {
		{ "each=account most=5", NULL },
		{ "each=domain most-size=1G from=a.example from=b.example", NULL },
		{ "most=5", "each=account" },
		{ "each=server most=5", "each=account" },
		{ "each=domain submitter=7 most=5", "submitter" },
		{ "each=account submitter=bob most=5", "submitter" },
		{ "each=account most=many", "most" },
		{ "each=account most-size=big", "most-size" },
		{ "each=account most=5 queue=bulk", "line 1" },
		{ "each=account", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };
		enum err e = queue_rules_check(str_of(rows[i].line), &why);

		check_at(i, e == (rows[i].why == NULL ? OK : ERR_SYNTAX));
		check_at(i, rows[i].why == NULL || strstr(why.text, rows[i].why) != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_one_too_many),
		TEST(all_or_nothing),
		TEST(counted_anew),
		TEST(lines_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
