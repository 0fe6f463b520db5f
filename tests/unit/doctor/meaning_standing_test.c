/* Records judged by more than their text: what else is known of them. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "operations/doctor/records/dns_check.h"

enum { ROWS = 3 };

static struct arena arena;

static const struct dns_fake_row world[] = {
	{ "mx.example", "A", "192.0.2.1" },
	{ "mail.x.org", "A", "192.0.2.1" },
	{ "away.x.org", "A", "192.0.2.99" },
	{ "alias.x.org", "CNAME", "mx.example" },
	{ "alias.x.org", "A", "192.0.2.1" },
	{ "far.x.org", "CNAME", "away.x.org" },
	{ "far.x.org", "A", "192.0.2.99" },
	{ NULL, NULL, NULL },
};

struct row {
	enum dns_standing standing;
	const char *there[ROWS];
	enum dns_state want;
	const char *advice; /* words of it; NULL: none */
};

static void judge_row(size_t i, const struct dns_record *r, const struct row *row)
{
	struct dns_home home = { .hostname = STR("mx.example"), .all_count = 1 };
	struct dns *d = dns_fake_new(world, false);
	struct dns_judging j = {
		.home = &home, .dns = d, .deadline_ms = clock_mono_ms() + 1000, .a = &arena
	};
	struct str there[ROWS];
	struct dns_seen s = { .seen = there };

	assert_true(addr_parse_ip(STR("192.0.2.1"), &home.all[0]));
	while (s.seen_count < ROWS && row->there[s.seen_count] != NULL) {
		there[s.seen_count] = str_of(row->there[s.seen_count]);
		s.seen_count++;
	}
	dns_judge(r, s.seen_count != 0 ? DNS_OK : DNS_NODATA, &j, &s);
	dns_free(&d);
	if (s.state != row->want)
		fail_msg("row %zu: %s, %.*s", i, dns_state_name(s.state), STR_ARG(s.advice));
	check_at(i, (row->advice == NULL) == (s.advice.n == 0));
	if (row->advice != NULL && str_find(s.advice, str_of(row->advice)) < 0)
		fail_msg("row %zu: %.*s", i, STR_ARG(s.advice));
}

static void judge_rows(const struct dns_record *of, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct dns_record r = *of;

		r.standing = rows[i].standing;
		judge_row(i, &r, &rows[i]);
	}
}

/* RFC 8461 4.1: names are compared; 5: to a host that is not listed some bring nothing. */
static void mail_hosts_that_a_policy_names(void **state)
{
	static const struct dns_record mx = { .name = STR("x.org"),
		                              .type = "MX",
		                              .expected = STR("10 mx.example") };
	static const struct row rows[] = {
		{ DNS_STANDING_ENFORCED, { "10 mx.example" }, DNS_STATE_OK, NULL },
		{ DNS_STANDING_ENFORCED,
		  { "10 mx.example", "20 away.x.org" },
		  DNS_STATE_WARN,
		  "Remove the record of away.x.org" },
		{ DNS_STANDING_ENFORCED,
		  { "10 mail.x.org", "20 MX.example" },
		  DNS_STATE_WARN,
		  "Remove the record of" },
		{ DNS_STANDING_ENFORCED,
		  { "10 mail.x.org" },
		  DNS_STATE_FAIL,
		  "follow the policy deliver no mail." },
		{ DNS_STANDING_ENFORCED,
		  { "10 mail.x.org", "20 away.x.org" },
		  DNS_STATE_FAIL,
		  "and not mail.x.org" },
		{ DNS_STANDING_TESTED,
		  { "10 mail.x.org" },
		  DNS_STATE_WARN,
		  "once the policy is enforced." },
		{ DNS_STANDING_TESTED, { "10 mx.example", "20 away.x.org" }, DNS_STATE_OK, NULL },
		{ DNS_STANDING_USUAL, { "10 mx.example", "20 away.x.org" }, DNS_STATE_OK, NULL },
		{ DNS_STANDING_USUAL, { "10 mail.x.org" }, DNS_STATE_OK, NULL },
		/* RFC 2181 10.3 */
		{ DNS_STANDING_USUAL,
		  { "10 alias.x.org" },
		  DNS_STATE_WARN,
		  "Replace the record by 10 mx.example. alias.x.org is an alias (CNAME), which an "
		  "MX record must not name: some servers do not deliver to it." },
		{ DNS_STANDING_USUAL,
		  { "10 mx.example", "20 alias.x.org" },
		  DNS_STATE_WARN,
		  "because 10 mx.example is present as well" },
		{ DNS_STANDING_USUAL, { "10 mx.example", "20 far.x.org" }, DNS_STATE_OK, NULL },
		{ DNS_STANDING_TESTED,
		  { "10 alias.x.org" },
		  DNS_STATE_WARN,
		  "Replace the record by 10 mx.example" },
		{ DNS_STANDING_ENFORCED,
		  { "10 alias.x.org" },
		  DNS_STATE_FAIL,
		  "Replace the record by 10 mx.example" },
	};

	(void)state;
	judge_rows(&mx, rows, COUNT(rows));
}

