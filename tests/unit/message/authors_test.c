/* The strict reading of From (RFC 5322 3.4): a table, every prefix of each row, and that the
 * forgiving reader finds the same addresses in whatever is taken. */
#include "harness/check.h"
#include "harness/exact.h"

#include "formats/message/address.h"
#include "formats/message/authors.h"
#include "foundation/base/arena.h"

#define S(literal)                           \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

enum { MOST = 3, OUT_MAX = 4096 };

/* The addresses in normal form, with a blank between; empty: refused. */
static const struct {
	struct str in, out;
} rows[] = {
	{ S("a@b.example"), S("a@b.example") },
	{ S("A@B.Example"), S("A@b.example") },
	{ S("Ann <a@b.example>"), S("a@b.example") },
	{ S("<a@b.example>"), S("a@b.example") },
	{ S("< a@b.example >"), S("a@b.example") },
	{ S("Ann\r\n <a@b.example>"), S("a@b.example") },
	{ S("Ann\r\n\t(x)\r\n <a@b.example>,\r\n c@d"), S("a@b.example c@d") },
	{ S("\"Ann, B.\" <a@b>"), S("a@b") },
	{ S("\"Ann \\\" <x@y>\" <a@b>"), S("a@b") },
	{ S("Ann B. Smith <a@b>"), S("a@b") }, /* RFC 5322 4.1: obs-phrase */
	{ S("J\xc3\xb6rg <j\xc3\xb6rg@b.example>"), S("j\xc3\xb6rg@b.example") },
	{ S("=?utf-8?q?J=C3=B6rg?= <a@b>"), S("a@b") },
	{ S("a@b (Ann)"), S("a@b") },
	{ S("(one (two \\) ) three) a@b"), S("a@b") },
	{ S("Ann <(x)a@b(y)> (z)"), S("a@b") },
	{ S("\"a b\"@c"), S("\"a b\"@c") },
	{ S("\"a\"@c"), S("a@c") },
	{ S("Ann <\"a\\b\"@c>"), S("ab@c") },
	{ S("a@m\xc3\xbcller.example"), S("a@xn--mller-kva.example") },
	{ S("a@[192.0.2.1]"), S("a@[192.0.2.1]") },
	{ S("a@b, Bob <c@d>, e@f"), S("a@b c@d e@f") },
	/* what is no address */
	{ S(""), S("") },
	{ S("Ann"), S("") },
	{ S("<>"), S("") },
	{ S("a@"), S("") },
	{ S("@b"), S("") },
	{ S("(a@b)"), S("") },
	{ S("\"a@b\""), S("") },
	{ S("a@b.example."), S("") },
	{ S("a@b..example"), S("") },
	{ S(".a@b"), S("") },
	{ S("a@b@c"), S("") },
	{ S("a@[b.example]"), S("") },
	/* more than one reading */
	{ S("x@y <a@b>"), S("") },
	{ S("a@b <a@b>"), S("a@b") }, /* unquoted, but there is one author to read */
	{ S("a@b <a@B>, x@y"), S("a@b x@y") },
	{ S("a@b <a@b> x"), S("") },
	{ S("a@b, <x@y> <a@b>"), S("") },
	{ S("Foo [Bar] <a@b>"), S("a@b") },
	{ S("Ann <a@b> x@y"), S("") },
	{ S("<a@b> <x@y>"), S("") },
	{ S("Ann <a@b"), S("") },
	{ S("a@b>"), S("") },
	{ S("Ann (x <a@b>"), S("") },
	{ S("\"Ann <a@b>"), S("") },
	{ S("Smith, Ann <a@b>"), S("") },
	{ S("a@b; c@d"), S("") },
	/* obsolete: RFC 5322 4.4 */
	{ S("Ann <@x,@y:a@b>"), S("") },
	{ S("a @ b"), S("") },
	{ S("a(x)@b"), S("") },
	{ S("a@b. example"), S("") },
	{ S("a@b\r\n c.example"), S("") },
	{ S("a@b,,c@d"), S("") },
	{ S(",a@b"), S("") },
	{ S("a@b,"), S("") },
	/* RFC 6854 */
	{ S("us: a@b, c@d;"), S("") },
	{ S("undisclosed:;"), S("") },
	{ S("a@b, us: c@d;"), S("") },
	/* RFC 2047 5 (3) */
	{ S("=?utf-8?q?a=40b?="), S("") },
	{ S("=?utf-8?q?a?=@b"), S("") },
	{ S("Ann <=?utf-8?q?a?=@b>"), S("") },
	{ S("\"=?utf-8?q?a?=\"@b"), S("") },
	{ S("a@=?utf-8?q?b?="), S("") },
	/* not seen, or seen as something else */
	{ S("a\xc2\xa0@b"), S("") },
	{ S("a@b\xc2\xa0"), S("") },
	{ S("\xc2\xa0" "a@b"), S("") },
	{ S("a\xe2\x80\x8b@b"), S("") },
	{ S("a\xe2\x80\xae@b"), S("") },
	{ S("a@b\xe2\x80\x8b"), S("") },
	{ S("a@b\v"), S("") },
	{ S("a\x7f@b"), S("") },
	{ S("Ann\x1b <a@b>"), S("") },
	{ S("\"Ann\x01\" <a@b>"), S("") },
	{ S("(\x01<a@b>"), S("") },
	{ S("J\xf6rg <a@b>"), S("") },
	{ S("Ann <a@b>\0"), S("") },
	{ S("\"\ra b\"@c"), S("") },
	{ S("Ann\n <a@b>"), S("") },
	{ S("Ann\r <a@b>"), S("") },
	{ S("Ann\r\n<a@b>"), S("") },
	{ S("\"a\r\n b\"@c"), S("\"a b\"@c") },
};

static void check_alike(struct arena *a, struct str in, const struct authors *authors)
{
	struct address_list list;

	address_list_parse(a, in, 100, &list);
	assert_int_equal(list.n, authors->n);
	for (size_t i = 0; i < list.n; i++) {
		assert_int_equal(list.items[i].kind, ADDRESS_MAILBOX);
		check_str(list.items[i].local, authors->items[i].local);
		check_str(mailaddr_domain_normal(a, list.items[i].domain),
		          authors->items[i].domain);
	}
}

static void prefix(struct str in, void *arg)
{
	struct arena a = { 0 };
	struct authors authors;

	(void)arg;
	if (authors_parse(&a, in, MOST, &authors) == OK)
		check_alike(&a, in, &authors);
	arena_deinit(&a);
}

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct authors authors;
		struct buf out;
		enum err e = authors_parse(&a, rows[i].in, MOST, &authors);

		buf_init(&out, OUT_MAX);
		check_at(i, e == (rows[i].out.n != 0 ? OK : ERR_SYNTAX));
		for (size_t n = 0; e == OK && n < authors.n; n++) {
			if (n != 0)
				buf_byte(&out, ' ');
			mailaddr_put(&out, &authors.items[n]);
		}
		check_str_at(i, buf_str(&out), rows[i].out);
		exact_each(rows[i].in, true, prefix, NULL);
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

static void most(void **state)
{
	struct arena a = { 0 };
	struct authors authors;

	(void)state;
	assert_int_equal(authors_parse(&a, STR("a@b,a@b,a@b,a@b"), MOST, &authors), ERR_LIMIT);
	assert_int_equal(authors_parse(&a, STR("a@b"), 0, &authors), ERR_LIMIT);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
