/* Keys in DNS: records that are right and wrong, and which of several counts. */
#include "harness/check.h"

#include "formats/mailauth/dkim_public.h"
#include "foundation/base/arena.h"
#include "network/dns/dns.h"

/* RFC 8463 A.2, and the same RSA key as RSAPublicKey (RFC 6376 3.6.1). */
#define RSA                                                                               \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5b" \
	"dOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3r"  \
	"G4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
#define BARE                                                                              \
	"MIGJAoGBAOQeU5CgFPNZGIazlXo2k/eJ1jpaTTxrmqF1HrDLlt04pvaMtCJj8nXoliLRC/H9vJjMI1v" \
	"db3XLcW60AIN/PBD8EL97/y4GwJH7LPUvGP48vqUe+owqszesbiGy1PlCO8c70/OjFnJVgvMF87YR4L" \
	"cincb7aSvI5MgpP6X8rjDdAgMBAAE="
#define ED "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
/* 512 bits, of ../shared/conformance/dkim */
#define SHORT                                                                             \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALgSoqXVSEmfcIsOzw7oRuCCOwsmtX/SJnTWxYyj2leFxfS" \
	"/AVJ+dYfY+hXqMsT7l+MZvvh/R1WzN4MO/kI/7XsCAwEAAQ=="

static const struct {
	enum dkim_algorithm algorithm;
	const char *record, *why;
	unsigned bits;
	bool testing, exact;
} rows[] = {
	{ DKIM_RSA_SHA256, "v=DKIM1; k=rsa; p=" RSA, "", 1024, false, false },
	{ DKIM_RSA_SHA256, "p=" BARE, "", 1024, false, false },
	{ DKIM_RSA_SHA256, "t=y:s; p=" RSA ";", "", 1024, true, true },
	{ DKIM_RSA_SHA256, "t = n : y ; p=" RSA, "", 1024, true, false },
	{ DKIM_RSA_SHA256, "h=sha1:sha256; s=email; n=words; g=*; p=" RSA, "", 1024, false, false },
	{ DKIM_RSA_SHA256, "s=chat:*; p=" SHORT, "", 512, false, false },
	{ DKIM_RSA_SHA256, "s=tlsrpt; p=" RSA, "", 1024, false, false }, /* RFC 8460 3 */
	{ DKIM_ED25519_SHA256, "v=DKIM1; k=ed25519; p=" ED, "", 256, false, false },
	{ DKIM_ED25519_SHA256, "k=ed25519; p=11qYAYKxCrfV S/7TyWQHOg7hcvPapiMlrwIaaPcHURo", "", 256,
	  false, false },
	{ DKIM_RSA_SHA256, "", "it is no list of tags", 0, false, false },
	{ DKIM_RSA_SHA256, "k=rsa; t; p=" RSA, "it is no list of tags", 0, false, false },
	{ DKIM_RSA_SHA256, "v=spf1 -all", "its v= is not DKIM1, or not in front", 0, false, false },
	{ DKIM_RSA_SHA256, "v=DKIM2; p=" RSA, "its v= is not DKIM1, or not in front", 0, false,
	  false },
	{ DKIM_RSA_SHA256, "p=" RSA "; v=DKIM1", "its v= is not DKIM1, or not in front", 0, false,
	  false },
	{ DKIM_RSA_SHA256, "h=sha1; p=" RSA, "its h= does not allow sha256", 0, false, false },
	{ DKIM_RSA_SHA256, "s=chat; p=" RSA, "its s= says that it is not for mail", 0, false,
	  false },
	{ DKIM_RSA_SHA256, "k=ed25519; p=" ED, "its k= is of another type than the signature", 0,
	  false, false },
	{ DKIM_ED25519_SHA256, "p=" RSA, "its k= is of another type than the signature", 0, false,
	  false },
	{ DKIM_RSA_SHA256, "k=rsa", "it has no p=", 0, false, false },
	{ DKIM_RSA_SHA256, "k=rsa; p=", "the key was revoked", 0, false, false },
	{ DKIM_RSA_SHA256, "p=****", "its p= is no base64, or too long", 0, false, false },
	{ DKIM_RSA_SHA256, "p=" ED, "its key is no RSA key", 0, false, false },
	{ DKIM_ED25519_SHA256, "k=ed25519; p=" RSA, "its key is no Ed25519 key", 0, false, false },
	{ DKIM_ED25519_SHA256,
	  "k=ed25519; p=MCowBQYDK2VwAyEA3SUqa9UbfciWkk7tlcJ9P1VD5pXAasg0JUn/"
	  "OgjVbKE=",
	  "its key is no Ed25519 key", 0, false, false },
};

