/* What was right and goes wrong: told once, when it lasts, and once more when it is over. Lists of
 * bad senders: which answers say that we are listed. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "model/store/kv.h"
#include "operations/doctor/fsck.h"
#include "operations/doctor/examine/lists.h"
#include "operations/doctor/doctor_private.h"
#include "operations/doctor/watch.h"

#include <string.h>

enum { MINUTE = 60000, PATIENCE = 5 * MINUTE };

static struct arena arena;

/* Looks at one finding, a letter each: o right, f wrong, u unknown, s not everywhere yet, a dot a
 * minute that passes; in capitals: and all was told by mail before it. Behind it what is to be
 * told in the end, and how many times somebody had to know. */
static void what_is_told(void **state)
{
	static const struct {
		const char *looks;
		enum watch_told told;
		unsigned events;
	} rows[] = {
		{ "fff.....f", WATCH_NOTHING, 0 }, /* never right */
		{ "of.f", WATCH_NOTHING, 0 },      /* a blip */
		{ "of..o...f", WATCH_NOTHING, 0 },
		{ "of.....f", WATCH_TELL_WRONG, 1 },
		{ "of.....f.....f", WATCH_TELL_WRONG, 1 }, /* once */
		{ "of.....uuf", WATCH_TELL_WRONG, 1 },
		{ "of.....u", WATCH_NOTHING, 0 },  /* nobody knows */
		{ "os.....s", WATCH_NOTHING, 0 },  /* caches */
		{ "of.....fo", WATCH_NOTHING, 1 }, /* over before the mail went */
		{ "of.....fO", WATCH_TELL_RIGHT, 2 },
		{ "of.....fF.....f", WATCH_TOLD_WRONG, 1 },
		{ "of.....fOf", WATCH_TOLD_WRONG, 2 }, /* wrong again before the mail went */
		{ "of.....fOO", WATCH_NOTHING, 2 },
		{ "of.....fOOf.....f", WATCH_TELL_WRONG, 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct watch_row row = { .told = WATCH_NOTHING };
		int64_t now_ms = 1000;
		unsigned events = 0;

		for (const char *p = rows[i].looks; *p != '\0'; p++) {
			char c = ascii_lower(*p);
			struct finding f = { .type = "MX",
				             .id = STR("MX:x"),
				             .settling = c == 's',
				             .state = c == 'o'   ? DNS_STATE_OK
				                      : c == 'f' ? DNS_STATE_FAIL
				                      : c == 's' ? DNS_STATE_WARN
				                                 : DNS_STATE_UNKNOWN };

			if (*p == '.') {
				now_ms += MINUTE;
				continue;
			}
			if (*p != c)
				row.told = row.told == WATCH_TELL_WRONG   ? WATCH_TOLD_WRONG
				           : row.told == WATCH_TELL_RIGHT ? WATCH_NOTHING
				                                          : row.told;
			events += watch_step(&row, &f, now_ms, PATIENCE);
		}
		check_at(i, row.told == rows[i].told);
		check_at(i, events == rows[i].events);
	}
}

/* --- in the store --- */

static struct findings all;
static struct watching look;

static enum err keep(struct txn *t, void *arg)
{
	(void)arg;
	return watch_keep(t, &look);
}

static enum err news(struct txn *t, void *list)
{
	return watch_news(t, &arena, list);
}

static enum err told(struct txn *t, void *list)
{
	return watch_told(t, list);
}

static enum err spoil(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, SPACE_DOCTOR, STR("example.org"), STR("\1"));
}

static void look_at(struct store *s, enum dns_state a, enum dns_state b, int64_t now_ms)
{
	all.count = 0;
	finding_add(&all, STR("MX:example.org"), "MX", "")->state = a;
	finding_add(&all, STR("servers"), "servers", "")->state = b;
	all.items[0].name = STR("example.org");
	all.items[0].words = STR("it is missing");
	all.items[0].paste = STR("example.org. IN MX 10 mx.example.org.");
	look = (struct watching){ .part = STR("example.org"),
		                  .findings = &all,
		                  .now_ms = now_ms,
		                  .patience_ms = PATIENCE,
		                  .a = &arena };
	assert_int_equal(store_write(s, keep, NULL, NULL), OK);
}

