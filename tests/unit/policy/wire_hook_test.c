/* The JSON of HTTP hooks: what they are asked, and what of their answers counts. */
#include "harness/check.h"

#include "flow/policy/hook/wire_hook.h"
#include "foundation/base/buf.h"
#include "foundation/text/json.h"

#include <string.h>

static struct str member(struct json v, const char *name)
{
	struct str s = STR("(none)");

	if (json_kind(json_get(v, name)) == JSON_NULL)
		return STR("(null)");
	json_str(json_get(v, name), &s);
	return s;
}

static void the_question_is_json(void **state)
{
	const struct mailaddr from = { STR("carol"), STR("example.net") };
	const struct mailaddr rcpts[] = { { STR("a b"), STR("example.org") } };
	const struct hook_pair params[] = { { STR("SIZE"), STR("9") } };
	const struct hook_pair fields[] = { { STR("Subject"), STR("\"q\" \xff") } };
	const struct hook_question q = { .id = STR("msg_1"), .stage = "end",
		                         .time_ms = 1000, .session = STR("k3"),
		                         .service = STR("smtp"), .hostname = STR("h.example"),
		                         .peer = STR("192.0.2.1"), .port = 4711,
		                         .helo = STR("c.example"), .mail = true, .from = &from,
		                         .params = params, .param_count = 1, .rcpts = rcpts,
		                         .rcpt_count = 1, .rcpt = &rcpts[0], .message = true,
		                         .fields = fields, .field_count = 1, .size = 12,
		                         .raw = STR("A: b\r\n\r\n\0\xff") };
	struct arena a = { 0 };
	struct buf out;
	struct json doc = { NULL }, mail, message;
	struct json_iter it;
	uint64_t n = 0;

	(void)state;
	buf_init(&out, 65536);
	hook_question_put(&out, &q, &a);
	assert_true(buf_ok(&out) && json_parse(&a, buf_str(&out), &doc));
	check_str(member(doc, "stage"), STR("end"));
	check_str(member(doc, "time"), STR("1970-01-01T00:00:01Z"));
	check_str(member(json_get(doc, "session"), "helo"), STR("c.example"));
	check_str(member(json_get(doc, "session"), "login"), STR("(null)"));
	mail = json_get(doc, "mail");
	check_str(member(mail, "from"), STR("carol@example.net"));
	check_str(member(mail, "recipient"), STR("\"a b\"@example.org"));
	assert_int_equal(json_count(json_get(mail, "recipients")), 1);
	message = json_get(doc, "message");
	assert_true(json_u64(json_get(message, "size"), &n) && n == 12);
	it = json_iter(json_get(message, "headers"));
	assert_true(json_next(&it));
	check_str(member(it.value, "value"), STR("\"q\" \xef\xbf\xbd"));
	check_str(member(message, "raw"), STR("QTogYg0KDQoA/w=="));
	buf_deinit(&out);
	arena_deinit(&a);
}

static void what_is_not_known_yet_is_left_out(void **state)
{
	const struct hook_question q = { .stage = "connect" };
	struct arena a = { 0 };
	struct buf out;
	struct json doc = { NULL };

	(void)state;
	buf_init(&out, 65536);
	hook_question_put(&out, &q, &a);
	assert_true(json_parse(&a, buf_str(&out), &doc));
	assert_int_equal(json_kind(json_get(doc, "mail")), JSON_MISSING);
	assert_int_equal(json_kind(json_get(doc, "message")), JSON_MISSING);
	buf_deinit(&out);
	arena_deinit(&a);
}

