/* What is found out about who sends: SPF, and the field that says so (RFC 7208, RFC 8601). */
#include "unit/policy/fixture.h"
#include "unit/policy/slow_dns.h"

#include "flow/policy/authentication/verified.h"
#include "flow/policy/view.h"
#include "foundation/config/limits.h"

#include <string.h>

static const struct dns_fake_row zone[] = {
	{ "1.2.0.192.in-addr.arpa", "PTR", "mx.good.example" },
	{ "mx.good.example", "A", "192.0.2.1" },
	{ "mx.good.example", "TXT", "v=spf1 a -all" },
	{ "good.example", "TXT", "v=spf1 ip4:192.0.2.1 -all exp=why.good.example" },
	{ "why.good.example", "TXT", "see %{i}" },
	{ "soft.example", "TXT", "v=spf1 ~all" },
	{ "broken.example", "TXT", "v=spf1 nonsense" },
	{ "lost.example", "*", "SERVFAIL" },
	{ NULL, NULL, NULL },
};

static enum policy_kind mail(struct fixture *f, const char *helo, const char *domain)
{
	f->session->helo = str_of(helo);
	f->session->envelope.sender =
		(struct mailaddr){ domain[0] != '\0' ? STR("x") : STR_EMPTY, str_of(domain) };
	return fixture_ask(f, POLICY_MAIL);
}

static void test_verdicts(void **state)
{
	static const struct {
		const char *setting, *peer, *helo, *domain;
		enum policy_kind kind;
		enum spf_result result; /* of the sender */
		const char *text;       /* of the refusal */
	} rows[] = {
		{ "record", "192.0.2.1", "mx.good.example", "good.example", POLICY_PASS, SPF_PASS,
		  "" },
		{ "record", "192.0.2.9", "mx.good.example", "good.example", POLICY_PASS, SPF_FAIL,
		  "" },
		{ "fail", "192.0.2.9", "x.example", "good.example", POLICY_REJECT, SPF_FAIL,
		  "by SPF good.example does not send from 192.0.2.9, and explains: see 192.0.2.9" },
		{ "fail", "192.0.2.9", "mx.good.example", "none.example", POLICY_REJECT, SPF_NONE,
		  "by SPF mx.good.example does not send from 192.0.2.9" },
		{ "fail", "192.0.2.9", "mx.good.example", "", POLICY_REJECT, SPF_FAIL,
		  "by SPF mx.good.example does not send from 192.0.2.9" },
		{ "fail verdict=tempfail text=no", "192.0.2.9", "x.example", "good.example",
		  POLICY_TEMPFAIL, SPF_FAIL, "no" },
		{ "fail verdict=tag", "192.0.2.9", "x.example", "good.example", POLICY_PASS,
		  SPF_FAIL, "" },
		{ "fail", "192.0.2.9", "x.example", "soft.example", POLICY_PASS, SPF_SOFTFAIL, "" },
		{ "softfail", "192.0.2.9", "x.example", "soft.example", POLICY_REJECT,
		  SPF_SOFTFAIL, "by SPF soft.example does not send from 192.0.2.9" },
		{ "softfail", "192.0.2.9", "x.example", "broken.example", POLICY_PASS,
		  SPF_PERMERROR, "" },
		{ "softfail", "192.0.2.9", "x.example", "lost.example", POLICY_PASS,
		  SPF_TEMPERROR, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings.spf = str_of(rows[i].setting) };

		fixture_open(&f, zone, NULL);
		fixture_connect(&f, rows[i].peer);
		check_at(i, mail(&f, rows[i].helo, rows[i].domain) == rows[i].kind);
		check_at(i, f.session->verified->spf_mail.result == rows[i].result);
		check_str_at(i, f.verdict.text, str_of(rows[i].text));
		check_at(i, rows[i].kind != POLICY_REJECT ||
		                    str_eq(f.verdict.enhanced, STR("5.7.23")));
		check_at(i, fixture_noted(&f, POLICY_PASS, "HELO "));
		fixture_leave(&f);
		fixture_close(&f);
	}
}

