/* How TLS went, day by day: counted, limited, found, forgotten (RFC 8460 4). */
#include "unit/remote/fixture.h"

#include "foundation/config/limits.h"
#include "model/remote/evidence.h"
#include "model/store/kv.h"
#include "model/store/store.h"

#define DAY_MS ((int64_t)86400 * 1000)

static void note(struct fixture *f, const char *domain, const char *policy, const char *result,
                 const char *mx)
{
	struct tls_note n = { .domain = str_of(domain),
		              .type = policy[0] != '\0' ? TLS_POLICY_STS : TLS_POLICY_NONE,
		              .policy = str_of(policy),
		              .result_type = result,
		              .reason = result != NULL ? STR("because") : STR_EMPTY,
		              .mx = str_of(mx),
		              .ip = STR("192.0.2.1"),
		              .our_ip = STR("192.0.2.2") };

	tls_note(f->remote, &n);
}

static void flush(struct fixture *f)
{
	assert_int_equal(tls_notes_flush(f->remote, NULL), OK);
}

struct looking {
	struct fixture *f;
	struct tls_query q;
	struct tls_days days;
};

static enum err look_run(struct txn *t, void *arg)
{
	struct looking *l = arg;

	return tls_days_find(t, &l->q, &l->f->a, &l->days);
}

static struct tls_days look(struct fixture *f, struct tls_query q)
{
	struct looking l = { .f = f, .q = q };

	if (l.q.to_day == 0)
		l.q.to_day = UINT32_MAX;
	assert_int_equal(store_read(f->ts.store, look_run, &l), OK);
	return l.days;
}

static void test_counting(void **state)
{
	struct fixture f;
	struct tls_days days;
	const struct tls_tally *t;

	(void)state;
	fixture_open(&f);
	note(&f, "Example.org", "mode: a\n", NULL, "mx1");
	note(&f, "example.org", "mode: a\n", "certificate-expired", "MX1");
	flush(&f);
	/* over several writings, as over several minutes */
	note(&f, "example.org", "mode: a\n", "certificate-expired", "mx1");
	note(&f, "example.org", "mode: a\n", "certificate-expired", "mx2");
	note(&f, "example.org", "mode: a\n", NULL, "mx2");
	note(&f, "example.org", "mode: b\n", NULL, "mx2");
	note(&f, "example.org", "", "starttls-not-supported", "mx2");
	note(&f, "other.example", "", NULL, "mx2");
	note(&f, "", "", NULL, "mx2");
	flush(&f);
	days = look(&f, (struct tls_query){ .max = 10 });
	assert_int_equal(days.count, 2);
	assert_int_equal(days.items[0].day, tls_day_of(clock_real_ms()));
	check_str(days.items[0].domain, STR("example.org"));
	assert_int_equal(days.items[0].tally_count, 3);
	t = &days.items[0].tallies[0];
	assert_int_equal(t->type, TLS_POLICY_STS);
	check_str(t->policy, STR("mode: a\n"));
	assert_int_equal(t->good, 2);
	assert_int_equal(t->bad, 3);
	assert_int_equal(t->failure_count, 2);
	check_str(t->failures[0].result_type, STR("certificate-expired"));
	check_str(t->failures[0].mx, STR("mx1"));
	check_str(t->failures[0].reason, STR("because"));
	check_str(t->failures[0].ip, STR("192.0.2.1"));
	check_str(t->failures[0].our_ip, STR("192.0.2.2"));
	assert_int_equal(t->failures[0].count, 2);
	assert_int_equal(t->failures[1].count, 1);
	assert_int_equal(days.items[0].tallies[2].type, TLS_POLICY_NONE);
	assert_int_equal(days.items[0].tallies[2].bad, 1);
	fixture_close(&f);
}

/* --- finding ------------------------------------------------------------------------------ */

static void test_finding(void **state)
{
	uint32_t today = tls_day_of(clock_real_ms());
	struct tls_days days;
	struct fixture f;

	(void)state;
	fixture_open(&f);
	note(&f, "a.example", "", NULL, "mx");
	note(&f, "b.example", "", "validation-failure", "mx");
	clock_shift_real(DAY_MS);
	note(&f, "a.example", "", NULL, "mx");
	flush(&f);
	clock_shift_real(-DAY_MS);
	assert_int_equal(look(&f, (struct tls_query){ .max = 10 }).count, 3);
	days = look(&f, (struct tls_query){ .max = 2 }); /* the latest first */
	assert_int_equal(days.count, 2);
	assert_int_equal(days.items[0].day, today + 1);
	check_str(days.items[1].domain, STR("a.example"));
	assert_true(days.more);
	days = look(&f, (struct tls_query){
				.to_day = days.next_day, .after = days.next_behind, .max = 2 });
	assert_int_equal(days.count, 1);
	check_str(days.items[0].domain, STR("b.example"));
	assert_false(days.more);
	assert_false(look(&f, (struct tls_query){ .max = 3 }).more);
	days = look(&f, (struct tls_query){ .from_day = today + 1, .max = 10 });
	assert_int_equal(days.count, 1);
	days = look(&f, (struct tls_query){ .to_day = today, .max = 10 });
	assert_int_equal(days.count, 2);
	days = look(&f, (struct tls_query){ .domain = STR("A.example"), .max = 10 });
	assert_int_equal(days.count, 2);
	days = look(&f, (struct tls_query){ .failures = true, .max = 10 });
	assert_int_equal(days.count, 1);
	check_str(days.items[0].domain, STR("b.example"));
	fixture_close(&f);
}

