/* Written header fields: folding, encoding, and that no text breaks out of its field. */
#include "harness/check.h"

#include "formats/message/build.h"
#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/message/mailaddr.h"
#include "formats/message/param.h"
#include "foundation/base/arena.h"

enum { OUT_MAX = 1 << 16 };

#define JAPANESE "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"
#define S(literal) { literal, sizeof(literal) - 1 }

static void check_lines(size_t i, struct str fields)
{
	struct cur c = cur_of(fields);
	struct str line;

	check_at(i, str_ends(fields, STR("\r\n")));
	while (cur_line(&c, &line))
		check_at(i, line.n <= 78 && line.n != 0); /* RFC 5322 2.1.1 */
}

static void fields_fold(void **state)
{
	static const struct {
		struct str value, out;
	} rows[] = {
		{ S("short"), S("X-Field: short\r\n") },
		{ S("  a \r\n b\t c "), S("X-Field: a b c\r\n") },
		{ S("x\r\nBcc: evil"), S("X-Field: x Bcc: evil\r\n") },
		{ S("from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.net "
		    "with ESMTPS"),
		  S("X-Field: from mail.example.org (mail.example.org [192.0.2.1]) by\r\n"
		    " mx.example.net with ESMTPS\r\n") },
		{ S(""), S("X-Field:\r\n") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out;

		buf_init(&out, OUT_MAX);
		build_field(&out, STR("X-Field"), rows[i].value);
		check_str_at(i, buf_str(&out), rows[i].out);
		check_lines(i, buf_str(&out));
		buf_deinit(&out);
	}
}

/* What is written as a subject is read as that subject. */
static void texts_come_back(void **state)
{
	static const struct {
		struct str text, out; /* out empty: only that it comes back */
	} rows[] = {
		{ S("plain"), S("Subject: plain\r\n") },
		{ S("Gr\xc3\xbc\xc3\x9f" "e"), S("Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n") },
		{ S("Lunch at the caf\xc3\xa9"),
		  S("Subject: =?utf-8?q?Lunch_at_the_caf=C3=A9?=\r\n") },
		{ S("=?utf-8?q?not_a_word?="), S("") },
		{ S(JAPANESE JAPANESE JAPANESE JAPANESE JAPANESE JAPANESE JAPANESE), S("") },
		{ S("a long text with many words of plain ASCII and, far behind them, at the end, "
		    "one single \xe2\x82\xac sign and more"), S("") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct header_field field;
		struct buf out;

		buf_init(&out, OUT_MAX);
		build_text(&out, STR("Subject"), rows[i].text);
		if (rows[i].out.n != 0)
			check_str_at(i, buf_str(&out), rows[i].out);
		check_lines(i, buf_str(&out));
		check_at(i, header_find(buf_str(&out), STR("subject"), &field));
		check_str_at(i, encword_text(&a, field.value, SIZE_MAX), rows[i].text);
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

static void address_lists(void **state)
{
	static const struct {
		struct str in, out;
	} rows[] = {
		{ S("a@b"), S("To: a@b\r\n") },
		{ S("Bob B <b@c>, d@e"), S("To: Bob B <b@c>, d@e\r\n") },
		{ S("\"B, B.\" <b@c>"), S("To: \"B, B.\" <b@c>\r\n") },
		{ S("J\xc3\xb6rg <j@k>"), S("To: =?utf-8?b?SsO2cmc=?= <j@k>\r\n") },
		{ S("G: a@b, c@d;, e@f"), S("To: G: a@b, c@d;, e@f\r\n") },
		{ S("hidden:;"), S("To: hidden:;\r\n") },
		{ S("\"odd local\"@b"), S("To: \"odd local\"@b\r\n") },
		{ S("first.recipient@example.com, second.recipient@example.com, third@example.com"),
		  S("To: first.recipient@example.com, second.recipient@example.com,\r\n"
		    " third@example.com\r\n") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct address_list list;
		struct buf out;

		buf_init(&out, OUT_MAX);
		address_list_parse(&a, rows[i].in, 100, &list);
		build_addresses(&out, STR("To"), list.items, list.n);
		check_str_at(i, buf_str(&out), rows[i].out);
		check_lines(i, buf_str(&out));
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

static void params_come_back(void **state)
{
	static const struct str values[] = { S("a.txt"), S("a \"b\" \\c"),
		                             S("caf\xc3\xa9 100%.txt"),
		                             S("x\r\ny"), S("") };

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct arena a = { 0 };
		struct buf out;
		struct str back = STR("x");

		buf_init(&out, OUT_MAX);
		build_param_put(&out, STR("filename"), values[i]);
		check_at(i, str_find_byte(buf_str(&out), '\n') < 0);
		check_at(i, param_find(&a, buf_str(&out), STR("filename"), &back));
		check_str_at(i, back, values[i]);
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

static void names_are_new_each_time(void **state)
{
	struct arena a = { 0 };
	struct mailaddr m;
	struct str id = build_message_id(&a, STR("example.org"));
	struct str boundary = build_boundary(&a);

	(void)state;
	assert_false(str_eq(id, build_message_id(&a, STR("example.org"))));
	assert_false(str_eq(boundary, build_boundary(&a)));
	assert_true(str_starts(id, STR("<")) && str_ends(id, STR("@example.org>")));
	assert_true(mailaddr_of(str_sub(id, 1, id.n - 1), &a, 0, &m));
	assert_true(boundary.n == 32);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_fold),      cmocka_unit_test(texts_come_back),
		cmocka_unit_test(address_lists),    cmocka_unit_test(params_come_back),
		cmocka_unit_test(names_are_new_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