/* The host's name itself is one. */
static void a_host_that_is_an_alias(void **state)
{
	static const struct dns_record mx = { .name = STR("x.org"),
		                              .type = "MX",
		                              .expected = STR("10 alias.x.org") };
	static const struct row rows[] = {
		{ DNS_STANDING_USUAL,
		  { "10 alias.x.org" },
		  DNS_STATE_WARN,
		  "A and AAAA records instead of the alias" },
	};

	(void)state;
	judge_rows(&mx, rows, COUNT(rows));
}

#define P "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

/* Keys that do not sign yet: nothing is wrong while their records are not there. */
static void keys_to_come(void **state)
{
	static const struct dns_record key = { .name = STR("e._domainkey.x.org"),
		                               .type = "TXT",
		                               .expected = STR("v=DKIM1; k=ed25519; " P),
		                               .optional = true };
	static const struct row rows[] = {
		{ DNS_STANDING_NEXT, { NULL }, DNS_STATE_WARN, "signs by itself once DNS shows" },
		{ DNS_STANDING_NEXT, { "v=DKIM1; k=ed25519; " P }, DNS_STATE_OK, NULL },
		{ DNS_STANDING_NEXT, { "v=DKIM1; p=AAAA" }, DNS_STATE_WARN, "Another key" },
		{ DNS_STANDING_WAITING, { NULL }, DNS_STATE_WARN, "before you make the key" },
		{ DNS_STANDING_USUAL, { NULL }, DNS_STATE_WARN, "if you need it" },
	};

	(void)state;
	judge_rows(&key, rows, COUNT(rows));
}

/* RFC 8461 8.3: a policy ends when all who know it have heard so. */
static void a_policy_that_ends(void **state)
{
	static const struct dns_record sts = { .name = STR("_mta-sts.x.org"),
		                               .type = "TXT",
		                               .expected = STR("v=STSv1; id=12"),
		                               .optional = true };
	static const struct row rows[] = {
		{ DNS_STANDING_ENDED,
		  { "v=STSv1; id=13" },
		  DNS_STATE_WARN,
		  "senders still follow the one that they remember" },
		{ DNS_STANDING_ENDED, { "v=STSv1;id=12;" }, DNS_STATE_OK, "Then remove it" },
		{ DNS_STANDING_ENDED, { NULL }, DNS_STATE_OK, NULL },
		{ DNS_STANDING_USUAL, { "v=STSv1; id=13" }, DNS_STATE_WARN, "an older one" },
		{ DNS_STANDING_USUAL, { NULL }, DNS_STATE_WARN, "if you need it" },
	};

	(void)state;
	judge_rows(&sts, rows, COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_hosts_that_a_policy_names),
		cmocka_unit_test(a_host_that_is_an_alias),
		cmocka_unit_test(keys_to_come),
		cmocka_unit_test(a_policy_that_ends),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_deinit(&arena);
	return failed;
}
