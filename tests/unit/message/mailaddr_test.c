/* The strict addresses of SMTP (RFC 5321 4.1.2). */
#include "harness/check.h"
#include "harness/exact.h"

#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"

#define S(literal)                           \
	{                                    \
		literal, sizeof(literal) - 1 \
	}
#define A16 "aaaaaaaaaaaaaaaa"
#define A63 A16 A16 A16 "aaaaaaaaaaaaaaa"
#define A64 A16 A16 A16 A16

enum { ALL = MAILADDR_UTF8 | MAILADDR_NULL | MAILADDR_LITERAL };

/* Whether it parses, with all flags and with none, and its normal form printed again. */
static const struct {
	struct str in;
	bool strict, all;
	struct str out;
} paths[] = {
	{ S("<a@b.example>"), true, true, S("a@b.example") },
	{ S("<A.b@B.Example>"), true, true, S("A.b@b.example") },
	{ S("<a+tag!#$%&'*-/=?^_`{|}~@b>"), true, true, S("a+tag!#$%&'*-/=?^_`{|}~@b") },
	{ S("<>"), false, true, S("") },
	{ S("<Postmaster>"), true, false, S("postmaster") }, /* RFC 5321 2.3.5: no sender */
	{ S("<@x.example,@y.example:a@b>"), true, true, S("a@b") }, /* RFC 5321 appendix C */
	{ S("<\"a\"@b>"), true, true, S("a@b") },                   /* the same mailbox */
	{ S("<\"a b\"@c>"), true, true, S("\"a b\"@c") },
	{ S("<\"a\\\"\\\\b\"@c>"), true, true, S("\"a\\\"\\\\b\"@c") },
	{ S("<\"a\\b\"@c>"), true, true, S("ab@c") },
	{ S("<" A64 "@b>"), true, true, S(A64 "@b") },
	{ S("<a@" A63 ".b>"), true, true, S("a@" A63 ".b") },
	{ S("<a@_dmarc.b-c.d>"), true, true, S("a@_dmarc.b-c.d") },
	{ S("<a@[192.0.2.1]>"), false, true, S("a@[192.0.2.1]") },
	{ S("<a@[IPv6:2001:DB8::1]>"), false, true, S("a@[ipv6:2001:db8::1]") },
	{ S("<a@[IPv6:::]>"), false, true, S("a@[ipv6:::]") },
	{ S("<a@[IPv6:1:2:3:4:5:6:7:8]>"), false, true, S("a@[ipv6:1:2:3:4:5:6:7:8]") },
	{ S("<a@[IPv6:::ffff:192.0.2.1]>"), false, true, S("a@[ipv6:::ffff:192.0.2.1]") },
	{ S("<j\xc3\xb6rg@b>"), false, true, S("j\xc3\xb6rg@b") }, /* RFC 6531 3.3 */
	{ S("<a@m\xc3\xbcller.example>"), false, true, S("a@xn--mller-kva.example") },
	{ S("<\"\xc3\xb6 x\"@b>"), false, true, S("\"\xc3\xb6 x\"@b") },
	/* never */
	{ S(""), false, false, S("") },
	{ S("a@b"), false, false, S("") },
	{ S("<a@b"), false, false, S("") },
	{ S("<a>"), false, false, S("") },
	{ S("<@b>"), false, false, S("") },
	{ S("<a@>"), false, false, S("") },
	{ S("<.a@b>"), false, false, S("") },
	{ S("<a.@b>"), false, false, S("") },
	{ S("<a..b@c>"), false, false, S("") },
	{ S("<a b@c>"), false, false, S("") },
	{ S("< a@b>"), false, false, S("") },
	{ S("<a@b >"), false, false, S("") },
	{ S("<a@b@c>"), false, false, S("") },
	{ S("<a,b@c>"), false, false, S("") },
	{ S("<a@-b>"), false, false, S("") },
	{ S("<a@b->"), false, false, S("") },
	{ S("<a@b.>"), false, false, S("") },
	{ S("<a@b..c>"), false, false, S("") },
	{ S("<a@b\0c>"), false, false, S("") },
	{ S("<a\r\n@b>"), false, false, S("") },
	{ S("<\"a\r\n\"@b>"), false, false, S("") },
	{ S("<\"a\"b@c>"), false, false, S("") },
	{ S("<\"\"@b>"), false, false, S("") },
	{ S("<\"a@b>"), false, false, S("") },
	{ S("<" A64 "a@b>"), false, false, S("") },
	{ S("<\"" A64 "a\"@b>"), false, false, S("") },
	{ S("<a@" A64 ".b>"), false, false, S("") },
	{ S("<a@" A63 "." A63 "." A63 "." A63 ".b>"), false, false, S("") },
	{ S("<" A16 "@" A63 "." A63 "." A63 "." A16 A16 A16 ">"), false, false, S("") },
	{ S("<a@[192.0.2.256]>"), false, false, S("") },
	{ S("<a@[192.0.2]>"), false, false, S("") },
	{ S("<a@[192.0.2.0001]>"), false, false, S("") },
	{ S("<a@[IPv6:1:2:3:4:5:6:7]>"), false, false, S("") },
	{ S("<a@[IPv6:1::2::3]>"), false, false, S("") },
	{ S("<a@[IPv6:12345::]>"), false, false, S("") },
	{ S("<a@[IPv6:1:2:3:4:5:6:7:]>"), false, false, S("") },
	{ S("<a@[tag:x]>"), false, false, S("") },
	{ S("<\xff@b>"), false, false, S("") },
	{ S("<@x.example:>"), false, false, S("") },
	{ S("<x.example:a@b>"), false, false, S("") },
};

