/* Authentication-Results: written, read, and those that claim to be ours (RFC 8601). */
#include "harness/check.h"
#include "harness/exact.h"

#include "formats/mailauth/authres.h"
#include "foundation/base/arena.h"

#include <string.h>

static void test_written(void **state)
{
	struct authres r;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	authres_begin(&r, &b, STR("mx.example.org"));
	authres_method(&r, "spf", STR("pass"));
	authres_comment(&r, STR("a (b) \\ \x01 \xff"));
	authres_property(&r, "smtp.mailfrom", STR("user@example.com"));
	authres_property(&r, "smtp.helo", STR_EMPTY);
	authres_method(&r, "dkim", STR("fail"));
	authres_comment(&r, STR_EMPTY);
	authres_property(&r, "header.i", STR("@example.com"));
	authres_property(&r, "header.b", STR("ab/c=\"d"));
	authres_end(&r);
	check_str(buf_str(&b), STR("mx.example.org;\r\n"
	                               "\tspf=pass (a \\(b\\) \\\\ ? ?) "
	                               "smtp.mailfrom=user@example.com;\r\n"
	                               "\tdkim=fail header.i=@example.com "
	                               "header.b=\"ab/c=\\\"d\"\r\n"));
	buf_reset(&b);
	authres_begin(&r, &b, STR("mx.example.org"));
	authres_end(&r);
	check_str(buf_str(&b), STR("mx.example.org; none\r\n"));
	buf_deinit(&b);
}

/* A long comment ends between two characters: what is before its end stays readable. */
static void test_long_comment(void **state)
{
	struct arena a = { 0 };
	struct str text = STR("x");
	struct authres r;
	struct buf b;

	(void)state;
	for (int i = 0; i < 200; i++)
		text = str_fmt(&a, "%.*s\xc3\xbc", STR_ARG(text));
	buf_init(&b, 4096);
	authres_begin(&r, &b, STR("mx.example.org"));
	authres_method(&r, "spf", STR("pass"));
	authres_comment(&r, text);
	authres_end(&r);
	assert_true(str_find(buf_str(&b), STR("(x\xc3\xbc\xc3\xbc")) > 0);
	assert_true(str_ends(buf_str(&b), STR("\xc3\xbc)\r\n")));
	assert_true(b.n < 400);
	buf_deinit(&b);
	arena_deinit(&a);
}

/* What we write we read. */
static void test_read_again(void **state)
{
	struct authres_field f;
	struct arena a = { 0 };
	struct authres r;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	authres_begin(&r, &b, STR("mx.example.org"));
	authres_method(&r, "auth", STR("pass"));
	authres_property(&r, "smtp.auth", STR("\"a b\"@example.com"));
	authres_method(&r, "x-y", STR("none"));
	authres_end(&r);
	assert_true(authres_parse(buf_str(&b), &a, &f));
	assert_int_equal(f.count, 2);
	check_str(f.serv_id, STR("mx.example.org"));
	check_str(f.results[0].method, STR("auth"));
	check_str(f.results[0].properties[0].type, STR("smtp"));
	check_str(f.results[0].properties[0].name, STR("auth"));
	check_str(f.results[0].properties[0].value, STR("\"a b\"@example.com"));
	check_str(f.results[1].result, STR("none"));
	buf_deinit(&b);
	arena_deinit(&a);
}

struct expected {
	size_t row;
	int results; /* -1: it is none */
	struct str serv_id;
};

static void parse(struct str text, void *arg)
{
	const struct expected *want = arg;
	struct authres_field f;
	struct arena a = { 0 };
	bool ok = authres_parse(text, &a, &f);

	check_at(want->row, ok == (want->results >= 0));
	if (ok)
		check_at(want->row, f.count == (size_t)want->results &&
		                            str_eq(f.serv_id, want->serv_id));
	arena_deinit(&a);
}

