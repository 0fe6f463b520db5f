/* DMARC of mail that comes in: what is asked, what is done, what is written (RFC 7489). Signatures
 * that verify are in tests/e2e. */
#include "unit/policy/fixture.h"

#include "flow/policy/authentication/verified.h"

#include <string.h>

static const struct dns_fake_row zone[] = {
	{ "_dmarc.reject.example", "TXT", "v=DMARC1; p=reject; sp=quarantine" },
	{ "reject.example", "TXT", "v=spf1 ip4:192.0.2.1 -all" },
	{ "a.reject.example", "A", "192.0.2.1" },
	{ "_dmarc.none.example", "TXT", "v=DMARC1; p=none" },
	{ "_dmarc.sampled.example", "TXT", "v=DMARC1; p=reject; pct=0" },
	{ "_dmarc.testing.example", "TXT", "v=DMARC1; p=quarantine; t=y" },
	{ "_dmarc.lost.example", "*", "SERVFAIL" },
	{ "lame.reject.example", "*", "SERVFAIL" },
	{ "_dmarc.lame.reject.example", "*", "SERVFAIL" },
	{ "lame.none.example", "*", "SERVFAIL" },
	{ "_dmarc.lame.none.example", "*", "SERVFAIL" },
	{ NULL, NULL, NULL },
};

#define FROM(address) "From: " address "\r\nSubject: x\r\n\r\nHello.\r\n"
#define TEN(x) x x x x x x x x x x
#define NO_KEY "DKIM-Signature: v=1; a=rsa-sha256; d=b.reject.example\r\n"
#define SIGNED "DKIM-Signature: v=1; a=rsa-sha256; d=x.example; nonsense\r\n"

