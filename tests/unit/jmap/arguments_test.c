/* tests/unit/jmap/arguments_test.c: bad input for each argument of each method and each property of
 * each type, made from their tables. */
#include "foundation/config/limits.h"
#include "harness/check.h"
#include "harness/jmap_todo.h"
#include "protocols/jmap/request/request.h"
#include "protocols/jmap/session/capability.h"

#include <stdio.h>

static struct str response_to(struct todo_server *s, struct str method, const char *name,
                              struct str value)
{
	struct buf b;
	struct str text;

	buf_init(&b, 1 << 20);
	buf_put(&b, STR("{\"using\":[\"urn:ietf:params:jmap:core\""));
	for (unsigned i = 1; i < CAPABILITIES; i++)
		if (jmap_capability_rows[i].urn != NULL && !jmap_capability_rows[i].account_only)
			buf_fmt(&b, ",\"%s\"", jmap_capability_rows[i].urn);
	buf_fmt(&b, "],\"methodCalls\":[[\"%.*s\",{", STR_ARG(method));
	if (!str_eq(str_of(name), STR("accountId")) &&
	    !str_starts(method, STR("PushSubscription/"))) /* has no account */
		buf_put(&b, STR("\"accountId\":\"a1\","));
	buf_fmt(&b, "\"%s\":", name);
	buf_put(&b, value);
	buf_put(&b, STR("},\"0\"]]}"));
	assert_true(buf_ok(&b));
	text = todo_run(s, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* A list, or an object, with one more element than is allowed, each of the form. */
static struct str too_many(struct todo_server *s, const struct jmap_argument *row)
{
	static const char *const samples[] = {
		[FORM_ANY] = "1",      [FORM_ID] = "\"a\"",  [FORM_STRING] = "\"a\"",
		[FORM_BOOL] = "true",  [FORM_INT] = "1",     [FORM_UNSIGNED] = "1",
		[FORM_OBJECT] = "{}",  [FORM_DATE] = "\"2014-10-30T14:12:00+08:00\"",
		[FORM_UTC_DATE] = "\"2014-10-30T06:12:00Z\"",
	};
	uint32_t max = row->max != 0 ? row->max : LIMIT_jmap_elements;
	bool map = (row->flags & MAP) != 0;
	struct buf b;
	struct str text;

	buf_init(&b, 1 << 20);
	buf_byte(&b, map ? '{' : '[');
	for (uint32_t i = 0; i <= max; i++) {
		buf_fmt(&b, "%s", i != 0 ? "," : "");
		if (map)
			buf_fmt(&b, "\"k%" PRIu32 "\":", i);
		buf_fmt(&b, "%s", samples[row->form]);
	}
	buf_byte(&b, map ? '}' : ']');
	text = str_dup(&s->arena, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* Values of every kind, and some of nearly every form. */
static const char *const values[] = {
	"null", "true", "false", "0", "-1", "1.5", "9007199254740992", "1e400", "\"\"", "\"#\"",
	"\"a b\"", "\"2014-10-30T06:12:00z\"", "\"2014-02-30T06:12:00Z\"",
	"\"2014-10-30T06:12:00.000Z\"", "[]", "[null]", "[1]", "[\"a b\"]", "[[]]", "{}",
	"{\"a b\":true}", "{\"a\":null}", "{\"a\":false}", "{\"a\":{}}",
};

static bool fits(const struct jmap_argument *row, const char *value)
{
	struct arena a = { 0 };
	struct json v;
	bool fit = json_parse(&a, str_of(value), &v) &&
	           jmap_form_ok(v, row->form, row->flags, row->max);

	arena_deinit(&a);
	return fit;
}

static void argument_check(struct todo_server *s, struct str method,
                           const struct jmap_argument *row)
{
	struct str sentence = str_fmt(&s->arena, "\"description\":\"%s ", row->name);

	for (size_t i = 0; i < COUNT(values); i++) {
		struct str got;

		if (fits(row, values[i]))
			continue;
		got = response_to(s, method, row->name, str_of(values[i]));
		if (str_find(got, STR("\"type\":\"invalidArguments\"")) < 0 &&
		    str_find(got, STR("error:notJSON")) < 0)
			fail_msg("%.*s %s %s: %.*s", STR_ARG(method), row->name, values[i],
			         STR_ARG(got));
		if (str_find(got, sentence) < 0 && str_find(got, STR("error:notJSON")) < 0)
			fail_msg("%.*s %s %s: %.*s", STR_ARG(method), row->name, values[i],
			         STR_ARG(got));
	}
	if (row->flags & (LIST | MAP)) {
		struct str got = response_to(s, method, row->name, too_many(s, row));

		/* The parser refuses small values in such numbers. */
		if (str_find(got, str_fmt(&s->arena, "\"%s has more than", row->name)) < 0 &&
		    str_find(got, STR("error:notJSON")) < 0)
			fail_msg("%.*s %s: %.*s", STR_ARG(method), row->name, STR_ARG(got));
	}
	arena_reset(&s->arena);
}

static unsigned method_check(struct todo_server *s, struct str method)
{
	const struct jmap_request r = { .registry = &jmap_registry,
		                        .using = BIT(CAPABILITIES) - 1 };
	struct jmap_found f;
	unsigned n = 0;

	if (!jmap_method_find(&r, method, &f) || f.method.any_arguments)
		return 0;
	for (size_t i = 0; i < f.method.argument_count; i++, n++)
		argument_check(s, method, &f.method.arguments[i]);
	for (size_t i = 0; i < f.more_count; i++, n++)
		argument_check(s, method, &f.more[i]);
	check_at(0, str_find(response_to(s, method, "nonsense", STR("1")),
	                     STR("the method has no argument")) >= 0);
	if (!f.method.no_account)
		check_at(0, str_find(response_to(s, method, "accountId", STR("\"a99\"")),
		                     STR("\"accountId\":\"a99\"")) < 0);
	return n;
}

static void every_argument(void **state)
{
	static const char *const actions[] = { "get",  "changes", "set",
		                               "copy", "query",   "queryChanges" };
	struct todo_server s;
	unsigned n = 0;

	(void)state;
	todo_server_open(&s);
	s.jmap.registry = &jmap_registry;
	for (size_t i = 0; i < jmap_registry.type_count; i++)
		for (size_t j = 0; j < COUNT(actions); j++) {
			char name[100];

			snprintf(name, sizeof name, "%s/%s", jmap_registry.types[i]->name,
			         actions[j]);
			n += method_check(&s, str_of(name));
		}
	for (size_t i = 0; i < jmap_registry.methods_count; i++)
		for (size_t j = 0; j < jmap_registry.methods[i]->n; j++)
			n += method_check(&s, str_of(jmap_registry.methods[i]->rows[j].name));
	assert_true(n > 20);
	todo_server_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_argument) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
