/* Reports that a domain asks for: does somebody here get them, and does the server read them? */
#include "unit/directory/fixture.h"

#include "foundation/config/settings.h"
#include "operations/doctor/records/dns_check.h"
#include "operations/doctor/own/own_reports.h"

#include <string.h>

static struct arena arena;
static struct temp_store ts;

static const struct change script[] = {
	{ DOMAIN_ADD, "x.org", NULL, OK },
	{ DOMAIN_ADD, "all.org", NULL, OK },
	{ OWNER_ADD, "boss@x.org", "h", OK },
	{ ACCOUNT_ADD, "dmarc@x.org", "h", OK },
	{ ACCOUNT_ADD, "off@x.org", "h", OK },
	{ DISABLE, "off@x.org", NULL, OK },
	{ ALIAS_ADD, "away@x.org", "me@service.example", OK },
	{ CATCHALL, "all.org", "dmarc@x.org", OK },
};

static struct settings settings_of(const char *reports_to, uint32_t days)
{
	return (struct settings){ .hostname = STR("mx.example"),
		                  .subaddress = STR("+"),
		                  .reports_to = str_of(reports_to),
		                  .reports_days = days };
}

#define NAMES "postmaster,abuse,dmarc-reports"

static void what_becomes_of_reports(void **state)
{
	static const struct {
		const char *to, *reports_to;
		uint32_t days;
		enum own_reports want;
	} rows[] = {
		{ "postmaster@x.org", NAMES, 400, OWN_REPORTS_READ },
		{ "dmarc-reports@X.org", NAMES, 400, OWN_REPORTS_READ }, /* to the postmaster */
		{ "dmarc@x.org", NAMES, 400, OWN_REPORTS_UNREAD },
		{ "dmarc@x.org", NAMES ",dmarc@x.org", 400, OWN_REPORTS_READ },
		{ "dmarc+tag@x.org", NAMES, 400, OWN_REPORTS_UNREAD },
		{ "any@all.org", NAMES, 400, OWN_REPORTS_UNREAD },
		{ "none@x.org", NAMES, 400, OWN_REPORTS_LOST },
		{ "off@x.org", NAMES, 400, OWN_REPORTS_LOST },
		{ "away@x.org", NAMES, 400, OWN_REPORTS_ELSEWHERE },
		{ "me@service.example", NAMES, 400, OWN_REPORTS_ELSEWHERE },
		/* Whoever wants none read is not told that they are not. */
		{ "dmarc@x.org", NAMES, 0, OWN_REPORTS_READ },
		{ "dmarc@x.org", "", 400, OWN_REPORTS_READ },
		{ "dmarc-reports@x.org", NAMES, 0, OWN_REPORTS_LOST },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct settings s = settings_of(rows[i].reports_to, rows[i].days);
		const struct own_reports_of of = { ts.store, &s };
		struct mailaddr to;

		assert_true(mailaddr_of(str_of(rows[i].to), &arena, 0, &to));
		check_at(i, own_reports_find(&of, &to) == rows[i].want);
	}
}

#define DMARC "v=DMARC1; p=none; rua="
#define RPT "v=TLSRPTv1; rua="

static void records_that_ask_for_them(void **state)
{
	static const struct {
		const char *there;
		enum dns_state want;
		const char *advice; /* words of it; NULL: none */
	} rows[] = {
		{ DMARC "mailto:postmaster@x.org", DNS_STATE_OK, NULL },
		{ DMARC "mailto:none@x.org", DNS_STATE_WARN, "Create none@" },
		{ DMARC "mailto:postmaster@x.org,mailto:none@x.org", DNS_STATE_WARN, "none@x.org" },
		{ DMARC "mailto:dmarc@x.org!10m", DNS_STATE_WARN, "to ROOST_REPORTS_TO" },
		{ DMARC "mailto:dmarc@x.org,mailto:postmaster@x.org", DNS_STATE_OK, NULL },
		{ DMARC "mailto:dmarc@x.org,https://service.example", DNS_STATE_OK, NULL },
		{ "v=DMARC1; p=none", DNS_STATE_OK, NULL },
		{ RPT "mailto:postmaster@x.org", DNS_STATE_OK, NULL },
		{ RPT "mailto:none@x.org", DNS_STATE_WARN, "reports are lost" },
		{ RPT "mailto:dmarc@x.org", DNS_STATE_WARN, "Add dmarc@" },
		{ RPT "https://x.org/reports", DNS_STATE_OK, NULL },
	};
	const struct settings s = settings_of(NAMES, 400);
	const struct own_reports_of of = { ts.store, &s };
	const struct dns_home home = { .hostname = STR("mx.example") };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool dmarc = str_starts(str_of(rows[i].there), STR("v=DMARC1"));
		const struct dns_record r = { .name = dmarc ? STR("_dmarc.x.org")
			                                    : STR("_smtp._tls.x.org"),
			                      .type = "TXT",
			                      .expected = dmarc ? STR("v=DMARC1; p=none")
			                                        : STR("v=TLSRPTv1; rua=") };
		struct dns_judging j = { .home = &home, .reports = &of, .a = &arena };
		struct str there = str_of(rows[i].there);
		struct dns_seen seen = { .seen = &there, .seen_count = 1 };

		dns_judge(&r, DNS_OK, &j, &seen);
		check_at(i, seen.state == rows[i].want);
		check_at(i, (rows[i].advice == NULL) == (seen.advice.n == 0));
		check_at(i, rows[i].advice == NULL ||
		                    str_find(seen.advice, str_of(rows[i].advice)) >= 0);
		check_str_at(i, seen.wanted, there);
	}
}

static int open_all(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	fixture_changes(ts.store, script, COUNT(script));
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	temp_store_remove(&ts);
	arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_becomes_of_reports),
		cmocka_unit_test(records_that_ask_for_them),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
