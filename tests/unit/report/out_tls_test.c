/* TLS reports: the record that asks for them, and what our own reader finds in one. */
#include "harness/check.h"

#include "base/arena.h"
#include "base/buf.h"
#include "report/out_tls_file.h"
#include "report/wire_tls.h"
#include "report/wire_tlsrpt.h"

static void test_records(void **state)
{
	static const struct {
		const char *text;
		size_t count; /* 0: it asks for none */
		const char *first;
	} rows[] = {
		{ "v=TLSRPTv1;rua=mailto:a@example.org", 1, "mailto:a@example.org" },
		{ "v=TLSRPTv1; rua=https://x/ , mailto:a@b ;", 2, "https://x/" },
		{ "v=TLSRPTv1 ; x=1; rua=a; rua=b", 1, "a" }, /* RFC 8460 3: unknown fields */
		{ "v=TLSRPTv1; rua=,,a,,", 1, "a" },
		{ "v=TLSRPTv1; rua=1,2,3,4,5,6,7,8,9", 8, "1" },
		{ "v=TLSRPTv1", 0, "" },
		{ "v=TLSRPTv1;", 0, "" },
		{ "v=TLSRPTv1; rua=", 0, "" },
		{ "v=TLSRPTv1; rua=a; nonsense", 0, "" },
		{ "v=TLSRPTv1; =x; rua=a", 0, "" },
		{ "v=TLSRPTv2; rua=a", 0, "" },
		{ "v=TLSRPTv11; rua=a", 0, "" },
		{ "V=TLSRPTv1; rua=a", 0, "" },
		{ " v=TLSRPTv1; rua=a", 0, "" },
		{ "v=tlsrptv1; rua=a", 0, "" },
		{ "v=TLSRPTv1; RUA=a", 0, "" }, /* %s"rua=" */
		{ "", 0, "" },
	};
	struct tlsrpt_record r;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str text = str_of(rows[i].text);

		check_at(i, tlsrpt_record_parse(text, &r) == (rows[i].count != 0));
		if (rows[i].count != 0)
			check_at(i, r.count == rows[i].count &&
			                    str_eq(r.uris[0], str_of(rows[i].first)));
		for (size_t n = 0; n < text.n; n++)
			(void)tlsrpt_record_parse(str_sub(text, 0, n), &r);
	}
}

static void test_read_again(void **state)
{
	struct tls_failure failure = { .result_type = STR("certificate-expired"),
		                       .reason = STR("\xff it says \"no\""),
		                       .mx = STR("mx.example.org"),
		                       .ip = STR("192.0.2.1"),
		                       .count = 3 };
	struct tls_tally tallies[] = {
		{ .type = TLS_POLICY_STS,
		  .policy = STR("version: STSv1\nmode: testing\nmx: a.example\nmx: *.b.example\n"),
		  .good = 5,
		  .bad = 3,
		  .failures = &failure,
		  .failure_count = 1 },
		{ .type = TLS_POLICY_TLSA, .policy = STR("3 1 1 AB\n"), .good = 1 },
		{ .type = TLS_POLICY_NONE, .bad = 1 },
	};
	const struct tls_day day = { .day = 20000,
		                     .domain = STR("example.org"),
		                     .tallies = tallies,
		                     .tally_count = COUNT(tallies) };
	const struct out_tls_about about = { .organization = STR("mx.example.net"),
		                             .contact = STR("postmaster@example.net"),
		                             .id = STR("1-2"),
		                             .begin_s = 1728000000,
		                             .end_s = 1728086399 };
	struct wire_tls_report r;
	struct arena a = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, KIB(64));
	out_tls_put(&b, &about, &day);
	assert_true(buf_ok(&b));
	assert_true(wire_tls_parse(buf_str(&b), &a, &r));
	check_str(r.organization, about.organization);
	check_str(r.contact, about.contact);
	check_str(r.id, about.id);
	assert_int_equal(r.begin_ms, 1728000000000);
	assert_int_equal(r.end_ms, 1728086399000);
	assert_int_equal(r.policy_count, 3);
	check_str(r.policies[0].type, STR("sts"));
	assert_int_equal(r.policies[0].mx_count, 2);
	check_str(r.policies[0].mx[1], STR("*.b.example"));
	assert_int_equal(r.policies[0].good, 5);
	assert_int_equal(r.policies[0].failed, 3);
	assert_int_equal(r.policies[0].failures[0].count, 3);
	check_str(r.policies[0].failures[0].mx, STR("mx.example.org"));
	check_str(r.policies[1].type, STR("tlsa"));
	check_str(r.policies[2].type, STR("no-policy-found"));
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