static const struct {
	const char *setting, *peer, *sender, *message;
	enum policy_kind kind;
	enum dmarc_result result;
	const char *quarantine;
} rows[] = {
	{ "obey", "192.0.2.1", "reject.example", FROM("a@reject.example"), POLICY_PASS, DMARC_PASS,
	  "" },
	{ "obey", "192.0.2.9", "reject.example", FROM("a@reject.example"), POLICY_REJECT,
	  DMARC_FAIL, "" },
	{ "obey", "192.0.2.1", "none.example", FROM("a@reject.example"), POLICY_REJECT, DMARC_FAIL,
	  "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a@a.reject.example"), POLICY_PASS, DMARC_FAIL,
	  "a.reject.example asks for it by DMARC" },
	{ "obey verdict=tag", "192.0.2.9", "none.example", FROM("a@reject.example"), POLICY_PASS,
	  DMARC_FAIL, "" },
	{ "record", "192.0.2.9", "none.example", FROM("a@reject.example"), POLICY_PASS, DMARC_FAIL,
	  "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a@none.example"), POLICY_PASS, DMARC_FAIL,
	  "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a@lost.example"), POLICY_PASS,
	  DMARC_TEMPERROR, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a@other.example"), POLICY_PASS, DMARC_NONE,
	  "" },
	/* nobody can tell who it is: the strictest of all that may be */
	{ "obey", "192.0.2.9", "none.example", FROM("a@reject.example, b@other.example"),
	  POLICY_REJECT, DMARC_FAIL, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a@none.example, b@reject.example"),
	  POLICY_REJECT, DMARC_FAIL, "" },
	{ "obey", "192.0.2.1", "none.example", FROM("a@none.example, b@reject.example"),
	  POLICY_REJECT, DMARC_FAIL, "" },
	{ "obey", "192.0.2.1", "reject.example", FROM("a@none.example, b@reject.example"),
	  POLICY_PASS, DMARC_PERMERROR, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a@other.example, b@a.reject.example"),
	  POLICY_PASS, DMARC_FAIL, "a.reject.example asks for it by DMARC" },
	{ "obey", "192.0.2.9", "none.example",
	  "From: a@other.example\r\n" FROM("b@reject.example"), POLICY_REJECT, DMARC_FAIL, "" },
	/* RFC 7489 6.6.1: two fields, whoever they name and whatever is proven */
	{ "obey", "192.0.2.9", "none.example", "From: a@other.example\r\n" FROM("a@none.example"),
	  POLICY_REJECT, DMARC_PERMERROR, "" },
	{ "obey", "192.0.2.1", "reject.example",
	  "From: b@reject.example\r\n" FROM("a@reject.example"), POLICY_REJECT, DMARC_PERMERROR,
	  "" },
	{ "obey", "192.0.2.9", "", "From: a@other.example\r\n" FROM("a@other.example"),
	  POLICY_REJECT, DMARC_PERMERROR, "" },
	{ "record", "192.0.2.9", "none.example",
	  "From: a@other.example\r\n" FROM("a@other.example"), POLICY_PASS, DMARC_PERMERROR, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("us: a@reject.example, b@other.example;"),
	  POLICY_REJECT, DMARC_FAIL, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("<a@reject.example"), POLICY_REJECT,
	  DMARC_FAIL, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("=?utf-8?q?=3Ca=40reject.example=3E?= <>"),
	  POLICY_REJECT, DMARC_FAIL, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a @ reject.example"), POLICY_REJECT,
	  DMARC_FAIL, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("A <a@reject(x).example>"), POLICY_REJECT,
	  DMARC_FAIL, "" },
	{ "obey", "192.0.2.1", "reject.example", FROM("A <a@reject .example>"), POLICY_PASS,
	  DMARC_PERMERROR, "" },
	{ "record", "192.0.2.9", "none.example", FROM("a@reject.example, b@other.example"),
	  POLICY_PASS, DMARC_FAIL, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a@none.example, b@other.example"),
	  POLICY_PASS, DMARC_PERMERROR, "" },
	/* one that DNS does not tell of is not passed over, nor is one that asks for more */
	{ "obey", "192.0.2.9", "none.example", FROM("a@none.example, b@lost.example"),
	  POLICY_PASS, DMARC_TEMPERROR, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a@lost.example, b@reject.example"),
	  POLICY_REJECT, DMARC_FAIL, "" },
	{ "obey", "192.0.2.9", "none.example",
	  FROM("a@1.x, a@2.x, a@3.x, a@4.x, a@5.x, a@6.x, a@7.x, a@8.x, a@9.x, a@10.x, a@11.x"),
	  POLICY_REJECT, DMARC_PERMERROR, "" },
	/* nobody's, but for reports of old servers */
	{ "obey", "192.0.2.9", "none.example", "Subject: x\r\n\r\n", POLICY_REJECT,
	  DMARC_PERMERROR, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("undisclosed:;"), POLICY_REJECT,
	  DMARC_PERMERROR, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("root"), POLICY_REJECT, DMARC_PERMERROR, "" },
	{ "record", "192.0.2.9", "none.example", "Subject: x\r\n\r\n", POLICY_PASS,
	  DMARC_PERMERROR, "" },
	{ "obey", "192.0.2.9", "", "Subject: x\r\n\r\n", POLICY_PASS, DMARC_PERMERROR, "" },
	/* a name of the victim's that does not answer, chosen by who forges its mail */
	{ "obey", "192.0.2.9", "lame.reject.example", FROM("a@reject.example"), POLICY_TEMPFAIL,
	  DMARC_TEMPERROR, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a@lame.reject.example"), POLICY_TEMPFAIL,
	  DMARC_TEMPERROR, "" },
	{ "obey", "192.0.2.1", "reject.example", FROM("a@lame.reject.example"), POLICY_PASS,
	  DMARC_TEMPERROR, "" },
	{ "obey", "192.0.2.9", "lame.none.example", FROM("a@none.example"), POLICY_PASS,
	  DMARC_TEMPERROR, "" },
	{ "obey", "192.0.2.9", "none.example", FROM("a@lame.none.example"), POLICY_PASS,
	  DMARC_TEMPERROR, "" },
	{ "record", "192.0.2.9", "lame.reject.example", FROM("a@reject.example"), POLICY_PASS,
	  DMARC_TEMPERROR, "" },
	{ "obey verdict=quarantine", "192.0.2.9", "lame.reject.example", FROM("a@reject.example"),
	  POLICY_TEMPFAIL, DMARC_TEMPERROR, "" },
	{ "obey verdict=tag", "192.0.2.9", "lame.reject.example", FROM("a@reject.example"),
	  POLICY_PASS, DMARC_TEMPERROR, "" },
	/* of signatures that nobody looked at nobody knows what they prove */
	{ "obey", "192.0.2.9", "none.example", TEN(NO_KEY) NO_KEY FROM("a@reject.example"),
	  POLICY_TEMPFAIL, DMARC_TEMPERROR, "" },
	{ "obey", "192.0.2.9", "none.example", TEN(NO_KEY) SIGNED FROM("a@reject.example"),
	  POLICY_REJECT, DMARC_FAIL, "" },
	/* a machine of the same house has passed it on */
	{ "obey", "192.168.1.9", "none.example", SIGNED FROM("a@reject.example"), POLICY_PASS,
	  DMARC_TEMPERROR, "" },
};

