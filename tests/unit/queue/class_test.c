/* Named queues: their lines are read or refused, and entries go where the first rule says. */
#include "unit/queue/fixture.h"

#include "foundation/observe/event.h"
#include "model/queue/admin.h"
#include "model/queue/class.h"
#include "model/queue/entry.h"
#include "model/queue/queue.h"
#include "model/queue/take.h"

static const char *const BULK = "define=bulk concurrency=2 retry=10m,1h expire=2d notice=0\n"
				"define=night paused=yes\n";

static void lines(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "", true },
		{ "define=bulk", true },
		{ "define=bulk concurrency=2 retry=5m,15m,1h expire=2d notice=4h paused=no", true },
		{ "define=bulk ; from=*.example queue=bulk", true },
		{ "define=bulk ; from=a.example from=b@c.example to=* submitter=7 priority=..-3 "
		  "bounce=no size=5M queue=bulk hold=yes", true },
		{ "to=* hold=yes", true },
		{ "define=", false },
		{ "define=\"a b\"", false },
		{ "define=\"a\\\\b\"", false },
		{ "define=1234567890123456789012345678901234567890", true },
		{ "define=12345678901234567890123456789012345678901", false }, /* QUEUE_NAME_MAX */
		{ "define=bulk retry=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", true },
		{ "define=bulk retry=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", false },
		{ "define=bulk retry=0", false },
		{ "define=bulk retry=5m,", false },
		{ "define=bulk expire=0", false },
		{ "define=bulk notice=soon", false },
		{ "define=bulk paused=perhaps", false },
		{ "define=bulk concurrency=many", false },
		{ "define=bulk queue=bulk", false },
		{ "from=*.example queue=bulk", false }, /* which is not defined */
		{ "from=*.example", false },
		{ "to=* priority=10 hold=yes", false },
		{ "to=* priority=..-10 hold=yes", false },
		{ "to=* size=big hold=yes", false },
		{ "to=* submitter=ada hold=yes", false },
		{ "to=* hold=perhaps", false },
		{ "to=bücher.example hold=yes", true },
		{ "to=b* to=büch*.example hold=yes", false },
		{ "word hold=yes", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };
		enum err e = queue_rules_check(str_of(rows[i].text), &why);

		check_at(i, (e == OK) == rows[i].ok);
		check_at(i, e == OK || (strstr(why.text, "ROOST_QUEUES") != NULL &&
		                        strstr(why.text, "line 1") != NULL));
	}
}

static struct mailaddr at(struct arena *a, const char *text)
{
	struct mailaddr address = { 0 };

	if (text[0] != '\0')
		assert_true(mailaddr_of(str_of(text), a, MAILADDR_UTF8, &address));
	return address;
}

static void rules_fit(void **state)
{
	static const struct {
		const char *rule, *from, *to;
		int8_t priority;
		uint64_t size;
		bool fits;
	} rows[] = {
		{ "from=shop.example", "a@shop.example", "x@one.example", 0, 1, true },
		{ "from=shop.example", "a@SHOP.example", "x@one.example", 0, 1, true },
		{ "from=shop.example", "a@news.shop.example", "x@one.example", 0, 1, false },
		{ "from=*.shop.example", "a@news.shop.example", "x@one.example", 0, 1, true },
		{ "from=*.bücher.example", "a@x.xn--bcher-kva.example", "x@one.example", 0, 1,
		  true },
		{ "from=a@shop.example", "a@shop.example", "x@one.example", 0, 1, true },
		{ "from=a@shop.example", "b@shop.example", "x@one.example", 0, 1, false },
		{ "from=one.example from=s.example", "a@s.example", "x@a.test", 0, 1, true },
		{ "from=*", "", "x@one.example", 0, 1, false },
		{ "bounce=yes", "", "x@one.example", 0, 1, true },
		{ "bounce=yes", "a@shop.example", "x@one.example", 0, 1, false },
		{ "to=one.example", "", "x@one.example", 0, 1, true },
		{ "to=two.example", "", "x@one.example", 0, 1, false },
		{ "to=one.example from=no.example", "a@s.example", "x@one.example", 0, 1, false },
		{ "submitter=7", "", "x@one.example", 0, 1, true },
		{ "submitter=8", "", "x@one.example", 0, 1, false },
		{ "priority=3", "", "x@one.example", 3, 1, true },
		{ "priority=3", "", "x@one.example", 2, 1, false },
		{ "priority=..-3", "", "x@one.example", -3, 1, true },
		{ "priority=..-3", "", "x@one.example", -2, 1, false },
		{ "size=1K", "", "x@one.example", 0, 1024, true },
		{ "size=1K", "", "x@one.example", 0, 1023, false },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str text = str_fmt(&a, "define=q\n%s queue=q hold=yes", rows[i].rule);
		struct settings s = { .queues = text };
		struct envelope_rcpt rcpt = { .address = at(&a, rows[i].to) };
		struct queue_item item = { .envelope = { .sender = at(&a, rows[i].from),
			                                 .rcpts = &rcpt,
			                                 .rcpt_count = 1,
			                                 .submitter = 7,
			                                 .priority = rows[i].priority },
			                   .size_bytes = rows[i].size };
		struct queue_fit fit = queue_class_fit(&s, &item);

		check_at(i, queue_rules_check(text, NULL) == OK);
		check_at(i, fit.hold == rows[i].fits);
		check_at(i, str_eq(fit.queue, rows[i].fits ? STR("q") : STR("")));
	}
	arena_deinit(&a);
}

