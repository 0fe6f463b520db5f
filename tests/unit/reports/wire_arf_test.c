/* Feedback reports for people to read (RFC 5965, RFC 6591). */
#include "harness/check.h"

#include "formats/reports/arf.h"
#include "foundation/base/buf.h"
#include "unit/report/samples.h"

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

static bool parse(struct arena *a, struct str raw, struct wire_arf *out)
{
	struct message m;

	message_parse(a, raw, &limits, &m);
	return wire_arf_parse(&m, a, out);
}

static void a_complaint(void **state)
{
	struct arena a = { 0 };
	struct wire_arf r;

	(void)state;
	assert_true(parse(&a, STR(SAMPLE_COMPLAINT), &r));
	check_str(r.type, STR("abuse"));
	check_str(r.agent, STR("Loop/1"));
	check_str(r.mail_from, STR("ada@example.org"));
	assert_int_equal(r.to_count, 1);
	check_str(r.to[0], STR("b@x.example"));
	check_str(r.domains[0], STR("example.org"));
	assert_int_equal(r.arrived_ms, 1700006400000);
	assert_int_equal(r.incidents, 3);
	check_str(r.source_ip, STR("192.0.2.9"));
	check_str(r.from, STR("Ada <ada@example.org>"));
	check_str(r.subject, STR("caf\xc3\xa9"));
	check_str(r.message_id, STR("<m1@example.org>"));
	arena_deinit(&a);
}

static void a_failure(void **state)
{
	struct arena a = { 0 };
	struct wire_arf r;

	(void)state;
	assert_true(parse(&a, STR(SAMPLE_FAILURE), &r));
	check_str(r.type, STR("auth-failure"));
	check_str(r.failure, STR("dmarc"));
	check_str(r.delivery, STR("reject"));
	check_str(r.results, STR("mx.provider.example; dmarc=fail"));
	check_str(r.dkim_domain, STR("example.org"));
	check_str(r.dkim_selector, STR("k1"));
	assert_int_equal(r.incidents, 1);
	assert_int_equal(r.arrived_ms, -1);
	arena_deinit(&a);
}