/* All is looked at; of DMARC what the setting says. */
static void connected(struct fixture *f, const char *setting, const char *peer)
{
	f->settings = (struct settings){ .spf = STR("record"),
		                         .dmarc = str_of(setting),
		                         .dkim_verify = true };
	fixture_open(f, zone, NULL);
	fixture_connect(f, peer);
}

static void ask_of(struct fixture *f, const char *sender, const char *message)
{
	f->session->helo = STR("x.example");
	if (sender[0] != '\0')
		f->session->envelope.sender = (struct mailaddr){ STR("x"), str_of(sender) };
	fixture_ask(f, POLICY_MAIL);
	f->session->message = str_of(message);
	fixture_ask(f, POLICY_END);
}

static void ask(struct fixture *f, size_t i)
{
	ask_of(f, rows[i].sender, rows[i].message);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { 0 };

		connected(&f, rows[i].setting, rows[i].peer);
		ask(&f, i);
		check_at(i, f.verdict.kind == rows[i].kind);
		check_at(i, f.session->verified->dmarc_verdict.result == rows[i].result);
		check_at(i, str_starts(f.session->quarantine, str_of(rows[i].quarantine)) &&
		                    (f.session->quarantine.n == 0) ==
		                            (rows[i].quarantine[0] == '\0'));
		check_at(i, str_find(policy_results(f.session),
		                     str_fmt(&f.session->arena, "dmarc=%s",
		                             dmarc_result_name(rows[i].result))) > 0);
		fixture_leave(&f);
		fixture_close(&f);
	}
}