static void test_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };
		struct dkim_public key;
		bool ok = dkim_public_parse(str_of(rows[i].record), rows[i].algorithm, &key, &why);

		check_str_at(i, str_of(why.text), str_of(rows[i].why));
		check_at(i, ok == (rows[i].why[0] == '\0'));
		check_at(i, !ok || key.bits == rows[i].bits);
		check_at(i, !ok || (key.testing == rows[i].testing && key.exact == rows[i].exact));
	}
}

/* RSA of 4104 bits. */
static void test_too_long(void **state)
{
	struct dkim_public key;
	struct why why = { "" };
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	buf_put(&b, STR("p=MIICCwKCAgIA"));
	for (int i = 0; i < 171; i++)
		buf_put(&b, STR("wcHB"));
	buf_put(&b, STR("AgMBAAE="));
	assert_false(dkim_public_parse(buf_str(&b), DKIM_RSA_SHA256, &key, &why));
	check_str(str_of(why.text), STR("its RSA key is too long"));
	buf_deinit(&b);
}

static void test_questions(void **state)
{
	static const struct dns_fake_row zone[] = {
		{ "two._domainkey.a.example", "TXT", "k=ed25519; p=" ED },
		{ "two._domainkey.a.example", "TXT", "k=rsa; p=" RSA },
		{ "old._domainkey.a.example", "TXT", "p=" },
		{ "slow._domainkey.a.example", "*", "SERVFAIL" },
		{ "both._domainkey.a.example", "TXT", "s=tlsrpt; p=" RSA },
		{ "both._domainkey.a.example", "TXT", "p=" BARE },
		{ "reports._domainkey.a.example", "TXT", "s=chat; p=" RSA },
		{ "reports._domainkey.a.example", "TXT", "s=tlsrpt : chat; p=" RSA },
		{ NULL, NULL, NULL },
	};
	static const struct {
		const char *name;
		enum dkim_algorithm algorithm;
		enum dkim_found found;
		const char *why;
	} questions[] = {
		{ "two._domainkey.a.example", DKIM_RSA_SHA256, DKIM_KEY_FOUND, "" },
		{ "two._domainkey.a.example", DKIM_ED25519_SHA256, DKIM_KEY_FOUND, "" },
		{ "old._domainkey.a.example", DKIM_RSA_SHA256, DKIM_KEY_MISSING,
		  "in the record old._domainkey.a.example: the key was revoked" },
		{ "new._domainkey.a.example", DKIM_RSA_SHA256, DKIM_KEY_MISSING,
		  "there is no key at new._domainkey.a.example" },
		{ "slow._domainkey.a.example", DKIM_RSA_SHA256, DKIM_KEY_UNKNOWN,
		  "slow._domainkey.a.example: DNS did not answer" },
		{ "both._domainkey.a.example", DKIM_RSA_SHA256, DKIM_KEY_FOUND, "" },
		{ "reports._domainkey.a.example", DKIM_RSA_SHA256, DKIM_KEY_FOUND, "" },
	};
	struct dns *dns = dns_fake_new(zone, false);

	(void)state;
	for (size_t i = 0; i < COUNT(questions); i++) {
		struct dkim_question q = { .name = str_of(questions[i].name),
			                   .algorithm = questions[i].algorithm };

		dkim_question_ask(&q, dns, 0);
		check_at(i, q.found == questions[i].found);
		check_at(i, q.found != DKIM_KEY_FOUND || q.key.algorithm == q.algorithm);
		check_at(i, q.key.tls_reports == str_starts(q.name, STR("reports.")));
		if (q.found != DKIM_KEY_FOUND)
			check_str_at(i, str_of(q.why.text), str_of(questions[i].why));
	}
	dns_free(&dns);
}

/* Questions for one name are one for DNS, and each gets its own answer. */
static void test_twins(void **state)
{
	static const struct dns_fake_row zone[] = {
		{ "two._domainkey.a.example", "TXT", "k=ed25519; p=" ED },
		{ NULL, NULL, NULL },
	};
	struct dkim_question all[] = {
		{ .name = STR("two._domainkey.a.example"), .algorithm = DKIM_RSA_SHA256 },
		{ .name = STR("one._domainkey.a.example"), .algorithm = DKIM_RSA_SHA256 },
		{ .name = STR("two._domainkey.a.example"), .algorithm = DKIM_ED25519_SHA256 },
		{ .name = STR("two._domainkey.a.example"), .algorithm = DKIM_ED25519_SHA256 },
	};
	struct dkim_question *list[COUNT(all)];
	struct dns *dns = dns_fake_new(zone, false);
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++)
		dkim_question_join(list, &count, &all[i]);
	assert_int_equal(count, 2);
	dkim_question_ask(list[0], dns, 0);
	assert_int_equal(all[0].found, DKIM_KEY_MISSING);
	assert_int_equal(all[1].found, DKIM_KEY_UNASKED);
	assert_int_equal(all[2].found, DKIM_KEY_FOUND);
	assert_int_equal(all[3].found, DKIM_KEY_FOUND);
	dns_free(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_twins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
