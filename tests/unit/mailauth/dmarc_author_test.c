/* Whose domain is in From, and how others might be made to read another (RFC 7489 6.6.1). */
#include "harness/check.h"

#include "base/arena.h"
#include "mailauth/dkim.h"
#include "mailauth/dmarc.h"

#include <string.h>

static enum err author(struct str header, struct arena *a, struct str *domain, struct why *why)
{
	struct dkim_fields fields;

	dkim_fields_read(&fields, &header, 1, a);
	return dmarc_author(fields.items, fields.count, a, domain, why);
}

static void test_rows(void **state)
{
	static const struct {
		const char *header;
		enum err e;
		const char *want; /* the domain, or why there is none */
	} rows[] = {
		{ "From: a@example.org\r\n", OK, "example.org" },
		{ "To: x@y.example\r\nFROM : A <a@Example.ORG>\r\n", OK, "example.org" },
		{ "From: \"b@other.example\" <a@example.org>\r\n", OK, "example.org" },
		{ "From: =?utf-8?q?b=40other.example?= <a@example.org>\r\n", OK, "example.org" },
		{ "From: A (b@other.example)\r\n <a@example.org>\r\n", OK, "example.org" },
		{ "From: a@example.org, b@EXAMPLE.org\r\n", OK, "example.org" },
		{ "From: a@b\xc3\xbc" "cher.example\r\n", OK, "xn--bcher-kva.example" },
		{ "From: a@xn--bcher-kva.example, b@b\xc3\xbc" "cher.example\r\n", OK,
		  "xn--bcher-kva.example" },
		{ "From: a@\xef\xbd\x85xample.org\r\n", OK, "example.org" }, /* a wide e */
		{ "From: a@localhost\r\n", OK, "localhost" },
		{ "From: \xe4 \"\xb5\xe4, x\" <a@example.org>\r\n", OK, "example.org" },

		{ "", ERR_MISSING, "there is no From field" },
		{ "Sender: a@example.org\r\n", ERR_MISSING, "there is no From field" },
		{ "X-From: a@example.org\r\n", ERR_MISSING, "there is no From field" },
		{ "From: a@example.org\r\nfrom: a@example.org\r\n", ERR_CONFLICT,
		  "there are 2 From fields" },
		{ "From: a@example.org\r\nFrom:\r\n", ERR_CONFLICT, "there are 2 From fields" },
		{ "From: a@example.org, b@other.example\r\n", ERR_CONFLICT,
		  "From has addresses of several domains" },
		{ "From: a@sub.example.org, b@example.org\r\n", ERR_CONFLICT,
		  "From has addresses of several domains" },
		{ "From: undisclosed:;\r\n", ERR_SYNTAX, "From is a group and no author" },
		{ "From: All: a@example.org;\r\n", ERR_SYNTAX, "From is a group and no author" },
		{ "From:\r\n", ERR_SYNTAX, "From cannot be read for certain" },
		{ "From: <>\r\n", ERR_SYNTAX, "From cannot be read for certain" },
		{ "From: nobody\r\n", ERR_SYNTAX, "From cannot be read for certain" },
		{ "From: a@other.example <b@example.org>\r\n", ERR_SYNTAX,
		  "From cannot be read for certain" },
		{ "From: <a@other.example>, <b@example.org\r\n", ERR_SYNTAX,
		  "From cannot be read for certain" },
		{ "From: <@other.example:a@example.org>\r\n", ERR_SYNTAX,
		  "From cannot be read for certain" },
		{ "From: a@example.org b@other.example\r\n", ERR_SYNTAX,
		  "From cannot be read for certain" },
		{ "From: =?utf-8?q?a=40other.example?=\r\n", ERR_SYNTAX,
		  "From cannot be read for certain" },
		{ "From: =?utf-8?q?a=40other.example=3E=2C?=@example.org\r\n", ERR_SYNTAX,
		  "From cannot be read for certain" },
		{ "From: a@example .org\r\n", ERR_SYNTAX, "From cannot be read for certain" },
		{ "From: a@exa\xe2\x80\x8bmple.org\r\n", ERR_SYNTAX,
		  "From cannot be read for certain" },
		{ "From: \"\xe4\\\"\" <a@example.org>\r\n", ERR_SYNTAX,
		  "From cannot be read for certain" }, /* a half character, or a quote that stays */
		{ "From: \xe4@example.org\r\n", ERR_SYNTAX, "From cannot be read for certain" },
		{ "From: a@\xe4.example.org\r\n", ERR_SYNTAX, "From cannot be read for certain" },
		{ "From: \xe4@other.example <a@example.org>\r\n", ERR_SYNTAX,
		  "From cannot be read for certain" },
		{ "From: a@[192.0.2.1]\r\n", ERR_SYNTAX, "an address in From has no domain name" },
		{ "From: b@example.org, a@[192.0.2.1]\r\n", ERR_SYNTAX,
		  "an address in From has no domain name" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str domain = STR_EMPTY;
		struct why why = { "" };

		check_at(i, author(str_of(rows[i].header), &a, &domain, &why) == rows[i].e);
		check_str_at(i, rows[i].e == OK ? domain : str_of(why.text), str_of(rows[i].want));
	}
	arena_deinit(&a);
}

/* NULs and lone line ends, of which some programs stop and others do not. */
static void test_controls(void **state)
{
	static const struct str rows[] = {
		STR("From: a@other.example\0, b@example.org\r\n"),
		STR("From: a@exam\0ple.org\r\n"),
		STR("From: \"\0\" <a@example.org>\r\n"),
		STR("From: a@other.example\r, b@example.org\r\n"),
		STR("From: a@example.org\x7f\r\n"),
		STR("From: a\x01@example.org\r\n"),
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str domain;
		struct why why;

		check_at(i, author(rows[i], &a, &domain, &why) == ERR_SYNTAX);
	}
	arena_deinit(&a);
}

static void test_limit(void **state)
{
	struct str header = STR("From: a@example.org");
	struct arena a = { 0 };
	struct str domain;
	struct why why;

	(void)state;
	for (size_t i = 1; i < DMARC_AUTHORS_MAX; i++)
		header = str_fmt(&a, "%.*s,\r\n a@example.org", STR_ARG(header));
	assert_int_equal(author(header, &a, &domain, &why), OK);
	header = str_fmt(&a, "%.*s,\r\n a@example.org", STR_ARG(header));
	assert_int_equal(author(header, &a, &domain, &why), ERR_LIMIT);
	assert_string_equal(why.text, "From has more than 100 addresses");
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