/* What a report tells of it (RFC 7489 7.2). */
static void test_done(void **state)
{
	static const struct {
		const char *setting, *peer, *message;
		bool let_be;
		enum dmarc_policy disposition;
		enum report_dmarc_override override;
	} cases[] = {
		{ "obey", "192.0.2.1", FROM("a@reject.example"), false, DMARC_POLICY_NONE,
		  REPORT_DMARC_AS_ASKED },
		{ "obey", "192.0.2.9", FROM("a@reject.example"), false, DMARC_POLICY_REJECT,
		  REPORT_DMARC_AS_ASKED },
		{ "obey", "192.0.2.9", FROM("a@a.reject.example"), false,
		  DMARC_POLICY_QUARANTINE, REPORT_DMARC_AS_ASKED },
		{ "obey", "192.0.2.9", FROM("a@none.example"), false, DMARC_POLICY_NONE,
		  REPORT_DMARC_AS_ASKED },
		{ "obey", "192.0.2.9", FROM("a@sampled.example"), false,
		  DMARC_POLICY_QUARANTINE, REPORT_DMARC_SAMPLED_OUT },
		{ "record", "192.0.2.9", FROM("a@sampled.example"), false, DMARC_POLICY_NONE,
		  REPORT_DMARC_LOCAL_POLICY },
		{ "obey", "192.0.2.9", FROM("a@testing.example"), false, DMARC_POLICY_NONE,
		  REPORT_DMARC_OTHER },
		{ "record", "192.0.2.9", FROM("a@reject.example"), false, DMARC_POLICY_NONE,
		  REPORT_DMARC_LOCAL_POLICY },
		{ "obey", "192.0.2.9", FROM("a@reject.example"), true, DMARC_POLICY_NONE,
		  REPORT_DMARC_LOCAL_POLICY },
		{ "obey verdict=quarantine", "192.0.2.9", FROM("a@reject.example"), false,
		  DMARC_POLICY_QUARANTINE, REPORT_DMARC_LOCAL_POLICY },
		{ "obey verdict=tag", "192.0.2.9", FROM("a@reject.example"), false,
		  DMARC_POLICY_NONE, REPORT_DMARC_LOCAL_POLICY },
		{ "obey verdict=discard", "192.0.2.9", FROM("a@reject.example"), false,
		  DMARC_POLICY_REJECT, REPORT_DMARC_AS_ASKED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f = { 0 };
		const struct policy_verified *v;

		connected(&f, cases[i].setting, cases[i].peer);
		f.session->accepted = cases[i].let_be;
		ask_of(&f, "reject.example", cases[i].message);
		v = f.session->verified;
		check_at(i, v->disposition == cases[i].disposition);
		check_at(i, v->override == cases[i].override);
		check_at(i, v->override_comment.n != 0 ||
		                    v->override == REPORT_DMARC_AS_ASKED ||
		                    v->override == REPORT_DMARC_SAMPLED_OUT);
		check_at(i, str_starts(v->record, STR("v=DMARC1;")));
		check_at(i, str_ends(v->author, v->record_domain));
		fixture_leave(&f);
		fixture_close(&f);
	}
}

/* What there was no time for is no error of DNS: mail that the domain may want refused comes again,
 * unless somebody trusted has vouched for it. What is switched off lets it pass. */
static void test_no_time(void **state)
{
	static const struct {
		const char *setting, *peer, *message;
		bool spf_late, dkim_late, spf_off;
		enum policy_kind kind;
	} cases[] = {
		{ "obey", "192.0.2.9", FROM("a@reject.example"), true, false, false,
		  POLICY_TEMPFAIL },
		{ "obey", "192.0.2.9", FROM("a@reject.example"), true, false, true,
		  POLICY_TEMPFAIL },
		{ "obey", "192.0.2.9", FROM("a@reject.example"), false, true, true,
		  POLICY_TEMPFAIL },
		{ "obey", "192.0.2.9", FROM("b@none.example, a@reject.example"), true, false, true,
		  POLICY_TEMPFAIL },
		{ "obey", "192.0.2.9", FROM("a@reject.example"), false, false, true, POLICY_PASS },
		{ "obey", "192.0.2.9", FROM("a@none.example"), true, true, true, POLICY_PASS },
		{ "obey", "192.0.2.9", FROM("a@other.example"), true, true, true, POLICY_PASS },
		{ "record", "192.0.2.9", FROM("a@reject.example"), true, true, true, POLICY_PASS },
		{ "obey", "192.168.1.9", SIGNED FROM("a@reject.example"), true, true, true,
		  POLICY_PASS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f = { 0 };
		struct policy_verified *v;

		connected(&f, cases[i].setting, cases[i].peer);
		if (cases[i].spf_off)
			f.settings.spf = STR("off");
		f.session->helo = STR("x.example");
		f.session->envelope.sender = (struct mailaddr){ STR("x"), STR("lost-too.example") };
		fixture_ask(&f, POLICY_MAIL);
		v = f.session->verified;
		if (v == NULL)
			v = f.session->verified = arena_new(&f.session->mail_arena,
			                                    struct policy_verified);
		v->spf = v->spf && !cases[i].spf_late;
		v->spf_late = cases[i].spf_late;
		v->dkim_late = cases[i].dkim_late;
		f.session->message = str_of(cases[i].message);
		fixture_ask(&f, POLICY_END);
		check_at(i, f.verdict.kind == cases[i].kind);
		fixture_leave(&f);
		fixture_close(&f);
	}
}

/* Nothing of a machine of the house that has not signed, of users, and when it is off. */
static void test_not_asked(void **state)
{
	static const struct {
		const char *setting, *peer;
		uint32_t account;
	} cases[] = {
		{ "obey", "10.0.0.9", 0 },
		{ "obey", "192.0.2.9", 7 },
		{ "off", "192.0.2.9", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f = { 0 };

		connected(&f, cases[i].setting, cases[i].peer);
		f.session->account = cases[i].account;
		ask(&f, 1);
		check_at(i, f.verdict.kind == POLICY_PASS);
		check_at(i, f.session->verified == NULL || !f.session->verified->dmarc);
		fixture_leave(&f);
		fixture_close(&f);
	}
}

/* What nobody has looked at may have proven it. */
static void test_half_switched_off(void **state)
{
	static const struct {
		const char *spf;
		bool dkim;
		enum policy_kind kind;
	} cases[] = {
		{ "record", true, POLICY_REJECT },
		{ "off", true, POLICY_PASS },
		{ "record", false, POLICY_PASS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f = { 0 };

		connected(&f, "obey", "192.0.2.9");
		f.settings.spf = str_of(cases[i].spf);
		f.settings.dkim_verify = cases[i].dkim;
		ask(&f, 1);
		check_at(i, f.verdict.kind == cases[i].kind);
		check_at(i, (f.session->verified->dmarc_verdict.result == DMARC_FAIL) ==
		                    (cases[i].kind == POLICY_REJECT));
		fixture_leave(&f);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_no_time),
		cmocka_unit_test(test_not_asked),
		cmocka_unit_test(test_half_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
