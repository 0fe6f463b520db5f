/* TLS reports: the record that asks for them, and what our own reader finds in one. */
#include "unit/reports_out/out_fixture.h"

#include "flow/reports_out/reports_out_private.h"
#include "formats/reports/tls.h"
#include "formats/reports/tlsrpt.h"
#include "model/remote/remote.h"
#include "model/remote/sts_fetch.h"

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

/* --- a day that is just over ---------------------------------------------------------------- */

static const struct dns_fake_row zone[] = {
	{ "_smtp._tls.example.com", "TXT", "v=TLSRPTv1; rua=mailto:a@example.net" },
	{ NULL, NULL, NULL },
};

struct looking {
	struct fixture *f;
	int64_t begin_s;
	struct out_due due;
};

static enum err look(struct txn *t, void *arg)
{
	struct looking *l = arg;

	return out_due_get(t, l->begin_s, REPORT_TLS, STR("example.com"), &l->f->a, &l->due);
}

/* Of the report that begins then; 0: there is none. */
static uint64_t sessions(struct fixture *f, int64_t begin_s, bool wait)
{
	struct looking l = { .f = f, .begin_s = begin_s };
	int64_t deadline_ms = clock_mono_ms() + 20000;
	enum err e;

	while ((e = store_read(f->ts.store, look, &l)) == ERR_MISSING && wait &&
	       clock_mono_ms() < deadline_ms)
		clock_sleep_ms(10);
	return e == OK ? l.due.messages : 0;
}

static void no_fetch(void *arg, struct str domain, struct arena *a, struct sts_answer *out)
{
	(void)arg;
	(void)domain;
	(void)a;
	*out = (struct sts_answer){ .trouble = STS_FETCH_ERROR };
}

static void note(struct remotes *remote)
{
	const struct tls_note n = { .domain = STR("example.com") };

	tls_note(remote, &n);
	assert_int_equal(tls_notes_flush(remote, NULL), OK);
}

/* Its last notes are not written yet: its report waits for them, whoever wants all of them now. */
static void test_after_midnight(void **state)
{
	const int64_t day_ms = OUT_DAY_S * 1000, now_ms = clock_real_ms();
	const int64_t midnight_ms = (now_ms / day_ms + 1) * day_ms;
	const int64_t today_s = midnight_ms / 1000, yesterday_s = today_s - OUT_DAY_S;
	struct report_out *out;
	struct remotes *remote;
	struct fixture f;

	(void)state;
	fixture_open(&f, zone);
	f.settings.reports_tls = true;
	f.settings.tls_evidence_days = 14;
	live_free(&f.live);
	f.config.live = f.live = live_of(&f.settings);
	assert_int_equal(remotes_open(&(struct remotes_config){ .store = f.ts.store,
	                                                        .dns = f.dns,
	                                                        .live = f.live,
	                                                        .fetch = no_fetch },
	                              &remote, NULL),
	                 OK);
	clock_shift_real(midnight_ms - now_ms - 10000);
	note(remote);
	clock_shift_real(60000);
	note(remote);
	out = report_out_new(&f.config);
	assert_int_equal(report_out_start(out, NULL), OK);
	report_out_send(out);
	assert_int_equal(sessions(&f, today_s + 1, true), 1);
	assert_int_equal(sessions(&f, yesterday_s, false), 0);
	clock_shift_real(-60000);
	note(remote);
	clock_shift_real(312000);
	report_out_send(out);
	assert_int_equal(sessions(&f, yesterday_s, true), 2);
	report_out_stop(&out);
	remotes_close(&remote);
	clock_shift_real(now_ms - midnight_ms - 302000);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_read_again),
		cmocka_unit_test(test_after_midnight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
