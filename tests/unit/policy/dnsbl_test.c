/* DNS lists: rows of the setting, answers, sums and what they come to. */
#include "unit/policy/fixture.h"

#include "flow/policy/policy_private.h"
#include "flow/policy/dnsbl_rules.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"

#include <string.h>

static void test_rules(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "", true },
		{ "zen.example", true },
		{ "z.example codes=127.0.0.2-127.0.0.11,127.0.0.20 weight=-3 of=helo text=\"a\"",
		  true },
		{ "zen.example\nat=3 verdict=tag\nat=5", true },
		{ "zen", false },
		{ "zen.example weight=1001", false },
		{ "zen.example weight=x", false },
		{ "zen.example codes=128.0.0.1", false },
		{ "zen.example codes=127.0.0.4-127.0.0.2", false },
		{ "zen.example codes=127.0.0.2,", false },
		{ "zen.example of=nobody", false },
		{ "zen.example other.example", false },
		{ "zen.example bits=3", false },
		{ "at=1 verdict=perhaps", false },
		{ "at=one", false },
		{ "weight=3", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };

		check_at(i, (dnsbl_check(str_of(rows[i].text), &why) == OK) == rows[i].ok);
		check_at(i, rows[i].ok || strstr(why.text, "ROOST_DNSBL: line 1") != NULL);
	}
}

static void test_codes(void **state)
{
	static const struct {
		const char *codes, *answer;
		bool listed;
	} rows[] = {
		{ "", " codes", false },
		{ "", "127.0.0.2", true },
		{ "", "127.9.8.7", true },
		{ "", "192.0.2.1", false },     /* a zone that answers anything: RFC 5782 2.1 */
		{ "", "127.255.255.254", false }, /* "ask by another resolver"               */
		{ " codes=127.0.0.2-127.0.0.4", "127.0.0.1", false },
		{ " codes=127.0.0.2-127.0.0.4", "127.0.0.2", true },
		{ " codes=127.0.0.2-127.0.0.4", "127.0.0.4", true },
		{ " codes=127.0.0.2-127.0.0.4", "127.0.0.5", false },
		{ " codes=127.0.0.2,127.0.0.9", "127.0.0.9", true },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnsbl_rules rules;
		struct addr answer = { 0 };

		assert_int_equal(
			dnsbl_rules_parse(str_fmt(&a, "z.example%s", rows[i].codes), &a, &rules,
		                          NULL),
			OK);
		addr_parse_ip(str_of(rows[i].answer), &answer);
		check_at(i, dnsbl_listed(&rules.zones[0], &answer) == rows[i].listed);
	}
	arena_deinit(&a);
}

/* RFC 5782 2.1, 2.4 */
static void test_questions(void **state)
{
	static const struct dnsbl_zone zone = { .name = STR("z.example") };
	struct arena a = { 0 };
	struct addr peer;

	(void)state;
	assert_true(addr_parse_ip(STR("192.0.2.99"), &peer));
	assert_true(str_eq(dnsbl_question(&a, &zone, &peer), STR("99.2.0.192.z.example")));
	assert_true(addr_parse_ip(STR("2001:db8:1:2:3:4:567:89ab"), &peer));
	assert_true(str_eq(dnsbl_question(&a, &zone, &peer),
	                   STR("b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2."
	                       "z.example")));
	arena_deinit(&a);
}

static const struct dns_fake_row zone[] = {
	{ "99.2.0.192.bad.example", "A", "127.0.0.2" },
	{ "99.2.0.192.worse.example", "A", "127.0.0.4" },
	{ "99.2.0.192.good.example", "A", "127.0.0.2" },
	{ "99.2.0.192.liar.example", "A", "203.0.113.1" },
	{ "99.2.0.192.refuses.example", "A", "127.255.255.254" },
	{ "99.2.0.192.broken.example", "*", "SERVFAIL" },
	{ "spam.example.rhs.example", "A", "127.0.0.2" },
	{ NULL, NULL, NULL },
};

