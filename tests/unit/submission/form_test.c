/* Contact forms: what is read of a body, and the letter that is made of it. */
#include "harness/check.h"

#include "flow/submission/form_letter.h"
#include "flow/submission/form_rules.h"
#include "unit/submission/laws.h"

static const struct form_letter usual = {
	.form = STR("contact"),
	.subject = STR("Web"),
	.reply = STR("email"),
	.trap = STR("website"),
	.from = { STR("postmaster"), STR("example.org") },
	.to = { STR("ada"), STR("example.org") },
	.peer = STR("192.0.2.1"),
	.origin = STR("https://www.example.org"),
	.date_ms = 1000,
	.message_id = STR("<1@example.org>"),
};

static void bodies(void **state)
{
	static const struct {
		const char *body, *text, *reply; /* text NULL: refused */
	} rows[] = {
		{ "a=b", "a: b\n", NULL },
		{ "a=b+c%21%c3%a9&d=%zz%4&&e", "a: b c!\xc3\xa9\nd: %zz%4\n", NULL },
		{ "a=%ff", "a: \xef\xbf\xbd\n", NULL },
		{ "a=1%0D%0Ab%3A+2%0A", "a:\n    1\n    b: 2\n", NULL },
		{ "a=1%00", "a:\n    1 \n", NULL },
		{ "a=x&website=y", "a: x\n", NULL },
		{ "email=Ada+%3Ca%40b%3E", "email: Ada <a@b>\n", "a@b" },
		{ "EMAIL=a%40b", "EMAIL: a@b\n", "a@b" },
		{ "email=a%40b%0ABcc%3A+x%40y", "email:\n    a@b\n    Bcc: x@y\n", NULL },
		{ "email=a%40b%2Cc%40d", "email: a@b,c@d\n", NULL },
		{ "", NULL, NULL },
		{ "a=&b", NULL, NULL },
		{ "website=y", NULL, NULL },
		{ "a%0Ab=c", NULL, NULL },
		{ "=c", NULL, NULL },
	};
	struct buf out;

	(void)state;
	buf_init(&out, LAWS_OUT_MAX);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct form_fields fields;
		struct arena a = { 0 };
		struct letter l = { .text = STR("") };
		struct why why = { "" };
		enum err e = form_fields_parse(str_of(rows[i].body), 10, &a, &fields, &why);

		if (e == OK)
			e = form_letter_make(&usual, &fields, &a, &l, &why);
		check_at(i, (e == OK) == (rows[i].text != NULL));
		check_at(i, e == OK || why.text[0] != '\0');
		if (e == OK) {
			struct str end = STR("\n-- \nThe form \"contact\" of "
			                     "https://www.example.org, filled in from 192.0.2.1\n");

			check_at(i, str_ends(l.text, end));
			check_str_at(i, str_sub(l.text, 0, l.text.n - end.n), str_of(rows[i].text));
			check_at(i, l.reply_to.count == (rows[i].reply != NULL));
			if (rows[i].reply != NULL)
				check_str_at(i, mailaddr_text(&a, &l.reply_to.items[0].address),
				             str_of(rows[i].reply));
			buf_reset(&out);
			check_at(i, letter_put(&out, &l, &a, NULL) == OK);
			law_lines(buf_str(&out));
			law_short(buf_str(&out));
			law_fields(&l, buf_str(&out));
		}
		arena_deinit(&a);
	}
	buf_deinit(&out);
}

static void too_many_fields(void **state)
{
	struct form_fields fields;
	struct arena a = { 0 };
	struct json body;

	(void)state;
	assert_int_equal(form_fields_parse(STR("a=1&b=2"), 2, &a, &fields, NULL), OK);
	assert_int_equal(form_fields_parse(STR("a=1&b=2&c"), 2, &a, &fields, NULL), ERR_LIMIT);
	assert_true(json_parse(&a, STR("{\"a\":\"1\",\"b\":\"2\"}"), &body));
	assert_int_equal(form_fields_of(body, 2, &a, &fields, NULL), OK);
	check_str(form_field_get(&fields, STR("B")), STR("2"));
	assert_int_equal(form_fields_of(body, 1, &a, &fields, NULL), ERR_LIMIT);
	assert_true(json_parse(&a, STR("{\"a\":1}"), &body));
	assert_int_equal(form_fields_of(body, 2, &a, &fields, NULL), ERR_SYNTAX);
	arena_deinit(&a);
}

static void origins(void **state)
{
	static const struct {
		const char *rule, *origin;
		bool ok;
	} rows[] = {
		{ "name=x to=a@b origin=https://s.example,http://t.example:8080",
		  "https://s.example", true },
		{ "name=x to=a@b origin=https://s.example,http://t.example:8080",
		  "http://t.example:8080", true },
		{ "name=x to=a@b origin=https://s.example", "http://s.example", false },
		{ "name=x to=a@b origin=https://s.example", "https://s.example.evil", false },
		{ "name=x to=a@b origin=https://s.example", "null", false },
		{ "name=x to=a@b", "https://own.example", true },
		{ "name=x to=a@b", "https://s.example", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct form_rules rules;
		struct arena a = { 0 };

		check_at(i, form_rules_parse(str_of(rows[i].rule), &a, &rules, NULL) == OK);
		check_at(i, form_origin_ok(form_rule_find(&rules, STR("X")), str_of(rows[i].origin),
		                           STR("https://own.example")) == rows[i].ok);
		assert_null(form_rule_find(&rules, STR("y")));
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies),
		cmocka_unit_test(too_many_fields),
		cmocka_unit_test(origins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
