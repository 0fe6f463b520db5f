/* MTA-STS: the record, the policy in all its odd forms, and which hosts it names (RFC 8461). */
#include "harness/check.h"
#include "harness/exact.h"

#include "formats/mailauth/mta_sts.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

#include <string.h>

/* --- the record --------------------------------------------------------------------------- */

static void test_records(void **state)
{
	static const struct {
		const char *texts[3];
		const char *id; /* NULL: there is none */
	} rows[] = {
		{ { "v=STSv1; id=20160831085700Z;" }, "20160831085700Z" }, /* RFC 8461 3.1 */
		{ { "v=STSv1;id=1" }, "1" },
		{ { "v=STSv1 \t;\t id=1 ; " }, "1" },
		{ { "v=STSv1; id=12345678901234567890123456789012" },
		  "12345678901234567890123456789012" },
		{ { "v=STSv1; id=123456789012345678901234567890123" }, NULL },
		{ { "v=STSv1; id=a-b" }, NULL },
		{ { "v=STSv1; id=" }, NULL },
		{ { "v=STSv1; id= 1" }, NULL },
		{ { "v=STSv1;" }, NULL },
		{ { "v=STSv1" }, NULL },
		{ { "v=STSv1; ID=1" }, NULL }, /* %s: the case counts, and an id is a must */
		{ { "V=STSv1; id=1" }, NULL },
		{ { "v=STSv2; id=1" }, NULL },
		{ { "v=STSv11; id=1" }, NULL },
		{ { " v=STSv1; id=1" }, NULL }, /* it must begin with the version */
		{ { "id=1; v=STSv1" }, NULL },
		/* what is not known is passed over; of two ids the first counts */
		{ { "v=STSv1; a.b-c_1=x; id=1; more=y" }, "1" },
		{ { "v=STSv1; id=1; id=2" }, "1" },
		{ { "v=STSv1; id=1; id=-" }, "1" },
		{ { "v=STSv1; id=1; x" }, NULL },
		{ { "v=STSv1; id=1; x=" }, NULL },
		{ { "v=STSv1; id=1; x=a b" }, NULL },
		{ { "v=STSv1; id=1; x=a=b" }, NULL },
		{ { "v=STSv1; id=1; x=\x80" }, NULL },
		{ { "v=STSv1; id=1; -x=a" }, NULL },
		{ { "v=STSv1; id=1; a2345678901234567890123456789012=x" }, "1" },
		{ { "v=STSv1; id=1; a23456789012345678901234567890123=x" }, NULL },
		{ { "v=STSv1;; id=1" }, NULL },
		{ { "v=STSv1; id=1;;" }, NULL },
		{ { "v=STSv1; id=1 x" }, NULL },
		/* others are discarded, two are none (RFC 8461 3.1) */
		{ { "v=spf1 -all", "v=STSv1; id=1" }, "1" },
		{ { "v=STSv1; id=1", "v=STSv1x; id=2", "v=TLSRPTv1; rua=mailto:a@b" }, "1" },
		{ { "v=STSv1; id=1", "v=STSv1; id=1" }, NULL },
		{ { "v=STSv1; id=1", "v=STSv1; broken" }, NULL },
		{ { "" }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str texts[3], id;
		size_t count = 0;

		for (; count < 3 && rows[i].texts[count] != NULL; count++)
			texts[count] = str_of(rows[i].texts[count]);
		check_at(i, mta_sts_record(texts, count, &id) == (rows[i].id != NULL));
		if (rows[i].id != NULL)
			check_str_at(i, id, str_of(rows[i].id));
	}
	assert_false(mta_sts_record(NULL, 0, &(struct str){ 0 }));
}

/* --- the policy --------------------------------------------------------------------------- */

enum { MX_MAX = 5 };

#define HEAD "version: STSv1\r\nmode: enforce\r\n"

static const struct {
	const char *text;
	const char *want; /* as mta_sts_text_put says it; NULL: none, and why: */
	const char *why;
} policies[] = {
	/* RFC 8461 3.2 */
	{ HEAD "mx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\n"
	       "max_age: 604800\r\n",
	  "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\n"
	  "mx: backupmx.example.com\nmax_age: 604800\n",
	  NULL },
	/* LF, no end at the last line, any order, white space, nothing behind the ":" */
	{ "max_age:1\nmx:a.b  \nmode:\ttesting \nversion:STSv1",
	  "version: STSv1\nmode: testing\nmx: a.b\nmax_age: 1\n", NULL },
	{ "version: STSv1\nmode: none\nmax_age: 86400\n",
	  "version: STSv1\nmode: none\nmax_age: 86400\n", NULL },
	{ "\n" HEAD "\r\n  \r\nmx: a\nmax_age: 0\n\n",
	  "version: STSv1\nmode: enforce\nmx: a\nmax_age: 0\n", NULL },
	/* more than a year is a year */
	{ HEAD "mx: a\nmax_age: 31557601",
	  "version: STSv1\nmode: enforce\nmx: a\nmax_age: 31557600\n",
	  NULL },
	{ HEAD "mx: a\nmax_age: 9999999999",
	  "version: STSv1\nmode: enforce\nmx: a\nmax_age: 31557600\n", NULL },
	{ HEAD "mx: a\nmax_age: 0000000007",
	  "version: STSv1\nmode: enforce\nmx: a\nmax_age: 7\n", NULL },
	/* unknown fields; of two the first counts */
	{ HEAD "mx: a\nfuture: \xc3\xa4 ; x\nx-1.2_3:\nmax_age: 5",
	  "version: STSv1\nmode: enforce\nmx: a\nmax_age: 5\n", NULL },
	{ HEAD "mode: none\nversion: 2\nmx: a\nmax_age: 5\nmax_age: x",
	  "version: STSv1\nmode: enforce\nmx: a\nmax_age: 5\n", NULL },
	{ HEAD "mx: 1\nmx: 2\nmx: 3\nmx: 4\nmx: 5\nmax_age: 5",
	  "version: STSv1\nmode: enforce\nmx: 1\nmx: 2\nmx: 3\nmx: 4\nmx: 5\nmax_age: 5\n", NULL },

	{ "", NULL, "it has no version" },
	{ "mode: enforce\nmx: a\nmax_age: 5", NULL, "it has no version" },
	{ "version: STSv1\nmx: a\nmax_age: 5", NULL, "it has no mode" },
	{ HEAD "mx: a\n", NULL, "it has no max_age" },
	{ HEAD "max_age: 5\n", NULL, "it names no host" },
	{ "Version: STSv1\nmode: enforce\nmx: a\nmax_age: 5", NULL, "it has no version" },
	{ "version: STSv2\nmode: enforce\nmx: a\nmax_age: 5", NULL, "it is of another version" },
	{ "version: stsv1\nmode: enforce\nmx: a\nmax_age: 5", NULL, "it is of another version" },
	{ "version: STSv1\nmode: Enforce\nmx: a\nmax_age: 5", NULL, "it has an unknown mode" },
	{ "version: STSv1\nmode: report\nmx: a\nmax_age: 5", NULL, "it has an unknown mode" },
	{ HEAD "mx: a\nmax_age:", NULL, "its max_age is no number" },
	{ HEAD "mx: a\nmax_age: -1", NULL, "its max_age is no number" },
	{ HEAD "mx: a\nmax_age: 1d", NULL, "its max_age is no number" },
	{ HEAD "mx: a\nmax_age: 00000000001", NULL, "its max_age is no number" },
	{ HEAD "mx: 1\nmx: 2\nmx: 3\nmx: 4\nmx: 5\nmx: 6\nmax_age: 5", NULL,
	  "it names too many hosts" },
	{ HEAD "mx: \nmax_age: 5", NULL, "an mx of it is no host name" },
	{ HEAD "mx: a, b\nmax_age: 5", NULL, "an mx of it is no host name" },
	{ HEAD "mx: *\nmax_age: 5", NULL, "an mx of it is no host name" },
	{ HEAD "mx: *.\nmax_age: 5", NULL, "an mx of it is no host name" },
	{ HEAD "mx: *.*.a\nmax_age: 5", NULL, "an mx of it is no host name" },
	{ HEAD "mx: a*.b\nmax_age: 5", NULL, "an mx of it is no host name" },
	{ HEAD "mx: .a.b\nmax_age: 5", NULL, "an mx of it is no host name" },
	{ HEAD "mx: a..b\nmax_age: 5", NULL, "an mx of it is no host name" },
	{ HEAD "mx: a.b.\nmax_age: 5", NULL, "an mx of it is no host name" },
	{ HEAD "mx: b\xc3\xbc" "cher.example\nmax_age: 5", NULL, "an mx of it is no host name" },
	{ HEAD "mx: a\nnonsense\nmax_age: 5", NULL, "a line of it is no field" },
	{ HEAD "mx: a\n x: y\nmax_age: 5", NULL, "a line of it is no field" },
	{ HEAD "mx: a\nx : y\nmax_age: 5", NULL, "a line of it is no field" },
	{ HEAD "mx: a\nx: \x01\nmax_age: 5", NULL, "a line of it is no field" },
	{ HEAD "mx: a\rmax_age: 5", NULL, "a line of it is no field" },
	{ "<html>not: here</html>", NULL, "a line of it is no field" },
};

static void test_policies(void **state)
{
	struct arena a = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 2000);
	for (size_t i = 0; i < COUNT(policies); i++) {
		struct mta_sts_policy p;
		const char *why;
		bool good = mta_sts_policy_parse(str_of(policies[i].text), MX_MAX, &a, &p, &why);

		check_at(i, good == (policies[i].want != NULL));
		buf_reset(&b);
		if (good)
			mta_sts_text_put(&p, &b);
		check_str_at(i, good ? buf_str(&b) : str_of(why),
		             str_of(good ? policies[i].want : policies[i].why));
	}
	buf_deinit(&b);
	arena_deinit(&a);
}

