/* The words of a verdict that every check's setting has: verdict=, code=, status=, text=. */
#include "harness/temp_store.h"
#include "unit/policy/fixture.h"

#include "flow/policy/words.h"
#include "foundation/base/clock.h"

#include <string.h>

static const char *const switches[] = { "off", "on", NULL };

static void test_taken(void **state)
{
	static const struct {
		const char *text;
		struct policy_answer want;
	} rows[] = {
		{ "on", { .kind = POLICY_REJECT } },
		{ "on verdict=tag", { .kind = POLICY_TAG } },
		{ "on verdict=accept", { .kind = POLICY_ACCEPT } },
		{ "on verdict=delay", { .kind = POLICY_DELAY, .ms = 5000 } },
		{ "on verdict=DELAY:2m", { .kind = POLICY_DELAY, .ms = 120000 } },
		{ "on verdict=block", { .kind = POLICY_REJECT, .block = true, .ms = 3600000 } },
		{ "on verdict=block:1m text=bye",
		  { .kind = POLICY_REJECT, .block = true, .ms = 60000, .text = STR("bye") } },
		{ "on code=554", { .kind = POLICY_REJECT, .code = 554 } },
		{ "on code=450", { .kind = POLICY_TEMPFAIL, .code = 450 } },
		{ "on verdict=tempfail code=421 status=4.3.2",
		  { .kind = POLICY_TEMPFAIL, .code = 421, .enhanced = STR("4.3.2") } },
		{ "on code=559 status=5.999.999",
		  { .kind = POLICY_REJECT, .code = 559, .enhanced = STR("5.999.999") } },
		{ "on status=5.7.25 text=\"a b \\\"c\\\" \xc3\xa4\"",
		  { .kind = POLICY_REJECT,
		    .enhanced = STR("5.7.25"),
		    .text = STR("a b \"c\" \xc3\xa4") } },
		{ "on verdict=tag text=why", { .kind = POLICY_TAG, .text = STR("why") } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct policy_level level;
		const struct policy_answer *got = &level.verdict, *want = &rows[i].want;

		check_at(i, policy_level_parse(str_of(rows[i].text), &a, switches, &level, NULL) ==
		                    OK);
		check_at(i, level.level == 1 && got->kind == want->kind && got->ms == want->ms &&
		                    got->block == want->block && got->code == want->code);
		check_str_at(i, got->enhanced, want->enhanced);
		check_str_at(i, got->text, want->text);
		arena_deinit(&a);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "on verdict=", "a verdict is" },
		{ "on verdict=pass", "a verdict is" },
		{ "on verdict=tag:5s", "a verdict is" },
		{ "on verdict=block:0s", "a verdict is" },
		{ "on code=", "400 to 459" },
		{ "on code=250", "400 to 459" },
		{ "on code=354", "400 to 459" },
		{ "on code=460", "400 to 459" }, /* RFC 5321 4.2: the second digit is 0 to 5 */
		{ "on code=560", "400 to 459" },
		{ "on code=600", "400 to 459" },
		{ "on code=0550", "400 to 459" },
		{ "on code=55", "400 to 459" },
		{ "on code=550x", "400 to 459" },
		{ "on code=4294967846", "400 to 459" },
		{ "on verdict=tempfail code=550", "goes with its verdict" },
		{ "on verdict=reject code=450", "goes with its verdict" },
		{ "on verdict=tag code=550", "goes with its verdict" },
		{ "on verdict=block code=550", "goes with its verdict" },
		{ "on status=4.7.1", "status is" },
		{ "on code=450 status=5.7.1", "status is" },
		{ "on status=5.7", "status is" },
		{ "on status=5.7.1000", "status is" },
		{ "on status=5.7.+1", "status is" },
		{ "on verdict=discard status=5.7.1", "status is" },
		{ "on text=a\x01", "control" },
		{ "on text=a\x7f", "control" },
		{ "on text=\"a\xc2\x85\"", "control" },
		{ "on text=\"a\xff\"", "control" },
		{ "on code=550 code=554", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct policy_level level;
		struct why why = { "" };

		check_at(i, policy_level_parse(str_of(rows[i].text), &a, switches, &level, &why) ==
		                    ERR_SYNTAX);
		if (strstr(why.text, rows[i].want) == NULL)
			fail_msg("row %zu: %s", i, why.text);
		arena_deinit(&a);
	}
}

static void test_length(void **state)
{
	char text[16 + POLICY_TEXT_MAX + 2] = "on text=";
	struct arena a = { 0 };
	struct policy_level level;

	(void)state;
	memset(text + 8, 'x', POLICY_TEXT_MAX);
	assert_int_equal(policy_level_parse(str_of(text), &a, switches, &level, NULL), OK);
	text[8 + POLICY_TEXT_MAX] = 'x';
	assert_int_equal(policy_level_parse(str_of(text), &a, switches, &level, NULL), ERR_SYNTAX);
	arena_deinit(&a);
}

/* --- what each check makes of them ---------------------------------------------------------- */

static const struct dns_fake_row zone[] = {
	{ "3.2.0.192.list.example", "A", "127.0.0.2" },
	{ NULL, NULL, NULL },
};

#define SET(field) offsetof(struct settings, field)
#define OWN "code=554 status=5.7.0 text=\"my words\""

/* A check of 192.0.2.3, which greets as "localhost", is in no reverse zone and on a list. */
static const struct asked {
	size_t setting;
	const char *text;
	enum policy_stage stage;
	unsigned code;
	const char *enhanced, *reply, *note;
} asked[] = {
	{ SET(fcrdns), "on " OWN, POLICY_CONNECT, 554, "5.7.0", "my words", "no name in DNS" },
	{ SET(fcrdns), "on code=450", POLICY_CONNECT, 450, "4.7.1", "192.0.2.3 has no name in DNS",
	  "no name" },
	{ SET(fcrdns), "on verdict=tag text=\"my words\"", POLICY_CONNECT, 0, "", "",
	  "has no name in DNS: my words" },
	{ SET(helo_check), "basic " OWN, POLICY_HELLO, 554, "5.7.0", "my words", "HELO localhost" },
	{ SET(sender_domain), "on", POLICY_MAIL, 550, "5.1.8",
	  "no.example is no domain that takes mail", "no.example" },
	{ SET(sender_domain), "on code=553", POLICY_MAIL, 553, "5.1.8",
	  "no.example is no domain that takes mail", "no.example" },
	{ SET(sender_domain), "on " OWN, POLICY_MAIL, 554, "5.7.0", "my words", "no.example" },
	{ SET(sender_domain), "on code=451", POLICY_MAIL, 451, "4.7.1",
	  "no.example is no domain that takes mail", "no.example" },
	{ SET(dnsbl), "list.example;at=1 " OWN, POLICY_RCPT, 554, "5.7.0", "my words",
	  "listed in list.example" },
	{ SET(access), "reject from=a@* " OWN, POLICY_MAIL, 554, "5.7.0", "my words", "my words" },
	{ SET(access), "tempfail from=a@* code=421 status=4.3.2", POLICY_MAIL, 421, "4.3.2",
	  "by the access rules", "by the access rules" },
	{ SET(greeting_delay), "2s", POLICY_CONNECT, 554, "5.5.1",
	  "client sent data before the greeting", "before the greeting" },
	{ SET(greeting_delay), "2s code=550", POLICY_CONNECT, 550, "5.5.1",
	  "client sent data before the greeting", "before the greeting" },
	{ SET(greeting_delay), "2s code=421 status=4.7.0 text=\"my words\"", POLICY_CONNECT, 421,
	  "4.7.0", "my words", "before the greeting" },
	{ SET(greeting_delay), "2s verdict=tag", POLICY_CONNECT, 0, "", "", "before the greeting" },
	{ SET(greylist), "on code=450 status=4.2.0 text=\"my words\"", POLICY_RCPT, 450, "4.2.0",
	  "my words", "not seen before" },
	{ SET(greylist), "on verdict=tag", POLICY_RCPT, 0, "", "", "not seen before" },
	{ SET(limits), "sender messages=1/1h", POLICY_MAIL, 450, "4.7.1",
	  "more than 1 messages in 60 minutes (sender), try again later", "more than 1" },
	{ SET(limits), "sender messages=1/1h code=452 status=4.3.1 text=\"my words\"", POLICY_MAIL,
	  452, "4.3.1", "my words", "more than 1" },
	{ SET(limits), "sender messages=1/1h " OWN, POLICY_MAIL, 554, "5.7.0", "my words",
	  "more than 1" },
	{ SET(limits), "sender messages=1/1h then=reject", POLICY_MAIL, 550, "5.7.1",
	  "more than 1 messages in 60 minutes (sender)", "more than 1" },
};

static bool noted(const struct fixture *f, const char *part)
{
	for (enum policy_kind k = POLICY_TAG; k < POLICY_KINDS; k++)
		if (fixture_noted(f, k, part))
			return true;
	return false;
}

static void ask(size_t i, const struct asked *row)
{
	struct temp_store ts;
	struct fixture f = { 0 };

	temp_store_open(&ts, STORE_LMDB);
	*(struct str *)((char *)&f.settings + row->setting) = str_of(row->text);
	assert_int_equal(policy_settings_check(&f.settings, NULL), OK);
	fixture_open(&f, zone, &(struct policy_config){ .store = ts.store });
	fixture_connect(&f, "192.0.2.3");
	f.session->early = true;
	f.session->helo = STR("localhost");
	f.session->envelope.sender = (struct mailaddr){ STR("a"), STR("no.example") };
	f.session->rcpt = (struct mailaddr){ STR("ada"), STR("example.org") };
	if (row->setting == SET(dnsbl) || row->setting == SET(limits))
		check_at(i, fixture_ask(&f, POLICY_MAIL) == POLICY_PASS);
	fixture_ask(&f, row->stage);
	check_at(i, f.verdict.code == row->code);
	check_str_at(i, f.verdict.enhanced, str_of(row->enhanced));
	check_str_at(i, f.verdict.text, str_of(row->reply));
	check_at(i, noted(&f, row->note));
	fixture_leave(&f);
	fixture_close(&f);
	temp_store_remove(&ts);
}

static void test_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(asked); i++)
		ask(i, &asked[i]);
}