static void path_prefix(struct str in, void *arg)
{
	struct arena a = { 0 };
	struct cur c = cur_of(in);
	struct mailaddr m;
	const size_t *whole = arg;
	bool ok = mailaddr_parse_path(&c, &a, ALL, &m);

	assert_true(ok || c.p == cur_of(in).p);
	assert_false(ok && in.n < *whole);
	arena_deinit(&a);
}

static void check_path(size_t i, unsigned flags, bool ok)
{
	struct arena a = { 0 };
	struct cur c = cur_of(paths[i].in);
	struct mailaddr m, again;
	struct buf out;

	buf_init(&out, 1024);
	check_at(i, mailaddr_parse_path(&c, &a, flags, &m) == ok);
	if (ok) {
		check_at(i, cur_done(&c));
		mailaddr_put(&out, &m);
		check_str_at(i, buf_str(&out), paths[i].out);
		check_at(i, m.domain.n == 0 || (mailaddr_of(buf_str(&out), &a, flags, &again) &&
		                                mailaddr_equal(&m, &again)));
	}
	buf_deinit(&out);
	arena_deinit(&a);
}

static void smtp_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		size_t n = paths[i].in.n;

		check_path(i, 0, paths[i].strict);
		check_path(i, ALL, paths[i].all);
		exact_each(paths[i].in, true, path_prefix, &n);
	}
}

static void leaves_what_follows(void **state)
{
	struct cur c = cur_of(STR("<a@b> SIZE=1"));
	struct arena a = { 0 };
	struct mailaddr m;

	(void)state;
	assert_true(mailaddr_parse_path(&c, &a, 0, &m));
	check_str(cur_rest(&c), STR(" SIZE=1"));
	arena_deinit(&a);
}

static void tags(void **state)
{
	static const struct {
		struct str in, want;
	} rows[] = {
		{ S("user+tag"), S("user|tag") },
		{ S("user+a+b"), S("user+a|b user|a+b") },
		{ S("mary-ann+x"), S("mary-ann|x mary|ann+x") },
		{ S("user"), S("") },
		{ S("user+"), S("user|") },
		{ S("+tag"), S("") },
		{ S("++tag"), S("+|tag") },
		{ S(""), S("") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str base, tag;
		size_t at = rows[i].in.n;
		struct buf out;

		buf_init(&out, 100);
		while (mailaddr_split_tag(rows[i].in, STR("+-"), &at, &base, &tag))
			buf_fmt(&out, "%s%.*s|%.*s", out.n != 0 ? " " : "", STR_ARG(base),
			        STR_ARG(tag));
		check_str_at(i, buf_str(&out), rows[i].want);
		check_str_at(i, base, rows[i].in);
		check_str_at(i, tag, STR(""));
		buf_deinit(&out);
	}
}

static void within(void **state)
{
	static const struct {
		const char *name, *domain;
		bool within;
	} rows[] = {
		{ "b.example", "b.example", true },    { "a.b.example", "b.example", true },
		{ "A.B.Example", "b.example", true },  { "ab.example", "b.example", false },
		{ "b.example", "a.b.example", false }, { "example", "b.example", false },
		{ "b.example", "", false },            { "", "b.example", false },
		{ "b.example.", "", false },           { ".b.example", "b.example", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, mailaddr_domain_within(str_of(rows[i].name), str_of(rows[i].domain)) ==
		                    rows[i].within);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smtp_paths),
		cmocka_unit_test(leaves_what_follows),
		cmocka_unit_test(tags),
		cmocka_unit_test(within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