static void test_expiry(void **state)
{
	uint32_t today = tls_day_of(clock_real_ms());
	struct fixture f;

	(void)state;
	fixture_open(&f);
	for (int day = 0; day < 3; day++) {
		for (int i = 0; i < 600; i++) {
			char name[40];

			snprintf(name, sizeof name, "d%d.example", i);
			note(&f, name, "", NULL, "mx");
		}
		flush(&f);
		clock_shift_real(DAY_MS);
	}
	clock_shift_real(-3 * DAY_MS);
	assert_int_equal(tls_days_expire(f.remote, today, NULL), OK);
	assert_int_equal(look(&f, (struct tls_query){ .max = 9999 }).count, 1800);
	assert_int_equal(tls_days_expire(f.remote, today + 2, NULL), OK);
	assert_int_equal(look(&f, (struct tls_query){ .max = 9999 }).count, 600);
	fixture_close(&f);
}

/* --- one past each limit ------------------------------------------------------------------ */

static void test_failures_limited(void **state)
{
	struct tls_days days;
	struct fixture f;

	(void)state;
	fixture_open(&f);
	for (int i = 0; i < LIMIT_tls_evidence_failures + 1; i++) {
		char mx[40];

		snprintf(mx, sizeof mx, "mx%d", i);
		note(&f, "example.org", "", "validation-failure", mx);
	}
	flush(&f);
	days = look(&f, (struct tls_query){ .max = 1 });
	assert_int_equal(days.items[0].tallies[0].failure_count, LIMIT_tls_evidence_failures);
	assert_int_equal(days.items[0].tallies[0].bad, LIMIT_tls_evidence_failures + 1);
	fixture_close(&f);
}

static void test_policies_limited(void **state)
{
	struct tls_days days;
	struct fixture f;

	(void)state;
	fixture_open(&f);
	for (int i = 0; i < LIMIT_tls_evidence_policies + 1; i++) {
		char policy[40];

		snprintf(policy, sizeof policy, "mode: %d\n", i);
		note(&f, "example.org", policy, NULL, "mx");
	}
	flush(&f);
	days = look(&f, (struct tls_query){ .max = 1 });
	assert_int_equal(days.items[0].tally_count, LIMIT_tls_evidence_policies);
	fixture_close(&f);
}

static enum err many_put(struct txn *t, void *arg)
{
	uint32_t day = *(uint32_t *)arg;
	enum err e = OK;

	for (int i = 0; e == OK && i < LIMIT_tls_evidence_domains; i++) {
		char key[40] = { (char)(day >> 24), (char)(day >> 16), (char)(day >> 8),
			         (char)day };
		int n = snprintf(key + 4, sizeof key - 4, "d%d.example", i);

		e = kv_put(t, SPACE_TLS_EVIDENCE, str_from(key, 4 + (size_t)n), STR("\x01\x00"));
	}
	return e;
}

static void test_domains_limited(void **state)
{
	uint32_t today = tls_day_of(clock_real_ms());
	struct tls_days days;
	struct fixture f;

	(void)state;
	fixture_open(&f);
	assert_int_equal(store_write(f.ts.store, many_put, &today, NULL), OK);
	note(&f, "more.example", "", NULL, "mx");
	note(&f, "d7.example", "", NULL, "mx"); /* it has its row */
	flush(&f);
	days = look(&f, (struct tls_query){ .max = 9, .domain = STR("more.example") });
	assert_int_equal(days.count, 0);
	days = look(&f, (struct tls_query){ .max = 9, .domain = STR("d7.example") });
	assert_int_equal(days.items[0].tallies[0].good, 1);
	fixture_close(&f);
}

/* --- what comes from outside -------------------------------------------------------------- */

static void test_long_words_are_cut(void **state)
{
	static char big[20000];
	struct tls_note n = { .domain = STR("example.org"),
		              .policy = str_from(big, sizeof big),
		              .type = TLS_POLICY_STS,
		              .result_type = "validation-failure",
		              .reason = str_from(big, sizeof big),
		              .mx = str_from(big, sizeof big),
		              .helo = str_from(big, sizeof big) };
	struct tls_days days;
	struct fixture f;

	(void)state;
	memset(big, 'x', sizeof big);
	fixture_open(&f);
	tls_note(f.remote, &n);
	tls_note(f.remote, &n);
	n.domain = str_from(big, sizeof big);
	tls_note(f.remote, &n);
	flush(&f);
	days = look(&f, (struct tls_query){ .max = 9 });
	assert_int_equal(days.count, 2);
	assert_int_equal(days.items[0].tallies[0].failures[0].count, 2);
	assert_true(days.items[0].tallies[0].failures[0].reason.n <= 200);
	assert_true(days.items[1].domain.n <= 255);
	fixture_close(&f);
}

static void test_off(void **state)
{
	struct settings none = { .tls_evidence_days = 0 };
	struct fixture f;
	struct live *live;

	(void)state;
	fixture_open(&f);
	tls_note(NULL, &(struct tls_note){ .domain = STR("example.org") });
	live = live_of(&none);
	live_publish(f.live, settings_ref(live));
	note(&f, "example.org", "", NULL, "mx");
	flush(&f);
	assert_int_equal(look(&f, (struct tls_query){ .max = 9 }).count, 0);
	fixture_close(&f);
	live_free(&live);
}

/* What gathered is written at the end. */
static void test_written_at_the_end(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	note(&f, "example.org", "", NULL, "mx");
	remotes_close(&f.remote);
	assert_int_equal(look(&f, (struct tls_query){ .max = 9 }).count, 1);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_failures_limited),
		cmocka_unit_test(test_policies_limited),
		cmocka_unit_test(test_domains_limited),
		cmocka_unit_test(test_long_words_are_cut),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_written_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