static void answers_are_read(void **state)
{
	static const struct {
		const char *json;
		enum err want;
		enum hook_action action;
		unsigned code;
		const char *enhanced, *text;
		size_t changes;
	} rows[] = {
		{ "", OK, HOOK_ACCEPT, 0, "", "", 0 },
		{ " \r\n", OK, HOOK_ACCEPT, 0, "", "", 0 },
		{ "{}", OK, HOOK_ACCEPT, 0, "", "", 0 },
		{ "{\"action\":\"accept\",\"other\":[1]}", OK, HOOK_ACCEPT, 0, "", "", 0 },
		{ "{\"action\":null,\"code\":null}", OK, HOOK_ACCEPT, 0, "", "", 0 },
		{ "{\"action\":\"reject\"}", OK, HOOK_REJECT, 0, "", "", 0 },
		{ "{\"action\":\"reject\",\"code\":554,\"enhanced\":\"5.6.0\",\"text\":\"no\"}", OK,
		  HOOK_REJECT, 554, "5.6.0", "no", 0 },
		{ "{\"action\":\"tempfail\",\"code\":459}", OK, HOOK_TEMPFAIL, 459, "", "", 0 },
		{ "{\"action\":\"discard\",\"text\":\"spam\"}", OK, HOOK_DISCARD, 0, "", "spam",
		  0 },
		{ "{\"action\":\"quarantine\"}", OK, HOOK_QUARANTINE, 0, "", "", 0 },
		{ "{\"headers\":[{\"op\":\"add\",\"name\":\"X\",\"value\":\"y\"},"
		  "{\"op\":\"delete\",\"name\":\"Z\"}],\"sender\":\"\","
		  "\"recipients\":{\"add\":[\"a@b\"],\"delete\":[\"c@d\"]}}",
		  OK, HOOK_ACCEPT, 0, "", "", 5 },
		{ "[]", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "null", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"action\":\"maybe\"}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"action\":5}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"action\":\"reject\",\"code\":450}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"action\":\"reject\",\"code\":600}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"action\":\"reject\",\"code\":560}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"action\":\"tempfail\",\"code\":500}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"action\":\"tempfail\",\"code\":399}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"action\":\"reject\",\"code\":\"550\"}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"action\":\"reject\",\"enhanced\":\"4.7.1\"}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"action\":\"reject\",\"enhanced\":\"5.7.1 x\"}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"text\":[]}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"headers\":{}}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"headers\":[1]}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"headers\":[{\"op\":\"add\",\"name\":\"X\"}]}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"headers\":[{\"op\":\"put\",\"name\":\"X\",\"value\":\"y\"}]}", ERR_SYNTAX, 0,
		  0, "", "", 0 },
		{ "{\"headers\":[{\"op\":\"set\",\"name\":\"X\",\"value\":\"y\",\"index\":0}]}",
		  ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"headers\":[{\"op\":\"insert\",\"name\":\"X\",\"value\":\"y\",\"index\":-1}]}",
		  ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"sender\":1}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"recipients\":{\"add\":\"a@b\"}}", ERR_SYNTAX, 0, 0, "", "", 0 },
		{ "{\"recipients\":{\"delete\":[1]}}", ERR_SYNTAX, 0, 0, "", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str whole = str_of(rows[i].json);
		struct arena a = { 0 };
		struct hook_answer got;
		struct why why = { "" };

		check_at(i, hook_answer_parse(whole, &a, &got, &why) == rows[i].want);
		if (rows[i].want == OK) {
			check_at(i, got.action == rows[i].action && got.code == rows[i].code);
			check_str_at(i, got.enhanced, str_of(rows[i].enhanced));
			check_str_at(i, got.text, str_of(rows[i].text));
			check_at(i, got.change_count == rows[i].changes);
		} else {
			check_at(i, why.text[0] != '\0');
		}
		for (size_t n = 1; i > 1 && n < whole.n; n++) /* cut: no answer */
			check_at(i, hook_answer_parse(str_sub(whole, 0, n), &a, &got, NULL) != OK);
		arena_deinit(&a);
	}
}

static void changes_mean_what_milters_mean(void **state)
{
	struct str json = STR("{\"headers\":["
	                      "{\"op\":\"insert\",\"name\":\"A\",\"value\":\"1\"},"
	                      "{\"op\":\"insert\",\"name\":\"B\",\"value\":\"2\",\"index\":7},"
	                      "{\"op\":\"set\",\"name\":\"C\",\"value\":\"3\"},"
	                      "{\"op\":\"delete\",\"name\":\"D\",\"index\":2}]}");
	static const struct {
		enum policy_change_kind kind;
		const char *name, *value;
		uint32_t index;
	} want[] = {
		{ CHANGE_INSERT, "A", "1", 0 },
		{ CHANGE_INSERT, "B", "2", 7 },
		{ CHANGE_FIELD, "C", "3", 1 },
		{ CHANGE_FIELD, "D", "", 2 },
	};
	struct arena a = { 0 };
	struct hook_answer got;

	(void)state;
	assert_int_equal(hook_answer_parse(json, &a, &got, NULL), OK);
	assert_int_equal(got.change_count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		check_at(i, got.changes[i].kind == want[i].kind);
		check_at(i, got.changes[i].index == want[i].index);
		check_str_at(i, got.changes[i].name, str_of(want[i].name));
		check_str_at(i, got.changes[i].value, str_of(want[i].value));
	}
	arena_deinit(&a);
}

static void one_change_more_than_may_be_is_refused(void **state)
{
	struct arena a = { 0 };
	struct hook_answer got;
	struct buf json;

	(void)state;
	buf_init(&json, 1 << 20);
	buf_put(&json, STR("{\"recipients\":{\"add\":["));
	for (int i = 0; i < HOOK_CHANGES_MAX; i++)
		buf_fmt(&json, "%s\"a%d@b.example\"", i != 0 ? "," : "", i);
	buf_put(&json, STR("]}}"));
	assert_int_equal(hook_answer_parse(buf_str(&json), &a, &got, NULL), OK);
	buf_cut(&json, json.n - 3);
	buf_put(&json, STR(",\"x@b.example\"]}}"));
	assert_int_equal(hook_answer_parse(buf_str(&json), &a, &got, NULL), ERR_LIMIT);
	buf_deinit(&json);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_question_is_json),
		cmocka_unit_test(what_is_not_known_yet_is_left_out),
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(changes_mean_what_milters_mean),
		cmocka_unit_test(one_change_more_than_may_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