/* Who is marked instead of being put off is known as soon as who was. */
static void test_grey_tag(void **state)
{
	struct temp_store ts;
	struct fixture f = { .settings.greylist = STR("on verdict=tag delay=5m") };

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	fixture_open(&f, NULL, &(struct policy_config){ .store = ts.store });
	for (int i = 0; i < 2; i++) {
		fixture_connect(&f, "192.0.2.3");
		f.session->envelope.sender = (struct mailaddr){ STR("a"), STR("remote.example") };
		f.session->rcpt = (struct mailaddr){ STR("ada"), STR("example.org") };
		assert_int_equal(fixture_ask(&f, POLICY_RCPT), POLICY_PASS);
		assert_int_equal(fixture_noted(&f, POLICY_TAG, "not seen before"), i == 0);
		fixture_leave(&f);
		clock_shift_real(301 * 1000);
	}
	clock_shift_real(-602 * 1000);
	fixture_close(&f);
	temp_store_remove(&ts);
}

/* Any check can block. */
static void test_block(void **state)
{
	struct temp_store ts;
	struct fixture f = { .settings.helo_check =
		                     STR("basic verdict=block:1m text=\"go away\"") };

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	fixture_open(&f, NULL, &(struct policy_config){ .store = ts.store });
	fixture_connect(&f, "192.0.2.3");
	f.session->helo = STR("localhost");
	assert_int_equal(fixture_ask(&f, POLICY_HELLO), POLICY_REJECT);
	assert_int_equal(f.verdict.code, 421);
	check_str(f.verdict.text, STR("go away"));
	fixture_leave(&f);
	fixture_connect(&f, "192.0.2.3");
	assert_int_equal(fixture_ask(&f, POLICY_CONNECT), POLICY_REJECT);
	check_str(f.verdict.text, STR("192.0.2.3 is blocked: go away"));
	fixture_leave(&f);
	fixture_close(&f);
	temp_store_remove(&ts);
}