/* Who has been let in, or is of this house, or has logged in. */
static void test_let_be(void **state)
{
	struct fixture f = { .settings.spf = STR("fail") };

	(void)state;
	fixture_open(&f, zone, NULL);
	fixture_connect(&f, "192.0.2.9");
	f.session->accepted = true;
	assert_int_equal(mail(&f, "x.example", "good.example"), POLICY_PASS);
	assert_int_equal(f.session->verified->spf_mail.result, SPF_FAIL);
	f.session->accepted = false;
	policy_session_reset(f.policy, f.session);
	assert_null(f.session->verified);
	f.session->account = 7;
	assert_int_equal(mail(&f, "x.example", "good.example"), POLICY_PASS);
	assert_null(f.session->verified);
	fixture_leave(&f);
	fixture_connect(&f, "192.168.1.9");
	assert_int_equal(mail(&f, "x.example", "good.example"), POLICY_PASS);
	assert_null(f.session->verified);
	fixture_leave(&f);
	fixture_close(&f);
}

/* RFC 7208 4.6.4: records that lead on to others may take twenty seconds, and what does not answer
 * takes no longer than elsewhere. */
static void test_time(void **state)
{
	static const struct dns_fake_row names[] = {
		{ "long.example", "TXT",
		  "v=spf1 a:slow1.example a:slow2.example a:slow3.example a:slow4.example "
		  "ip4:192.0.2.1 -all" },
		{ "slow1.example", "A", "192.0.2.9" },
		{ "slow2.example", "A", "192.0.2.9" },
		{ "slow3.example", "A", "192.0.2.9" },
		{ "slow4.example", "A", "192.0.2.9" },
		{ "gone.example", "TXT", "v=spf1 a:dead.example ip4:192.0.2.1 -all" },
		{ NULL, NULL, NULL },
	};
	static const struct {
		const char *domain;
		enum spf_result result;
		int64_t waited_ms;
	} rows[] = {
		{ "long.example", SPF_PASS, 4 * SLOW_MS },
		{ "gone.example", SPF_TEMPERROR, LIMIT_policy_dns_ms },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings.spf = STR("record") };
		struct slow_dns slow;

		slow_dns_init(&slow, names);
		fixture_open(&f, NULL, &(struct policy_config){ .dns = &slow.dns });
		fixture_connect(&f, "192.0.2.1");
		check_at(i, mail(&f, "x.example", rows[i].domain) == POLICY_PASS);
		check_at(i, f.session->verified->spf_mail.result == rows[i].result);
		check_at(i, slow.waited_ms > rows[i].waited_ms - 1000 &&
		                    slow.waited_ms <= rows[i].waited_ms);
		check_at(i, !f.session->verified->spf_late);
		fixture_leave(&f);
		fixture_close(&f);
		slow_dns_deinit(&slow);
	}
}

/* As it would be if the message ended now. */
static struct str field_of(struct fixture *f)
{
	f->session->results = NULL;
	return policy_results(f->session);
}

static void test_field(void **state)
{
	struct fixture f = { .settings.spf = STR("record"), .settings.fcrdns = STR("record") };
	struct str first;

	(void)state;
	fixture_open(&f, zone, NULL);
	fixture_connect(&f, "192.0.2.1");
	check_str(field_of(&f), STR_EMPTY);
	fixture_ask(&f, POLICY_CONNECT);
	mail(&f, "mx.good.example", "soft.example");
	check_str(field_of(&f),
	          STR("Authentication-Results: mail.example.org;\r\n"
	              "\tiprev=pass (mx.good.example) policy.iprev=192.0.2.1;\r\n"
	              "\tspf=pass smtp.helo=mx.good.example;\r\n"
	              "\tspf=softfail smtp.mailfrom=x@soft.example\r\n"));
	first = policy_results(f.session); /* it stays as it is */
	assert_ptr_equal(policy_results(f.session).p, first.p);
	policy_session_reset(f.policy, f.session);
	mail(&f, "x.example", "");
	check_str(field_of(&f),
	          STR("Authentication-Results: mail.example.org;\r\n"
	              "\tiprev=pass (mx.good.example) policy.iprev=192.0.2.1;\r\n"
	              "\tspf=none (x.example has no SPF record) smtp.helo=x.example\r\n"));
	fixture_leave(&f);
	fixture_close(&f);
}

