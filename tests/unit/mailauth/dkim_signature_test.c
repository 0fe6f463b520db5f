/* A signature field taken apart: every kind that is malformed, and the words about it. */
#include "harness/check.h"

#include "formats/mailauth/dkim_signature.h"
#include "foundation/base/arena.h"

#define BH "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
#define GOOD \
	"v=1; a=rsa-sha256; c=relaxed/simple; d=Example.org; s=sel; h=from : To; " BH "; b=AAEC; "

static const struct {
	enum dkim_field kind;
	const char *value, *why; /* no why: it is good */
} rows[] = {
	{ DKIM_SIGNATURE, GOOD, "" },
	{ DKIM_SIGNATURE, GOOD "i=a@b.example.org; l=0; q=dns/txt; t=1; x=2; z=what:ever", "" },
	{ DKIM_SIGNATURE, GOOD "i=@EXAMPLE.ORG; q=web : dns/txt; unknown=1", "" },
	{ DKIM_SIGNATURE, GOOD "t=999999999999", "" },
	{ DKIM_SIGNATURE, GOOD "l=9999999999999999999999999999999999999999", "" },
	{ DKIM_SIGNATURE,
	  "v=1; a=ed25519-sha256; d=b\xc3\xbc"
	  "cher.example; s=\xc3\xbc; h=FROM;" BH "; b=A A\r\n E C",
	  "" }, /* RFC 8616 4 */
	{ DKIM_SIGNATURE, "v=1;a=rsa-sha256;d=a.b;s=c;h=from;" BH ";b=AAE", "" },
	/* names that are in DNS and that no U-label of IDNA2008 gives */
	{ DKIM_SIGNATURE,
	  "v=1; a=rsa-sha256; d=xn--i-7iq.ws; s=xn--i-7iq; i=a@xn--a.XN--i-7iq.ws; h=from; " BH
	  "; b=AAEC",
	  "" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=i\xe2\x9d\xa4.ws; s=c; h=from; " BH "; b=AAEC",
	  "d= is no domain name" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=-a.b; s=c; h=from; " BH "; b=AAEC",
	  "d= is no domain name" },
	{ DKIM_SIGNATURE,
	  "v=1; a=rsa-sha256; s=c; h=from; " BH "; b=AAEC; d="
	  "a23456789012345678901234567890123456789012345678901234567890abcd.example",
	  "d= is no domain name" },
	{ DKIM_SIGNATURE, "", "it is no list of tags" },
	{ DKIM_SIGNATURE, GOOD "v=1", "it is no list of tags" }, /* twice */
	{ DKIM_SIGNATURE, GOOD ";", "it is no list of tags" },
	{ DKIM_SIGNATURE, "v=2; a=rsa-sha256; d=a.b; s=c; h=from; " BH "; b=AAEC", "v= is not 1" },
	{ DKIM_SIGNATURE, "a=rsa-sha256; d=a.b; s=c; h=from; " BH "; b=AAEC", "v= is missing" },
	{ DKIM_SIGNATURE, "v=1; d=a.b; s=c; h=from; " BH "; b=AAEC", "a= is missing" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; s=c; h=from; " BH "; b=AAEC", "d= is missing" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; h=from; " BH "; b=AAEC", "s= is missing" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c; " BH "; b=AAEC", "h= is missing" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c; h=from; b=AAEC", "bh= is missing" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c; h=from; " BH, "b= is missing" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha1; d=a.b; s=c; h=from; " BH "; b=AAEC",
	  "rsa-sha1 is not safe any more and proves nothing" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-md5; d=a.b; s=c; h=from; " BH "; b=AAEC",
	  "a= names an unknown algorithm" },
	{ DKIM_SIGNATURE, "v=1; a=RSA-SHA256; d=a.b; s=c; h=from; " BH "; b=AAEC",
	  "a= names an unknown algorithm" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=; s=c; h=from; " BH "; b=AAEC",
	  "d= is no domain name" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=org; s=c; h=from; " BH "; b=AAEC",
	  "d= is no domain name" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b.; s=c; h=from; " BH "; b=AAEC",
	  "d= is no domain name" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a b.c; s=c; h=from; " BH "; b=AAEC",
	  "d= is no domain name" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=***; s=c; h=from; " BH "; b=AAEC",
	  "d= is no domain name" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=; h=from; " BH "; b=AAEC",
	  "s= is no selector" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c..d; h=from; " BH "; b=AAEC",
	  "s= is no selector" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c; h=; " BH "; b=AAEC",
	  "h= is no list of field names" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c; h=from::to; " BH "; b=AAEC",
	  "h= is no list of field names" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c; h=from:a b; " BH "; b=AAEC",
	  "h= is no list of field names" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c; h=to:subject; " BH "; b=AAEC",
	  "h= does not name From" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c; h=from; bh=AAEC; b=AAEC",
	  "bh= is no hash" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c; h=from; bh=; b=AAEC", "bh= is no hash" },
	{ DKIM_SIGNATURE,
	  "v=1; a=rsa-sha256; d=a.b; s=c; h=from; " BH "; b=", "b= is no signature" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; d=a.b; s=c; h=from; " BH "; b=*AEC",
	  "b= is no signature" },
	{ DKIM_SIGNATURE, GOOD "i=@example.com", "i= is not at or below d=" },
	{ DKIM_SIGNATURE, GOOD "i=@badexample.org", "i= is not at or below d=" },
	{ DKIM_SIGNATURE, GOOD "i=@org", "i= is not at or below d=" },
	{ DKIM_SIGNATURE, GOOD "i=example.org", "i= is no address" },
	{ DKIM_SIGNATURE, GOOD "i=a@", "i= is no address" },
	{ DKIM_SIGNATURE, GOOD "i=\xff@example.org", "i= is no address" },
	{ DKIM_SIGNATURE, GOOD "l=-1", "l= is no number" },
	{ DKIM_SIGNATURE, GOOD "l=", "l= is no number" },
	{ DKIM_SIGNATURE, GOOD "l=1 2", "l= is no number" },
	{ DKIM_SIGNATURE, GOOD "q=http", "q= names no way to get the key that is known" },
	{ DKIM_SIGNATURE, GOOD "q=dns", "q= names no way to get the key that is known" },
	{ DKIM_SIGNATURE, GOOD "t=now", "t= is no time" },
	{ DKIM_SIGNATURE, GOOD "t=1234567890123", "t= is no time" },
	{ DKIM_SIGNATURE, GOOD "x=", "x= is no time" },
	{ DKIM_SIGNATURE, GOOD "t=5; x=5", "x= is not after t=" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; c=nowsp; d=a.b; s=c; h=from; " BH "; b=AAEC",
	  "c= names an unknown canonicalization" },
	{ DKIM_SIGNATURE, "v=1; a=rsa-sha256; c=simple/; d=a.b; s=c; h=from; " BH "; b=AAEC",
	  "c= names an unknown canonicalization" },
	/* RFC 8617 4.1.2: v= is nothing there, i= a number */
	{ DKIM_ARC_MESSAGE, "i=50; a=rsa-sha256; d=a.b; s=c; h=to::; v=9; " BH "; b=AAEC", "" },
	{ DKIM_ARC_MESSAGE, "i=1; a=rsa-sha256; d=a.b; s=c; h=; " BH "; b=AAEC", "" },
	{ DKIM_ARC_MESSAGE, "a=rsa-sha256; d=a.b; s=c; h=to; " BH "; b=AAEC", "i= is missing" },
	{ DKIM_ARC_MESSAGE, "i=0; a=rsa-sha256; d=a.b; s=c; h=to; " BH "; b=AAEC",
	  "i= is not a number from 1 to 50" },
	{ DKIM_ARC_MESSAGE, "i=51; a=rsa-sha256; d=a.b; s=c; h=to; " BH "; b=AAEC",
	  "i= is not a number from 1 to 50" },
	{ DKIM_ARC_MESSAGE, "i=@a.b; a=rsa-sha256; d=a.b; s=c; h=to; " BH "; b=AAEC",
	  "i= is not a number from 1 to 50" },
	{ DKIM_ARC_MESSAGE, "i=1; a=rsa-sha256; d=a.b; s=c; h=to:arc-SEAL; " BH "; b=AAEC",
	  "h= names ARC-Seal" },
	/* 4.1.3 */
	{ DKIM_ARC_SEAL, "i=1; a=rsa-sha256; cv=none; d=a.b; s=c; t=1; b=AAEC", "" },
	{ DKIM_ARC_SEAL, "i=1; a=rsa-sha256; cv=none; d=a.b; s=c; h=from; b=AAEC",
	  "a seal must not have h=" },
	{ DKIM_ARC_SEAL, "i=1; a=rsa-sha256; cv=good; d=a.b; s=c; b=AAEC",
	  "cv= is not none, pass or fail" },
	{ DKIM_ARC_SEAL, "i=1; a=rsa-sha256; d=a.b; s=c; b=AAEC", "cv= is missing" },
};

static void test_rows(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str field = str_fmt(&a, "Some-Field:%s", rows[i].value);
		struct dkim_signature s;
		struct why why = { "" };
		bool ok = dkim_signature_parse(rows[i].kind, field, &a, &s, &why);

		check_str_at(i, str_of(why.text), str_of(rows[i].why));
		check_at(i, ok == (rows[i].why[0] == '\0'));
	}
	arena_deinit(&a);
}

