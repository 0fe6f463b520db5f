/* Reports on TLS of others (RFC 8460 4.4, appendix B). */
#include "harness/check.h"

#include "formats/reports/tls.h"
#include "foundation/base/buf.h"
#include "unit/report/samples.h"

static void what_it_says(void **state)
{
	const struct wire_tls_policy *p;
	struct wire_tls_report r;
	struct arena a = { 0 };

	(void)state;
	assert_true(wire_tls_parse(STR(SAMPLE_TLS), &a, &r));
	check_str(r.organization, STR("Company-X"));
	check_str(r.contact, STR("sts-reporting@company-x.example"));
	check_str(r.id, STR("5065427c-23d3-47ca-b6e0-946ea0e8c4be"));
	assert_int_equal(r.begin_ms, 1700006400000);
	assert_int_equal(r.end_ms, 1700092799000);
	assert_int_equal(r.policy_count, 2);
	p = &r.policies[0];
	check_str(p->type, STR("sts"));
	check_str(p->domain, STR("example.org"));
	assert_int_equal(p->mx_count, 1);
	check_str(p->mx[0], STR("*.mail.example.org"));
	assert_int_equal(p->good, 5326);
	assert_int_equal(p->failed, 303);
	assert_int_equal(p->failure_count, 2);
	check_str(p->failures[1].result, STR("starttls-not-supported"));
	check_str(p->failures[1].mx, STR("mx2.mail.example.org"));
	check_str(p->failures[1].from, STR("2001:db8:abcd:13::1"));
	check_str(p->failures[1].address, STR("203.0.113.56"));
	check_str(p->failures[1].info, STR("https://x.example/?id=1"));
	assert_int_equal(p->failures[1].count, 203);
	p = &r.policies[1]; /* a text for mx-host, a text for a number, a number below zero */
	check_str(p->mx[0], STR("mx.example.org"));
	assert_int_equal(p->good, 3);
	assert_int_equal(p->failed, 0);
	assert_int_equal(p->failure_count, 0);
	assert_false(r.more);
	arena_deinit(&a);
}

static void what_is_none(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "{\"policies\":[{}]}", true },
		{ "{\"policies\":[1,null,\"x\"]}", true },
		{ "{\"policies\":[{\"policy\":[],\"summary\":7,"
		  "\"failure-details\":{\"a\":1}}]}",
		  true },
		{ "{\"policies\":[]}", false },
		{ "{\"policies\":{}}", false },
		{ "[]", false },
		{ "{", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct wire_tls_report r;
		struct arena a = { 0 };

		check_at(i, wire_tls_parse(str_of(rows[i].text), &a, &r) == rows[i].ok);
		arena_deinit(&a);
	}
	for (size_t n = 0; n < STR(SAMPLE_TLS).n; n++) {
		struct wire_tls_report r;
		struct arena a = { 0 };

		check_at(n, !wire_tls_parse(str_sub(STR(SAMPLE_TLS), 0, n), &a, &r));
		arena_deinit(&a);
	}
}

static void one_too_many(void **state)
{
	struct wire_tls_report r;
	struct arena a = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_put(&b, STR("{\"policies\":[{\"failure-details\":[{}"));
	for (int i = 0; i < WIRE_TLS_FAILURES; i++)
		buf_put(&b, STR(",{}"));
	buf_put(&b, STR("]}"));
	for (int i = 0; i < WIRE_TLS_POLICIES; i++)
		buf_put(&b, STR(",{\"failure-details\":[{}]}"));
	buf_put(&b, STR("]}"));
	assert_true(wire_tls_parse(buf_str(&b), &a, &r));
	assert_true(r.more);
	assert_int_equal(r.policy_count, WIRE_TLS_POLICIES);
	assert_int_equal(r.policies[0].failure_count, WIRE_TLS_FAILURES);
	assert_int_equal(r.policies[1].failure_count, 0);
	arena_deinit(&a);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(one_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