/* What a sender writes into his signatures does not keep the field from being written, nor make a
 * line of it longer than lines may be (RFC 5322 2.1.1). */
static void test_field_of_much(void **state)
{
	static const size_t sizes[] = { 10, 200, 318, 1500, 5000 };
	struct policy_signature signatures[10];
	struct policy_verified v = { .dkim = true,
		                     .dmarc = true,
		                     .author = STR("author.example"),
		                     .signatures = signatures,
		                     .signature_count = COUNT(signatures) };
	static char text[5000];
	struct fixture f = { 0 };

	(void)state;
	memset(text, '"', sizeof text);
	fixture_open(&f, zone, NULL);
	fixture_connect(&f, "192.0.2.1");
	f.session->verified = &v;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct str much = { text, sizes[i] }, field, line;
		size_t dkim = 0;

		for (size_t k = 0; k < COUNT(signatures); k++)
			signatures[k] = (struct policy_signature){ .result = DKIM_FAIL,
				                                   .domain = much,
				                                   .selector = much,
				                                   .identity = much,
				                                   .algorithm = much,
				                                   .why = much };
		field = field_of(&f);
		check_at(i, str_find(field, STR("dmarc=none header.from=author.example")) > 0);
		for (struct cur c = cur_of(field); cur_line(&c, &line);) {
			check_at(i, line.n <= 998);
			dkim += str_starts(line, STR("\tdkim=fail")) ? 1 : 0;
		}
		check_at(i, dkim == COUNT(signatures));
	}
	f.session->verified = NULL;
	fixture_leave(&f);
	fixture_close(&f);
}

/* --- fields that claim to be ours ----------------------------------------------------------- */

#define AR(id) "Authentication-Results: " id "; spf=pass\r\n"

static void test_forged(void **state)
{
	struct fixture f = { 0 };
	struct arena a = { 0 };
	struct policy_view view;

	(void)state;
	fixture_open(&f, NULL, NULL);
	fixture_connect(&f, "192.0.2.1");
	f.session->message =
		STR(AR("mail.example.org") AR("far.example") "Subject: x\r\n" AR(
			"EXAMPLE.ORG") "authentication-results: \"mail.example.org\" 1; none\r\n"
	                               "\r\n" AR("mail.example.org"));
	assert_int_equal(fixture_ask(&f, POLICY_END), POLICY_PASS);
	assert_true(fixture_noted(&f, POLICY_PASS, "3 fields"));
	policy_view_init(&view, STR_EMPTY, STR_EMPTY, f.session->message, &a);
	policy_view_changes(&view, &f.session->changes);
	check_str(policy_view_header(&view), STR(AR("far.example") "Subject: x\r\n"));
	/* our own, which comes in front, is none of them */
	policy_view_init(&view, STR("Received: x\r\n"), STR(AR("mail.example.org")),
	                 f.session->message, &a);
	policy_view_changes(&view, &f.session->changes);
	check_str(policy_view_header(&view),
	          STR(AR("mail.example.org") AR("far.example") "Subject: x\r\n"));
	arena_deinit(&a);
	fixture_leave(&f);
	fixture_close(&f);
}

static void test_forged_too_often(void **state)
{
	struct fixture f = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (unsigned i = 0; i < 1100; i++)
		buf_put(&b, STR(AR("mail.example.org")));
	buf_put(&b, STR("\r\nx\r\n"));
	fixture_open(&f, NULL, NULL);
	fixture_connect(&f, "192.0.2.1");
	f.session->message = buf_str(&b);
	assert_int_equal(fixture_ask(&f, POLICY_END), POLICY_REJECT);
	check_str(f.verdict.enhanced, STR("5.6.0"));
	assert_int_equal(f.session->changes.count, 0);
	fixture_leave(&f);
	fixture_close(&f);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts), cmocka_unit_test(test_let_be),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_field),
		cmocka_unit_test(test_field_of_much),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_forged_too_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