static void test_what_it_says(void **state)
{
	struct arena a = { 0 };
	struct dkim_signature s;
	struct why why;

	(void)state;
	assert_true(dkim_signature_parse(
		DKIM_SIGNATURE, STR("DKIM-Signature: " GOOD "i=a=20b\r\n @Sub.example.ORG"), &a, &s,
		&why));
	check_str(s.domain, STR("example.org"));
	check_str(s.selector, STR("sel"));
	check_str(s.identity, STR("a=20b@sub.example.org"));
	check_str(s.algorithm_text, STR("rsa-sha256"));
	check_str(s.signature, str_from("\0\1\2", 3));
	check_str(dkim_key_name(&s, &a), STR("sel._domainkey.example.org"));
	assert_int_equal(s.header, CANON_RELAXED);
	assert_int_equal(s.body, CANON_SIMPLE);
	assert_int_equal(s.signed_s, -1);
	assert_int_equal(s.expires_s, -1);
	assert_true(s.length == UINT64_MAX);
	/* What can be known of one that is wrong, is. */
	assert_false(dkim_signature_parse(DKIM_SIGNATURE, STR("X: a=rsa-sha1; s=c; d=a.B; b=*"), &a,
	                                  &s, &why));
	check_str(s.domain, STR("a.b"));
	check_str(s.identity, STR("@a.b"));
	check_str(s.algorithm_text, STR("rsa-sha1"));
	arena_deinit(&a);
}

static void test_too_many_names(void **state)
{
	struct arena a = { 0 };
	struct dkim_signature s;
	struct why why;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	buf_put(&b, STR("X: v=1; a=rsa-sha256; d=a.b; s=c; " BH "; b=AAEC; h=from"));
	for (int i = 1; i < DKIM_NAMES_MAX; i++)
		buf_put(&b, STR(":a"));
	assert_true(dkim_signature_parse(DKIM_SIGNATURE, buf_str(&b), &a, &s, &why));
	buf_put(&b, STR(":a"));
	assert_false(dkim_signature_parse(DKIM_SIGNATURE, buf_str(&b), &a, &s, &why));
	check_str(str_of(why.text), STR("h= names too many fields"));
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_what_it_says),
		cmocka_unit_test(test_too_many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
