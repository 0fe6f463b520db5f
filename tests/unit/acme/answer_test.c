/* What a certification authority says: what is believed and what is not. */
#include "harness/check.h"

#include "operations/acme/wire_answer.h"

static struct arena a;

static int drop(void **state)
{
	(void)state;
	arena_deinit(&a);
	return 0;
}

static struct json parse(const char *text)
{
	struct json v = { NULL };

	if (!json_parse(&a, str_of(text), &v))
		fail_msg("no JSON: %s", text);
	return v;
}

#define DIRECTORY(more)                                                   \
	"{\"newNonce\":\"https://ca/n\",\"newAccount\":\"https://ca/a\"," \
	"\"newOrder\":\"https://ca/o\"" more "}"

static void directories(void **state)
{
	static const struct {
		const char *text;
		bool ok, eab;
	} rows[] = {
		{ DIRECTORY(""), true, false },
		{ DIRECTORY(",\"meta\":{\"externalAccountRequired\":true}"), true, true },
		{ DIRECTORY(",\"meta\":7"), true, false },
		{ "{\"newNonce\":\"https://ca/n\",\"newAccount\":\"https://ca/a\"}", false, false },
		{ "{\"newNonce\":\"http://ca/n\",\"newAccount\":\"https://ca/a\","
		  "\"newOrder\":\"https://ca/o\"}",
		  false, false }, /* RFC 8555 6.1: https */
		{ "[]", false, false },
	};
	struct answer_directory d;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, answer_directory(parse(rows[i].text), &a, &d) == rows[i].ok);
		check_at(i, !rows[i].ok || d.eab_required == rows[i].eab);
	}
}

#define ORDER(status, more)                                                                \
	"{\"status\":\"" status "\",\"authorizations\":[\"https://ca/z/1\"],\"finalize\":" \
	"\"https://ca/f\"" more "}"

static void orders(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		enum answer_status status;
	} rows[] = {
		{ ORDER("pending", ""), true, ANSWER_PENDING },
		{ ORDER("ready", ""), true, ANSWER_READY },
		{ ORDER("processing", ""), true, ANSWER_PROCESSING },
		{ ORDER("invalid", ",\"error\":{\"detail\":\"no\"}"), true, ANSWER_INVALID },
		{ ORDER("valid", ",\"certificate\":\"https://ca/c\""), true, ANSWER_VALID },
		{ ORDER("valid", ""), false, ANSWER_VALID }, /* without a certificate */
		{ ORDER("odd", ""), false, ANSWER_OTHER },
		{ ORDER("pending", ",\"certificate\":\"javascript:x\""), false, ANSWER_PENDING },
		{ "{\"status\":\"pending\",\"authorizations\":[],\"finalize\":\"https://ca/f\"}",
		  false, ANSWER_PENDING },
		{ "{\"status\":\"pending\",\"authorizations\":[1],\"finalize\":\"https://ca/f\"}",
		  false, ANSWER_PENDING },
	};
	struct answer_order o;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, answer_order(parse(rows[i].text), &a, &o) == rows[i].ok);
		check_at(i, !rows[i].ok || o.status == rows[i].status);
	}
}

#define CHALLENGE(token)                                                                           \
	"{\"type\":\"http-01\",\"url\":\"https://ca/c\",\"status\":\"pending\",\"token\":\"" token \
	"\"}"

static void authorizations(void **state)
{
	static const struct {
		const char *challenges;
		size_t usable;
	} rows[] = {
		{ CHALLENGE("abc-_9"), 1 },
		{ CHALLENGE("abc") "," CHALLENGE("def"), 2 },
		/* A token becomes part of a path (RFC 8555 8.3). */
		{ CHALLENGE("../../etc/passwd"), 0 },
		{ CHALLENGE("a b"), 0 },
		{ CHALLENGE(""), 0 },
		{ "{\"type\":\"odd\"},7," CHALLENGE("x"), 1 },
	};
	struct answer_authorization z;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str text =
			str_fmt(&a,
		                "{\"status\":\"pending\",\"identifier\":{\"type\":\"dns\","
		                "\"value\":\"MX.example.org\"},\"challenges\":[%s]}",
		                rows[i].challenges);

		check_at(i, answer_authorization(parse(str_z(&a, text)), &a, &z));
		check_at(i, z.count == rows[i].usable);
		check_str_at(i, z.name, STR("mx.example.org"));
	}
}

static void problems_are_printable_sentences(void **state)
{
	struct answer_problem p;

	(void)state;
	answer_problem(
		parse("{\"type\":\"urn:ietf:params:acme:error:rejectedIdentifier\","
	              "\"detail\":\"two\\nlines\\u001b[31m\",\"subproblems\":[{\"identifier\":"
	              "{\"value\":\"a.example\"},\"detail\":\"forbidden\"}]}"),
		&a, &p);
	check_str(p.type, STR("rejectedIdentifier"));
	check_str(p.sentence, STR("two lines [31m; a.example: forbidden"));
	answer_problem(parse("[]"), &a, &p);
	check_str(p.sentence, STR(""));
}

static void waiting_times(void **state)
{
	(void)state;
	assert_true(answer_retry_after_ms(STR("7"), 60000) == 7000);
	assert_true(answer_retry_after_ms(STR("7000"), 60000) == 60000);
	assert_true(answer_retry_after_ms(STR(""), 60000) == 0);
	assert_true(answer_retry_after_ms(STR("Fri, 31 Dec 1999 23:59:59 GMT"), 60000) == 0);
	assert_true(answer_retry_after_ms(STR("99999999999999"), 60000) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories),
		cmocka_unit_test(orders),
		cmocka_unit_test(authorizations),
		cmocka_unit_test(problems_are_printable_sentences),
		cmocka_unit_test(waiting_times),
	};

	return cmocka_run_group_tests(tests, NULL, drop);
}