static void classes(void **state)
{
	struct settings s = { .queues = str_of(BULK),
		              .queue_retry_s = 300,
		              .queue_retry_max_s = 600,
		              .queue_expire_s = 1000,
		              .queue_notice_s = 400 };
	struct queue_class class = queue_class_of(&s, STR("bulk"));

	(void)state;
	assert_int_equal(class.concurrency, 2);
	assert_int_equal(class.schedule.expire_ms, 2 * 86400000LL);
	assert_int_equal(class.schedule.notice_ms, 0);
	assert_in_range(schedule_wait_ms(&class.schedule, 1, 0), 540000, 660000);
	assert_in_range(schedule_wait_ms(&class.schedule, 2, 0), 3240000, 3960000);
	assert_in_range(schedule_wait_ms(&class.schedule, 9, 0), 3240000, 3960000);
	assert_true(queue_class_of(&s, STR("night")).paused);
	assert_int_equal(queue_class_of(&s, STR("night")).schedule.expire_ms, 1000000);
	class = queue_class_of(&s, STR("gone"));
	check_str(class.name, STR("gone"));
	assert_int_equal(class.schedule.retry_ms, 300000);
}

/* Each named queue has its own destination queues, waits and expiry; a rule can hold entries. */
static void in_the_queue(void **state)
{
	struct str rules;
	struct queue_batch batch;
	struct str full = STR("bulk");
	struct queue_want want = { .max = 9, .skip_queues = &full, .skip_queue_count = 1 };
	struct queue_list list;
	struct fixture f;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	rules = str_fmt(&f.arena, "%sfrom=news.example queue=bulk\nto=held.example hold=yes", BULK);
	fixture_queues(&f, rules);
	fixture_reopen(&f);
	fixture_add(&f, "a@news.example", "x@one.example y@one.example");
	fixture_add(&f, "b@here.example", "x@one.example");
	fixture_add(&f, "b@here.example", "x@held.example");
	list = fixture_entries(&f);
	check_str(list.items[0].queue, STR("bulk"));
	assert_int_equal(list.items[0].expires_ms - list.items[0].created_ms, 2 * 86400000LL);
	check_str(list.items[1].queue, STR(""));
	assert_int_equal(list.items[1].expires_ms - list.items[1].created_ms, 432000000);
	assert_true(list.items[2].held);
	assert_int_equal(list.items[2].expires_ms - list.items[2].created_ms, 432000000);
	want.now_ms = clock_real_ms();
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 1);
	assert_int_equal(batch.items[0].id, list.items[1].id);
	assert_int_equal(queue_take(f.queue, &want, &f.arena, &batch, NULL), OK);
	assert_int_equal(batch.count, 0);
	batch = fixture_take(&f, 9);
	assert_int_equal(batch.count, 1);
	check_str(batch.dest.queue, STR("bulk"));
	assert_int_equal(fixture_report(&f, &batch.items[0], "ll"), OK);
	list = fixture_entries(&f);
	assert_in_range(list.items[0].due_ms - clock_real_ms(), 530000, 660000);
	assert_int_equal(fixture_take(&f, 9).count, 0);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(rules_fit),
		cmocka_unit_test(classes),
		cmocka_unit_test(in_the_queue),
	};

	event_fd_set(-1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
