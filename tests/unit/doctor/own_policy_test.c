/* The MTA-STS policy as others fetch it: what of it is wrong, and what cannot be known. */
#include "harness/check.h"

#include "foundation/config/settings.h"
#include "model/remote/sts_fetch.h"
#include "network/dns/dns.h"
#include "operations/doctor/own/own_policy.h"

static struct arena arena;
/* Nobody answers at that port. */
static const struct settings settings = { .hostname = STR("mx.example"),
	                                  .dns_servers = STR("127.0.0.1:1"),
	                                  .mta_sts_port = 443 };

static struct own_policy policy_of(enum mta_sts_mode expected)
{
	return (struct own_policy){
		.settings = &settings, .domain = STR("x.org"), .expected = expected, .a = &arena
	};
}

static void check_judged(size_t i, const struct own_policy *p, enum dns_state want,
                         const char *words)
{
	if (p->state != want || str_find(p->words, str_of(words)) < 0)
		fail_msg("row %zu: %s, %.*s", i, dns_state_name(p->state), STR_ARG(p->words));
	check_at(i, (p->advice.n == 0) == (want == DNS_STATE_OK));
}

#define POLICY(mode, mx) "version: STSv1\nmode: " mode "\n" mx "max_age: 86400\n"
#define OURS "mx: mx.example\n"

static void what_came(void **state)
{
	static const struct {
		enum mta_sts_mode expected;
		unsigned status;
		const char *text;
		enum dns_state want;
		const char *words;
	} rows[] = {
		{ MTA_STS_ENFORCE, 200, POLICY("enforce", OURS), DNS_STATE_OK, "names this" },
		{ MTA_STS_ENFORCE, 200, POLICY("testing", OURS), DNS_STATE_WARN, "mode testing" },
		{ MTA_STS_TESTING, 200, POLICY("testing", "mx: a.example\n"), DNS_STATE_WARN,
		  "does not name this server" },
		{ MTA_STS_ENFORCE, 200, POLICY("enforce", "mx: a.example\n"), DNS_STATE_FAIL,
		  "does not name this server" },
		{ MTA_STS_ENFORCE, 200, "hello", DNS_STATE_FAIL, "cannot be used" },
		{ MTA_STS_NONE, 200, POLICY("none", ""), DNS_STATE_OK, "previous one" },
		{ MTA_STS_NONE, 200, POLICY("enforce", OURS), DNS_STATE_WARN, "has mode none" },
		{ MTA_STS_NONE, 200, POLICY("enforce", "mx: a.example\n"), DNS_STATE_WARN,
		  "domain has mode none" },
		{ MTA_STS_ENFORCE, 200, POLICY("none", ""), DNS_STATE_WARN, "does not name" },
		{ MTA_STS_ENFORCE, 404, "", DNS_STATE_FAIL, "answers 404" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct own_policy p = policy_of(rows[i].expected);
		struct sts_answer got;

		sts_answer_read(rows[i].status, STR("text/plain"), str_of(rows[i].text), &arena,
		                &got);
		own_policy_judge(&p, &got);
		check_judged(i, &p, rows[i].want, rows[i].words);
	}
}

/* That nobody answers may be this server's own network, or a router that leads nothing back in. */
static void nothing_came(void **state)
{
	static const struct {
		struct sts_answer got;
		enum dns_state want;
		const char *words;
	} rows[] = {
		{ { .trouble = STS_FETCH_ERROR, .silent = true, .why = { "no answer in time" } },
		  DNS_STATE_UNKNOWN,
		  "cannot be fetched: no answer in time" },
		{ { .trouble = STS_FETCH_ERROR, .why = { "too long" } },
		  DNS_STATE_FAIL,
		  "cannot be fetched: too long" },
		{ { .trouble = STS_WEBPKI_INVALID, .why = { "it has ended" } },
		  DNS_STATE_FAIL,
		  "is not valid: it has ended" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct own_policy p = policy_of(MTA_STS_ENFORCE);

		own_policy_judge(&p, &rows[i].got);
		check_judged(i, &p, rows[i].want, rows[i].words);
	}
}

static void where_it_is(void **state)
{
	static const struct {
		struct dns_fake_row zone[2];
		enum dns_state want;
		const char *words;
	} rows[] = {
		{ { { "mta-sts.x.org", "*", "SERVFAIL" } },
		  DNS_STATE_UNKNOWN,
		  "DNS did not answer for mta-sts.x.org" },
		{ { { "mta-sts.x.org", "*", "NXDOMAIN" } },
		  DNS_STATE_FAIL,
		  "mta-sts.x.org has no address" },
		{ { { "mta-sts.x.org", "A", "127.0.0.1" } },
		  DNS_STATE_UNKNOWN,
		  "Could not resolve host" },
		{ { { "mta-sts.x.org", "TXT", "x" } },
		  DNS_STATE_FAIL,
		  "mta-sts.x.org has no address" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct own_policy p = policy_of(MTA_STS_ENFORCE);

		p.dns = dns_fake_new(rows[i].zone, false);
		own_policy_look(&p);
		dns_free(&p.dns);
		check_judged(i, &p, rows[i].want, rows[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came),
		cmocka_unit_test(nothing_came),
		cmocka_unit_test(where_it_is),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_deinit(&arena);
	return failed;
}