struct cutting {
	size_t row;
	struct arena a;
	const struct mta_sts_policy *whole; /* NULL: it is none */
};

/* A policy that was cut off is none, or names no more than the whole. */
static void cut(struct str text, void *arg)
{
	struct cutting *c = arg;
	struct mta_sts_policy p;
	const char *why;

	if (mta_sts_policy_parse(text, MX_MAX, &c->a, &p, &why) && c->whole != NULL)
		check_at(c->row, p.mx_count <= c->whole->mx_count && p.mode == c->whole->mode);
}

static void test_policies_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(policies); i++) {
		struct cutting c = { .row = i };
		struct mta_sts_policy whole;
		const char *why;

		if (mta_sts_policy_parse(str_of(policies[i].text), MX_MAX, &c.a, &whole, &why))
			c.whole = &whole;
		exact_each(str_of(policies[i].text), true, cut, &c);
		arena_deinit(&c.a);
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool want;
	} rows[] = {
		/* RFC 8461 4.1 */
		{ "*.example.com", "mail.example.com", true },
		{ "*.example.com", "example.com", false },
		{ "*.example.com", "foo.bar.example.com", false },
		{ "mail.example.com", "mail.example.com", true },
		{ "Mail.EXAMPLE.com", "mail.example.com", true },
		{ "*.Example.com", "MAIL.example.com.", true },
		{ "mail.example.com", "mail.example.com.", true },
		{ "mail.example.com", "xmail.example.com", false },
		{ "mail.example.com", "mail.example.com.evil", false },
		{ "*.example.com", ".example.com", false },
		{ "*.example.com", "mail.xexample.com", false },
		{ "*.example.com", "mail", false },
		{ "*.example.com", "", false },
		{ "*.com", "example.com", true },
		{ "a", "a", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str mx[] = { STR("other.example"), str_of(rows[i].pattern) };
		struct mta_sts_policy p = { .mode = MTA_STS_ENFORCE, .mx = mx, .mx_count = 2 };

		check_at(i, mta_sts_policy_names(&p, str_of(rows[i].host)) == rows[i].want);
		p.mx_count = 0;
		check_at(i, !mta_sts_policy_names(&p, str_of(rows[i].host)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_policies_cut),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