static void rows_survive_a_restart(void **state)
{
	const struct str others = STR("example.net"), his = STR("example.com example.org");
	struct temp_store ts;
	struct watch_list list;
	struct fsck_report report = { .say = NULL };
	struct str text;

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	look_at(ts.store, DNS_STATE_OK, DNS_STATE_OK, 1000);
	look_at(ts.store, DNS_STATE_FAIL, DNS_STATE_OK, 2000);
	assert_true(look.doubted);
	temp_store_reopen(&ts);
	look_at(ts.store, DNS_STATE_FAIL, DNS_STATE_OK, 2000 + PATIENCE);
	assert_false(look.doubted);
	assert_int_equal(look.news_count, 1);
	assert_int_equal(all.items[0].right_ms, 1000);
	assert_int_equal(all.items[0].since_ms, 2000);
	assert_int_equal(all.items[1].since_ms, 0); /* nobody knows what was before */
	temp_store_reopen(&ts);
	assert_int_equal(store_read(ts.store, news, &list), OK);
	assert_int_equal(list.count, 1);
	text = news_write(&list, NULL, STR("a@example.org"), STR("mx.example.org"), &arena);
	assert_true(str_find(text, STR("1 in DNS that was right is wrong now")) > 0);
	assert_true(str_find(text, STR("    example.org. IN MX 10 mx.example.org.\r\n")) > 0);
	assert_int_equal(news_write(&list, &others, STR("a@example.org"), STR("x"), &arena).n, 0);
	assert_true(news_write(&list, &his, STR("a@example.org"), STR("x"), &arena).n > 0);
	assert_int_equal(store_write(ts.store, told, &list, NULL), OK);
	assert_int_equal(store_read(ts.store, news, &list), OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(fsck_run(ts.store, &doctor_fsck, 1, &report, NULL), OK);
	assert_int_equal(report.findings, 0);
	assert_int_equal(store_write(ts.store, spoil, NULL, NULL), OK);
	assert_int_equal(fsck_run(ts.store, &doctor_fsck, 1, &report, NULL), OK);
	assert_int_equal(report.findings, 1);
	temp_store_remove(&ts);
}

/* --- lists of bad senders --- */

static void lists_of_the_setting(void **state)
{
	struct cur c = cur_of(STR(" zen.example , dbl.example of=domain,,bl.example  x=1"));
	const struct addr v4 = { .family = ADDR_V4, .ip = { 192, 0, 2, 1 } };
	struct addr v6;
	struct list list;

	(void)state;
	assert_true(list_next(&c, &list));
	assert_true(str_eq(list_question(&list, &v4, STR("x.org"), &arena),
	                   STR("1.2.0.192.zen.example")));
	assert_true(addr_parse_ip(STR("2001:db8::1"), &v6));
	assert_true(str_eq(list_question(&list, &v6, STR("x.org"), &arena),
	                   STR("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	                       "zen.example")));
	assert_true(list_next(&c, &list) && list.of_domain);
	assert_true(
		str_eq(list_question(&list, NULL, STR("x.org"), &arena), STR("x.org.dbl.example")));
	assert_true(list_next(&c, &list) && !list.of_domain);
	assert_true(str_eq(list.zone, STR("bl.example")));
	assert_false(list_next(&c, &list));
}

static void answers_of_lists(void **state)
{
	static const struct {
		const char *zone, *answer; /* NULL: there is none */
		bool of_domain;
		enum dns_state want;
		const char *advice;
	} rows[] = {
		{ "zen.spamhaus.org", "127.0.0.10", false, DNS_STATE_WARN, "Send through a" },
		{ "zen.spamhaus.org", "127.0.0.11", false, DNS_STATE_WARN, "remove the address" },
		{ "bl.example", "127.0.0.10", false, DNS_STATE_WARN, "web site of bl.example" },
		{ "zen.spamhaus.org", NULL, false, DNS_STATE_OK, "" },
		{ "zen.spamhaus.org", "127.0.0.2", false, DNS_STATE_WARN, "check.spamhaus.org" },
		{ "bl.example", "127.0.0.2", false, DNS_STATE_WARN, "web site of bl.example" },
		{ "zen.spamhaus.org", "127.255.255.254", false, DNS_STATE_UNKNOWN, "of your own" },
		{ "dbl.spamhaus.org", "127.0.1.255", true, DNS_STATE_UNKNOWN, "of your own" },
		{ "dbl.spamhaus.org", "127.0.1.2", true, DNS_STATE_WARN, "check.spamhaus.org" },
		{ "bl.example", "203.0.113.9", false, DNS_STATE_UNKNOWN, "between" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct list list = { str_of(rows[i].zone), rows[i].of_domain };
		struct str data = str_of(rows[i].answer != NULL ? rows[i].answer : "");
		struct list_answer x = { .list = &list,
			                 .status = rows[i].answer != NULL ? DNS_OK : DNS_NXDOMAIN,
			                 .data = &data,
			                 .count = rows[i].answer != NULL };

		list_judge(&x, &arena);
		check_at(i, x.state == rows[i].want);
		check_at(i, str_find(x.advice, str_of(rows[i].advice)) >= 0);
	}
}

/* A home line: the provider, or the list, says that no mail server belongs there. */
static void lines_that_should_not_send(void **state)
{
	static const struct {
		const char *zone, *answers[2];
		bool accused;
	} rows[] = {
		{ "zen.spamhaus.org", { "127.0.0.10" }, false },
		{ "pbl.spamhaus.org", { "127.0.0.10", "127.0.0.11" }, false },
		{ "zen.spamhaus.org", { "127.0.0.11", "127.0.0.4" }, true },
		{ "zen.spamhaus.org", { "127.0.0.3" }, true },
		{ "bl.example", { "127.0.0.11" }, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct list list = { str_of(rows[i].zone), false };
		struct str data[2];
		struct list_answer x = { .list = &list, .status = DNS_OK, .data = data };

		for (; x.count < 2 && rows[i].answers[x.count] != NULL; x.count++)
			data[x.count] = str_of(rows[i].answers[x.count]);
		list_judge(&x, &arena);
		check_at(i, x.state == DNS_STATE_WARN);
		check_at(i, (str_find(x.words, STR("unwanted mail")) >= 0) == rows[i].accused);
		check_at(i, (str_find(x.words, STR("directly")) >= 0) == !rows[i].accused);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told),
		cmocka_unit_test(rows_survive_a_restart),
		cmocka_unit_test(lists_of_the_setting),
		cmocka_unit_test(answers_of_lists),
		cmocka_unit_test(lines_that_should_not_send),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_deinit(&arena);
	return failed;
}