/* A message beyond the limit is dropped when the row says so; what makes no sense is refused. */
static void test_limits_then(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "address messages=1/1h then=discard", true },
		{ "account messages=1/1h then=hold:1d text=slow", true },
		{ "address messages=1/1h then=accept", false },
		{ "account messages=1/1h then=hold code=550", false },
		{ "address messages=1/1h then=", false },
		{ "address messages=1/1h then=discard code=550", false },
	};
	struct temp_store ts;
	struct fixture f = { .settings.limits = STR("sender messages=1/1h then=discard") };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct settings s = { .limits = str_of(rows[i].text) };

		check_at(i, (policy_settings_check(&s, NULL) == OK) == rows[i].ok);
	}
	temp_store_open(&ts, STORE_LMDB);
	fixture_open(&f, NULL, &(struct policy_config){ .store = ts.store });
	fixture_connect(&f, "192.0.2.3");
	f.session->envelope.sender = (struct mailaddr){ STR("a"), STR("remote.example") };
	assert_int_equal(fixture_ask(&f, POLICY_MAIL), POLICY_PASS);
	assert_int_equal(fixture_ask(&f, POLICY_MAIL), POLICY_DISCARD);
	fixture_leave(&f);
	fixture_close(&f);
	temp_store_remove(&ts);
}

static void test_early_settings(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} rows[] = {
		{ "", 0 },
		{ "0s", 0 },
		{ "off", 0 },
		{ "2s", 2000 },
		{ "3 verdict=tag", 3000 },
		{ "verdict=tag", -1 },
		{ "soon", -1 },
		{ "2s 3s", -1 },
		{ "2s\n3s", -1 },
		{ "2s code=250", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct settings s = { .greeting_delay = str_of(rows[i].text) };
		struct fixture f = { .settings = s };
		struct why why = { "" };

		check_at(i, (policy_settings_check(&s, &why) == OK) == (rows[i].ms >= 0));
		check_at(i, rows[i].ms >= 0 ||
		                    strncmp(why.text, "ROOST_GREETING_DELAY: ", 22) == 0);
		fixture_open(&f, NULL, NULL);
		fixture_connect(&f, "192.0.2.3");
		check_at(i, policy_greeting_delay_ms(f.session) == MAX(rows[i].ms, 0));
		fixture_leave(&f);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),     cmocka_unit_test(test_refused),
		cmocka_unit_test(test_length),    cmocka_unit_test(test_said),
		cmocka_unit_test(test_grey_tag),  cmocka_unit_test(test_block),
		cmocka_unit_test(test_limits_then), cmocka_unit_test(test_early_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