static void odd_ones(void **state)
{
	static const struct {
		const char *raw;
		bool ok;
	} rows[] = {
		{ SAMPLE_ARF_TOP "Feedback-Type: abuse" SAMPLE_ARF_END, true },
		{ SAMPLE_ARF_TOP "Incidents: -7\r\nFeedback-Type: x\r\nFeedback-Type: y"
		                 SAMPLE_ARF_END, true },
		{ SAMPLE_ARF_TOP "User-Agent: abuse" SAMPLE_ARF_END, false },
		{ "Feedback-Type: abuse\r\n\r\nFeedback-Type: abuse\r\n", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct wire_arf r;

		check_at(i, parse(&a, str_of(rows[i].raw), &r) == rows[i].ok);
		check_at(i, r.incidents == 1);
		arena_deinit(&a);
	}
	for (size_t n = 0; n < STR(SAMPLE_FAILURE).n; n++) {
		struct arena a = { 0 };
		struct wire_arf r;

		(void)parse(&a, str_sub(STR(SAMPLE_FAILURE), 0, n), &r);
		arena_deinit(&a);
	}
}

/* Whose name the message bore, and who reports, however they are written. */
static void names(void **state)
{
	static const struct {
		const char *fields, *type, *head, *domain, *mta;
	} rows[] = {
		{ "Reporting-MTA: dns; mx.x.example", "text/rfc822-headers",
		  "From: ada@example.org (Ada @ home)", "example.org", "mx.x.example" },
		{ "Reporting-MTA: DNS ;mx.x.example", "message/rfc822-headers",
		  "From: \"b@x.example\" <ada@example.org>", "example.org", "mx.x.example" },
		{ "Reporting-MTA: mx.x.example", "message/rfc822",
		  "From: redacted, <ada@example.org>", "example.org", "mx.x.example" },
		{ "Reporting-MTA: dnsless.example", "message/rfc822\r\nContent-Transfer-Encoding: "
		  "base64", "RnJvbTogYWRhQGV4YW1wbGUub3JnDQoNCmhpDQo=", "example.org",
		  "dnsless.example" },
		{ "Reporting-MTA: dns;", "message/rfc822", "From: redacted", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct wire_arf r;
		struct buf b;

		buf_init(&b, 4096);
		buf_fmt(&b,
		        "%sFeedback-Type: abuse\r\n%s\r\n\r\n--b\r\nContent-Type: %s\r\n\r\n"
		        "%s\r\n\r\n--b--\r\n",
		        SAMPLE_ARF_TOP, rows[i].fields, rows[i].type, rows[i].head);
		check_at(i, parse(&a, buf_str(&b), &r));
		check_str_at(i, r.from_domain, str_of(rows[i].domain));
		check_str_at(i, r.mta, str_of(rows[i].mta));
		buf_deinit(&b);
		arena_deinit(&a);
	}
}

static void who_signed(void **state)
{
	static const struct {
		const char *header, *signers[2];
	} rows[] = {
		{ "DKIM-Signature: v=1; a=x; d=example.org; s=k1; b=d=x", { "example.org" } },
		{ "dkim-signature: d = example.org", { "example.org" } },
		{ "DKIM-Signature: v=1;d=\r\n example.org\r\n ;s=a", { "example.org" } },
		{ "DKIM-Signature: d=a.example;\r\nX: d=z.example;\r\n"
		  "DKIM-Signature: bh=d=y; d=b.example", { "a.example", "b.example" } },
		{ "DKIM-Signature: dd=x.example; v; d", { NULL } },
		{ "DKIM-Signature: v; d=example.org", { "example.org" } },
		{ "DKIM-Signature: d=;", { NULL } },
		{ "DKIM-Signature:", { NULL } },
		{ "From: d=x.example", { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct wire_arf r;
		struct buf b;
		size_t n = 0;

		buf_init(&b, 4096);
		buf_fmt(&b,
		        "%sFeedback-Type: abuse\r\n\r\n--b\r\nContent-Type: message/rfc822"
		        "\r\n\r\n%s\r\n\r\nhi\r\n--b--\r\n",
		        SAMPLE_ARF_TOP, rows[i].header);
		check_at(i, parse(&a, buf_str(&b), &r));
		for (; n < COUNT(rows[i].signers) && rows[i].signers[n] != NULL; n++)
			check_str_at(i, r.signers[n], str_of(rows[i].signers[n]));
		check_at(i, r.signer_count == n);
		buf_deinit(&b);
		arena_deinit(&a);
	}
}

static void lists_end(void **state)
{
	struct arena a = { 0 };
	struct wire_arf r;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_put(&b, STR(SAMPLE_ARF_TOP "Feedback-Type: abuse\r\n"));
	for (int i = 0; i <= WIRE_ARF_LIST; i++)
		buf_put(&b, STR("Original-Rcpt-To: x\r\nReported-Domain: y\r\n"));
	buf_put(&b, STR("Subject: "));
	for (int i = 0; i < 100000; i++)
		buf_byte(&b, 'x');
	buf_put(&b, STR("\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"));
	for (int i = 0; i <= WIRE_ARF_LIST; i++)
		buf_put(&b, STR("DKIM-Signature: d=x\r\n"));
	buf_put(&b, STR("\r\nhi\r\n--b--\r\n"));
	assert_true(parse(&a, buf_str(&b), &r));
	assert_int_equal(r.signer_count, WIRE_ARF_LIST);
	assert_int_equal(r.to_count, WIRE_ARF_LIST);
	assert_int_equal(r.domain_count, WIRE_ARF_LIST);
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_complaint),
		cmocka_unit_test(a_failure),
		cmocka_unit_test(odd_ones),
		cmocka_unit_test(names),
		cmocka_unit_test(who_signed),
		cmocka_unit_test(lists_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