static void test_verdicts(void **state)
{
	static const struct {
		const char *setting;
		enum policy_kind at_mail, at_rcpt; /* which one decides or notes */
		const char *text;
	} rows[] = {
		{ "clean.example", POLICY_PASS, POLICY_PASS, NULL },
		{ "bad.example", POLICY_PASS, POLICY_REJECT, "listed in bad.example (127.0.0.2)" },
		{ "bad.example text=\"see x\"", POLICY_PASS, POLICY_REJECT, "(127.0.0.2) see x" },
		{ "bad.example;at=1 verdict=tag", POLICY_TAG, POLICY_PASS, "listed in" },
		{ "bad.example;at=1 verdict=tempfail", POLICY_PASS, POLICY_TEMPFAIL, "listed in" },
		{ "bad.example;at=2", POLICY_PASS, POLICY_PASS, NULL },
		{ "bad.example;worse.example;at=2", POLICY_PASS, POLICY_REJECT,
		  "listed in bad.example (127.0.0.2), listed in worse.example (127.0.0.4)" },
		{ "bad.example weight=3;good.example weight=-3", POLICY_PASS, POLICY_PASS, NULL },
		{ "bad.example;worse.example;at=1 verdict=tag;at=2", POLICY_PASS, POLICY_REJECT,
		  "listed in" },
		{ "liar.example", POLICY_PASS, POLICY_PASS, NULL },
		{ "refuses.example", POLICY_PASS, POLICY_PASS, "refuses to answer" },
		{ "broken.example", POLICY_PASS, POLICY_PASS, "does not answer" },
		{ "broken.example;bad.example", POLICY_PASS, POLICY_REJECT, "listed in bad" },
		{ "rhs.example of=from", POLICY_PASS, POLICY_REJECT, "listed in rhs.example" },
		{ "rhs.example of=helo", POLICY_PASS, POLICY_PASS, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings.dnsbl = str_of(rows[i].setting) };
		enum policy_kind noted;

		fixture_open(&f, zone, NULL);
		fixture_connect(&f, "192.0.2.99");
		f.session->helo = STR("client.example");
		f.session->envelope.sender = (struct mailaddr){ STR("x"), STR("spam.example") };
		f.session->rcpt = (struct mailaddr){ STR("ada"), STR("example.org") };
		check_at(i, fixture_ask(&f, POLICY_MAIL) == POLICY_PASS);
		check_at(i, fixture_ask(&f, POLICY_RCPT) == rows[i].at_rcpt);
		noted = MAX(rows[i].at_mail, rows[i].at_rcpt);
		check_at(i, rows[i].text == NULL || fixture_noted(&f, noted, rows[i].text));
		/* RFC 5321 4.5.1 */
		f.session->rcpt.local = STR("Postmaster");
		check_at(i, fixture_ask(&f, POLICY_RCPT) == POLICY_PASS);
		/* The next transaction begins with nothing. */
		policy_session_reset(f.policy, f.session);
		check_at(i, fixture_ask(&f, POLICY_RCPT) == POLICY_PASS);
		fixture_leave(&f);
		fixture_close(&f);
	}
}

/* Neighbours and people who are logged in are not asked about. */
static void test_who_is_asked_about(void **state)
{
	struct fixture f = { .settings.dnsbl = STR("bad.example") };

	(void)state;
	fixture_open(&f, zone, NULL);
	fixture_connect(&f, "192.0.2.99");
	f.session->account = 7;
	fixture_ask(&f, POLICY_MAIL);
	assert_int_equal(fixture_ask(&f, POLICY_RCPT), POLICY_PASS);
	f.session->account = 0;
	fixture_ask(&f, POLICY_MAIL);
	assert_int_equal(fixture_ask(&f, POLICY_RCPT), POLICY_REJECT);
	fixture_leave(&f);
	fixture_connect(&f, "10.0.0.1");
	fixture_ask(&f, POLICY_MAIL);
	assert_int_equal(fixture_ask(&f, POLICY_RCPT), POLICY_PASS);
	fixture_leave(&f);
	fixture_close(&f);
}

/* One that never answers is left out after a while, and asked again after a rest. */
static void test_rest(void **state)
{
	struct fixture f = { .settings.dnsbl = STR("broken.example") };

	(void)state;
	fixture_open(&f, zone, NULL);
	for (int i = 0; i < 8; i++) {
		fixture_connect(&f, "192.0.2.99");
		if (i == 6)
			clock_shift_mono(61000);
		fixture_ask(&f, POLICY_MAIL);
		check_at(i, fixture_noted(&f, POLICY_PASS, "does not answer") == (i < 3 || i == 6));
		fixture_leave(&f);
	}
	fixture_close(&f);
}

static enum policy_need slow(const struct policy_run *r)
{
	(void)r;
	return POLICY_SLOW;
}

/* The time of the stage is used up before the zone is asked. */
static void busy_start(struct policy_run *r)
{
	(void)r;
	clock_shift_mono(LIMIT_policy_stage_ms + 1);
}

static void busy_run(struct policy_run *r)
{
	(void)r;
}

/* That there was no time to ask it is not a zone's failure. */
static void test_no_time(void **state)
{
	static const struct policy_check checks[] = {
		{ .name = "busy",
		  .stages = BIT(POLICY_MAIL),
		  .roles = POLICY_MX,
		  .need = slow,
		  .start = busy_start,
		  .run = busy_run },
		{ .name = "dnsbl",
		  .stages = BIT(POLICY_MAIL),
		  .roles = POLICY_MX,
		  .need = dnsbl_need,
		  .start = dnsbl_start,
		  .run = dnsbl_run,
		  .reset = dnsbl_reset },
	};
	const struct policy_config config = { .checks = checks, .check_count = COUNT(checks) };
	struct fixture f = { .settings.dnsbl = STR("broken.example") };

	(void)state;
	fixture_open(&f, zone, &config);
	for (int i = 0; i < 8; i++) {
		fixture_connect(&f, "192.0.2.99");
		fixture_ask(&f, POLICY_MAIL);
		check_at(i, fixture_noted(&f, POLICY_PASS, "does not answer"));
		fixture_leave(&f);
	}
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_who_is_asked_about),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
