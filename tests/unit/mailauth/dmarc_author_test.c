/* Whose domain is in From, and how others might be made to read another (RFC 7489 6.6.1). */
#include "harness/check.h"

#include "formats/mailauth/dkim.h"
#include "formats/mailauth/dmarc.h"
#include "foundation/base/arena.h"

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
		{ "From: a@XN--i-7iq.ws\r\n", OK, "xn--i-7iq.ws" }, /* in DNS, if not in IDNA2008 */
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

static bool not_blank(unsigned char c)
{
	return c != ' ';
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

/* Whatever some reader may take for the author's domain (formats/message/address.h is one) is
 * found. */
static void test_named(void **state)
{
	static const struct {
		struct str from;
		const char *names; /* those that must be among them */
	} rows[] = {
		{ STR("a@other.example, b@example.org"), "other.example example.org" },
		{ STR("=?utf-8?q?a=40example.org?= <a@other.example"),
		  "example.org other.example" },
		/* RFC 5322 4.4 */
		{ STR("a @ example.org"), "example.org" },
		{ STR("A <a@ example.org>"), "example.org" },
		{ STR("A <a@example .org>"), "example.org" },
		{ STR("A <a@example. org>"), "example.org" },
		{ STR("A <a@\r\n example.org>"), "example.org" },
		{ STR("A <a@example\r\n\t.org>"), "example.org" },
		{ STR("A <a@(x)example.org>"), "example.org" },
		{ STR("A <a@example(x).org>"), "example.org" },
		{ STR("A <a@example.(x (y) \\))org>"), "example.org" },
		{ STR("A <@x.example,@y.example:a@example.org>"), "example.org" },
		{ STR("=?utf-8?q?A_=3Ca=40_example=28x=29.org=3E?="), "example.org" },
		/* no grammar has these */
		{ STR("A <a@example\\.org>"), "example.org" },
		{ STR("A <a@\"example.org\">"), "example.org" },
		{ STR("A <a@[example.org]>"), "example.org" },
		{ STR("A <a@example..org>"), "example.org" },
		{ STR("A <a@.example.org.>"), "example.org" },
		{ STR("A <a@example.org\xff>"), "example.org" },
		{ STR("A <a@exam\0ple.org>"), "example.org" },
		{ STR("A <a@exam\x7fple.org>"), "example.org" },
		/* not seen: a soft hyphen, a blank of no width, a mark of direction */
		{ STR("A <a@exam\xc2\xadple.org>"), "example.org" },
		{ STR("A <a@example.org\xe2\x80\x8b>"), "example.org" },
		{ STR("A <a@\xe2\x80\x8e" "example.org>"), "example.org" },
		/* wide letters and a wide "@" */
		{ STR("A <a\xef\xbc\xa0" "ex\xef\xbd\x81mple.org>"), "example.org" },
		{ STR(""), "" },
		{ STR("nobody"), "" },
		{ STR("a@"), "" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct header_field field = { .name = STR("From"), .value = rows[i].from };
		struct str names[DMARC_NAMED_MAX], want;
		size_t n = dmarc_named(&field, 1, &a, names);
		struct cur c = cur_of(str_of(rows[i].names));

		check_at(i, n <= DMARC_NAMED_MAX && (n == 0) == (rows[i].names[0] == '\0'));
		while (!cur_done(&c)) {
			size_t at = 0;

			want = cur_while(&c, not_blank);
			cur_byte(&c, ' ');
			while (at < n && !str_eq(names[at], want))
				at++;
			check_at(i, at < n);
		}
	}
	arena_deinit(&a);
}

/* So many that nobody can ask them all, each once; or one more often than anybody counts. */
static void test_named_many(void **state)
{
	struct str names[DMARC_NAMED_MAX];
	struct arena a = { 0 };
	struct header_field field = { .name = STR("From"), .value = STR_EMPTY };

	(void)state;
	for (unsigned i = 0; i < DMARC_NAMED_MAX; i++)
		field.value = str_fmt(&a, "%.*s<a@%u.example>,", STR_ARG(field.value), i);
	assert_int_equal(dmarc_named(&field, 1, &a, names), DMARC_NAMED_MAX);
	field.value = str_fmt(&a, "%.*s<a@b.example>,", STR_ARG(field.value));
	assert_int_equal(dmarc_named(&field, 1, &a, names), DMARC_NAMED_MAX + 1);
	field.value = STR("a@b.example,");
	for (unsigned i = 0; i < 10; i++)
		field.value = str_fmt(&a, "%.*s%.*s", STR_ARG(field.value), STR_ARG(field.value));
	assert_int_equal(dmarc_named(&field, 1, &a, names), DMARC_NAMED_MAX + 1);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_named_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
