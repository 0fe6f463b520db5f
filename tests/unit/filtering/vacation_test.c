/* Vacation: JSON to Sieve, run over a message. */
#include "unit/filtering/fixture.h"

#include "flow/filtering/vacation.h"
#include "foundation/text/date.h"

static enum err vacation_of(struct str json, struct str *script, struct why *why)
{
	struct vacation vacation;
	struct json v;
	struct buf out;
	enum err e;

	if (!json_parse(&arena, json, &v))
		fail_msg("no JSON: %.*s", STR_ARG(json));
	e = vacation_read(&arena, v, &vacation, why);
	if (e)
		return e;
	buf_init(&out, SCRIPT_TEXT_MAX);
	vacation_sieve(&vacation, &out);
	*script = str_dup(&arena, buf_str(&out));
	buf_deinit(&out);
	return OK;
}

/* The reply to the message, or NULL. */
static const struct action *reply(struct str json)
{
	struct why why = { "" };
	struct str script;

	if (vacation_of(json, &script, &why) != OK)
		fail_msg("%.*s: %s", STR_ARG(json), why.text);
	filter(FILTER_VACATION, str_z(&arena, script));
	return actions_find(run(), ACTION_REPLY);
}

static void test_replies(void **state)
{
	static const struct {
		const char *members;
		bool replies;
	} rows[] = {
		{ "\"on\":true", true },
		{ "\"on\":false", false },
		{ "\"on\":true,\"from\":null,\"until\":null", true },
		{ "\"on\":true,\"only\":[\"remote.example\"]", true },
		{ "\"on\":true,\"only\":[\"bob@remote.example\",\"third.example\"]", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, (reply(str_fmt(&arena, "{\"text\":\"away\",%s}", rows[i].members)) !=
		             NULL) == rows[i].replies);
}

/* The dates are instants, with any offset. */
static void test_dates(void **state)
{
	static const struct {
		int from_h, until_h; /* from now */
		bool replies;
	} rows[] = {
		{ -1, 1, true },
		{ 1, 2, false },
		{ -2, -1, false },
		{ -48, 48, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf json;

		buf_init(&json, KIB(1));
		buf_put(&json, STR("{\"on\":true,\"text\":\"away\",\"from\":\""));
		date_put_iso(&json, clock_real_ms() + rows[i].from_h * 3600000);
		buf_put(&json, STR("\",\"until\":\""));
		date_put_iso(&json, clock_real_ms() + rows[i].until_h * 3600000);
		buf_put(&json, STR("\"}"));
		check_at(i, (reply(buf_str(&json)) != NULL) == rows[i].replies);
		buf_deinit(&json);
	}
}

static void test_text(void **state)
{
	const struct action *a =
		reply(STR("{\"on\":true,\"days\":3,\"subject\":\"Away \\\"now\\\" \\\\ ${x}\","
	                  "\"text\":\".\\n\\\";stop;\\n..\"}"));

	(void)state;
	assert_non_null(a);
	assert_int_equal(a->once_seconds, 3 * 86400);
	assert_true(str_find(a->message, STR("Subject: Away \"now\" \\ ${x}\r\n")) > 0);
	assert_true(str_find(a->message, STR("\r\n\r\n.\r\n\";stop;\r\n..\r\n")) > 0);
}

/* RFC 8621 8: HTML becomes the text, and without both there is a text. */
static void test_html(void **state)
{
	const struct action *a =
		reply(STR("{\"on\":true,\"text\":\"\",\"html\":\"<p>Out <b>now</b></p>\"}"));

	(void)state;
	assert_non_null(a);
	assert_true(str_find(a->message, STR("\r\n\r\nOut now\r\n")) > 0);
	a = reply(STR("{\"on\":true,\"text\":\"plain\",\"html\":\"<p>no</p>\"}"));
	assert_true(str_find(a->message, STR("\r\n\r\nplain\r\n")) > 0);
	a = reply(STR("{\"on\":true,\"html\":\"\"}"));
	assert_true(str_find(a->message, STR("I am away")) > 0);
}

static void test_errors(void **state)
{
	static const struct {
		const char *json, *why;
	} rows[] = {
		{ "[]", "the vacation must be an object" },
		{ "{\"on\":true}", "text is empty" },
		{ "{\"on\":true,\"text\":\" \\n\"}", "text is empty" },
		{ "{\"on\":1}", "on must be true or false" },
		{ "{\"text\":1}", "text must be a string" },
		{ "{\"subject\":\"a\\nBcc: x\"}", "subject has control characters" },
		{ "{\"days\":0}", "days must be a number from 1 to 30" },
		{ "{\"days\":31}", "days must be a number from 1 to 30" },
		{ "{\"from\":\"soon\"}", "from must be a time like 2027-01-31T12:00:00Z, or null" },
		{ "{\"from\":\"2027-01-02T00:00:00Z\",\"until\":\"2027-01-02T00:00:00Z\"}",
		  "until must be later than from" },
		{ "{\"zone\":\"a b\"}", "zone must be a name like Europe/Berlin" },
		{ "{\"only\":[\"a b\"]}", "only: \"a b\" is not a mail address or a domain" },
	};
	struct why why = { "" };
	struct str script;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, vacation_of(str_of(rows[i].json), &script, &why) == ERR_SYNTAX);
		check_str_at(i, str_of(why.text), str_of(rows[i].why));
	}
}

static void test_put(void **state)
{
	static const char text[] =
		"{\"on\":true,\"from\":\"2027-01-02T00:00:00Z\",\"until\":null,"
		"\"zone\":\"Europe/Berlin\",\"subject\":\"a\",\"text\":\"b\\u000ac\","
		"\"days\":4,\"only\":[\"x.example\"]}";
	struct vacation vacation;
	struct json_writer w;
	struct json v;
	struct why why;
	struct buf out;

	(void)state;
	assert_true(json_parse(&arena, str_of(text), &v));
	assert_int_equal(vacation_read(&arena, v, &vacation, &why), OK);
	buf_init(&out, KIB(64));
	json_writer_init(&w, &out);
	vacation_put(&w, NULL, &vacation);
	check_str_at(0, buf_str(&out), str_of(text));
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replies), TEST(test_dates), TEST(test_text),
		TEST(test_errors),  TEST(test_put),   TEST(test_html),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