static void test_read(void **state)
{
	static const struct {
		const char *text, *serv_id;
		int results; /* -1: it is none */
	} rows[] = {
		{ "example.org; none", "example.org", 0 },
		{ "example.org 1; none", "example.org", 0 },
		{ "example.org 2; none", "", -1 },
		{ "example.org", "", -1 },
		{ "", "", -1 },
		{ "example.com; spf=pass smtp.mailfrom=example.net", "example.com", 1 },
		/* RFC 8601 B.6, B.7 */
		{ "example.com;\r\n\tdkim=pass reason=\"good signature\"\r\n"
		  "\t  header.i=@mail-router.example.net;\r\n"
		  "\tdkim=fail reason=\"bad signature\"\r\n\t  header.i=@newyork.example.com",
		  "example.com", 2 },
		{ "foo.example.net (foobar) 1 (baz);\r\n"
		  "\tdkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
		  "\t  policy (A dot can go here) . (like that) expired\r\n"
		  "\t  (this surprised me) = (as I wasn't expecting it) 1362471462",
		  "foo.example.net", 1 },
		{ "x.org; spf=pass smtp.mailfrom=\"a b\"@x.org;", "x.org", 1 },
		{ "x.org; spf=pass smtp.mailfrom", "", -1 },
		{ "x.org; spf", "", -1 },
		{ "x.org; spf=pass (a", "", -1 },
		{ "x.org; spf=pass smtp.mailfrom=\"a", "", -1 },
		{ "x.org; spf=pass why=x", "", -1 },
		{ "x.org; =pass", "", -1 },
		{ "x.org; none; spf=pass", "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct expected want = { i, rows[i].results, str_of(rows[i].serv_id) };

		exact_each(str_of(rows[i].text), false, parse, &want);
	}
}

static void test_bounds(void **state)
{
	struct authres_field f;
	struct arena a = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	buf_put(&b, STR("x.org"));
	for (unsigned i = 0; i < AUTHRES_RESULTS_MAX; i++)
		buf_put(&b, STR("; a=b"));
	assert_true(authres_parse(buf_str(&b), &a, &f));
	buf_put(&b, STR("; a=b"));
	assert_false(authres_parse(buf_str(&b), &a, &f));
	buf_reset(&b);
	buf_put(&b, STR("x.org; a=b"));
	for (unsigned i = 0; i <= AUTHRES_PROPERTIES_MAX; i++)
		buf_put(&b, STR(" c.d=e"));
	assert_false(authres_parse(buf_str(&b), &a, &f));
	buf_deinit(&b);
	arena_deinit(&a);
}

static void test_claims(void **state)
{
	static const struct {
		const char *text;
		bool claims;
	} rows[] = {
		{ "mx.example.org; none", true },
		{ "MX.Example.ORG (x); spf=pass", true },
		{ "(x) \"mx.example.org\" 1; spf=pass", true },
		{ "example.org; spf=pass", true },
		{ "a.mx.example.org; spf=pass", true },
		{ "org; spf=pass", false },
		{ "mx2.example.org; spf=pass", false },
		{ "example.com; spf=pass", false },
		{ "notmx.example.org; spf=pass", false },
		{ "mx.example.org spf=pass", true }, /* as somebody may read it */
		{ "example.com 2; spf=pass", true },
		{ "(", true },
		/* the same name, or what is no token (RFC 8601 2.2) */
		{ "mx.example.org.; spf=pass", true },
		{ "\" mx.example.org \"; spf=pass", true },
		{ "\"mx.example.org..\"; spf=pass", true },
		{ "mx.example.org/1; spf=pass", true },
		{ "mx.example.org:25; spf=pass", true },
		{ "mx.example.org=1; spf=pass", true },
		{ "[mx.example.org]; spf=pass", true },
		{ "@mx.example.org; spf=pass", true },
		{ "\"x mx.example.org\"; spf=pass", true },
		{ "\"x/1\"; spf=pass", true },
		{ "mx.example.com.; spf=pass", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, authres_claims(str_of(rows[i].text), STR("mx.example.org")) ==
		                    rows[i].claims);
	assert_true(authres_claims(STR("mx.b\xc3\xbc"
	                               "cher.example; none"),
	                           STR("mx.xn--bcher-kva.example")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written), cmocka_unit_test(test_read_again),
		cmocka_unit_test(test_read),    cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_claims),  cmocka_unit_test(test_long_comment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
