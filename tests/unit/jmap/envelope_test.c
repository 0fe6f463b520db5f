/* Envelopes of EmailSubmission: parameters, recipients, refusals (RFC 8621 7). */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "foundation/base/err.h"
#include "foundation/config/limits.h"
#include "protocols/jmap/types/envelope_read.h"

#include <string.h>

enum { MAX = 3 };

static struct arena arena;

static bool read(const char *text, struct jmap_envelope *out, struct why *why)
{
	struct json v;

	assert_true(json_parse(&arena, str_of(text), &v));
	return jmap_envelope_read(v, MAX, false, &arena, out, why);
}

#define FROM(parameters) "{\"mailFrom\":{\"email\":\"a@x.example\",\"parameters\":" parameters "},"
#define TO(parameters) "\"rcptTo\":[{\"email\":\"b@y.example\",\"parameters\":" parameters "}]}"

static void test_parameters(void **state)
{
	struct jmap_envelope e;
	struct why why;

	(void)state;
	assert_true(read(FROM("{\"RET\":\"hdrs\",\"envid\":\"a+b=c\",\"HOLDFOR\":\"60\","
	                      "\"MT-PRIORITY\":\"-3\",\"SMTPUTF8\":null,\"BY\":\"120;RT\"}")
	                 TO("{\"NOTIFY\":\"SUCCESS,DELAY\",\"ORCPT\":\"rfc822;c+d@y.example\"}"),
	                 &e, &why));
	check_str(mailaddr_text(&arena, &e.sender), STR("a@x.example"));
	assert_int_equal(e.flags, ENVELOPE_RET_HDRS | ENVELOPE_UTF8);
	check_str(e.envid, STR("a+2Bb+3Dc")); /* xtext */
	assert_int_equal(e.priority, -3);
	assert_int_equal(e.by_mode, ENVELOPE_BY_RETURN);
	assert_true(e.by_trace);
	assert_true(e.release_ms > clock_real_ms() + 50000 &&
	            e.release_ms <= clock_real_ms() + 60000);
	assert_int_equal(e.rcpt_count, 1);
	assert_int_equal(e.rcpts[0].rcpt.notify, DSN_SUCCESS | DSN_DELAY);
	check_str(e.rcpts[0].rcpt.orcpt, STR("rfc822;c+2Bd@y.example"));
	assert_true(str_find(e.text, STR("\"envid\":\"a+b=c\"")) > 0);
}

static void test_recipients(void **state)
{
	struct jmap_envelope e;
	struct why why;

	(void)state;
	assert_true(read("{\"mailFrom\":{\"email\":\"\"},\"rcptTo\":[{\"email\":\"B@Y.example\"},"
	                 "{\"email\":\"B@y.example\"},{\"email\":\"\xc3\xbc@y.example\"}]}",
	                 &e, &why));
	assert_true(mailaddr_is_null(&e.sender));
	assert_int_equal(e.rcpt_count, 2);
	assert_int_equal(e.flags, ENVELOPE_UTF8);
	check_str(e.rcpts[0].rcpt.orcpt, STR("rfc822;B@y.example"));
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "{}", "invalidProperties" },
		{ "{\"mailFrom\":null,\"rcptTo\":[]}", "invalidProperties" },
		{ FROM("null") "\"rcptTo\":null}", "invalidProperties" },
		{ FROM("null") "\"rcptTo\":[]}", "noRecipients" },
		{ FROM("null") "\"rcptTo\":[1]}", "invalidProperties" },
		{ FROM("null") "\"rcptTo\":[{\"email\":\"b@y\",\"x\":1}]}", "invalidProperties" },
		{ FROM("null") "\"rcptTo\":[{\"email\":\"b y\"}]}", "invalidRecipients" },
		{ FROM("null") "\"rcptTo\":[{\"email\":\"a@b\"},{\"email\":\"a@b\"},"
		               "{\"email\":\"a@b\"},{\"email\":\"a@b\"}]}",
		  "tooManyRecipients" },
		{ "{\"mailFrom\":{\"email\":\"x y\"},\"rcptTo\":[]}", "forbiddenMailFrom" },
		{ FROM("[]") TO("null"), "invalidProperties" },
		{ FROM("{\"NOTIFY\":\"NEVER\"}") TO("null"), "invalidProperties" },
		{ FROM("null") TO("{\"RET\":\"FULL\"}"), "invalidProperties" },
		{ FROM("{\"RET\":\"x\"}") TO("null"), "invalidProperties" },
		{ FROM("{\"RET\":null}") TO("null"), "invalidProperties" },
		{ FROM("{\"RET\":\"FULL\",\"ret\":\"FULL\"}") TO("null"), "invalidProperties" },
		{ FROM("{\"ENVID\":\"a\\nb\"}") TO("null"), "invalidProperties" },
		{ FROM("{\"SIZE\":\"-1\"}") TO("null"), "invalidProperties" },
		{ FROM("{\"REQUIRETLS\":null}") TO("null"), "invalidProperties" }, /* no TLS */
		{ FROM("{\"HOLDUNTIL\":\"tomorrow\"}") TO("null"), "invalidProperties" },
		{ FROM("{\"HOLDUNTIL\":\"2990-01-01T00:00:00Z\"}") TO("null"),
		  "invalidProperties" },
		{ FROM("{\"BY\":\"10;R\"}") TO("null"), "invalidProperties" },
		{ FROM("{\"BY\":\"120;R\",\"HOLDFOR\":\"300\"}") TO("null"), "invalidProperties" },
		{ FROM("{\"MT-PRIORITY\":\"10\"}") TO("null"), "invalidProperties" },
		{ FROM("null") TO("{\"NOTIFY\":\"NEVER,DELAY\"}"), "invalidProperties" },
		{ FROM("null") TO("{\"ORCPT\":\"nonsense\"}"), "invalidProperties" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct jmap_envelope e = { 0 };
		struct why why = { "" };

		check_at(i, !read(rows[i].text, &e, &why));
		check_str_at(i, str_of(e.error), str_of(rows[i].error));
		check_at(i, why.text[0] != '\0');
	}
}

static int teardown(void **state)
{
	(void)state;
	arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_parameters, teardown),
		cmocka_unit_test_teardown(test_recipients, teardown),
		cmocka_unit_test_teardown(test_refused, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
