/* To which senders of the envelope reports may go. */
#include "harness/check.h"

#include "flow/policy/authentication/verified.h"
#include "flow/policy/policy.h"
#include "flow/policy/return_path.h"
#include "formats/message/dsn.h"
#include "foundation/base/arena.h"

enum { NOBODY_ASKED = -1 };

static const struct {
	unsigned role;
	uint32_t account;
	const char *session_from, *from; /* domains: of MAIL, and after a filter */
	int spf;                         /* enum spf_result, or NOBODY_ASKED       */
	const char *author;              /* DMARC passes for it; NULL: it does not */
	enum return_path path;
} rows[] = {
	{ POLICY_MX, 0, "a.example", "a.example", SPF_PASS, NULL, RETURN_PATH_PROVEN },
	{ POLICY_MX, 0, "A.example", "a.Example", SPF_PASS, NULL, RETURN_PATH_PROVEN },
	{ POLICY_MX, 0, "a.example", "a.example", SPF_NONE, "a.example", RETURN_PATH_PROVEN },
	{ POLICY_MX, 0, "b.a.example", "b.a.example", SPF_FAIL, "a.example", RETURN_PATH_PROVEN },
	{ POLICY_MX, 0, "a.example", "a.example", SPF_FAIL, "b.example", RETURN_PATH_FORGED },
	{ POLICY_MX, 0, "a.example", "a.example", SPF_FAIL, NULL, RETURN_PATH_FORGED },
	{ POLICY_MX, 0, "a.example", "a.example", SPF_SOFTFAIL, NULL, RETURN_PATH_UNPROVEN },
	{ POLICY_MX, 0, "a.example", "a.example", SPF_NEUTRAL, NULL, RETURN_PATH_UNPROVEN },
	{ POLICY_MX, 0, "a.example", "a.example", SPF_TEMPERROR, NULL, RETURN_PATH_UNPROVEN },
	{ POLICY_MX, 0, "a.example", "a.example", NOBODY_ASKED, NULL, RETURN_PATH_UNPROVEN },
	{ POLICY_MX, 0, "a.example", "b.example", SPF_PASS, NULL, RETURN_PATH_UNPROVEN },
	{ POLICY_MX, 0, "a.example", "b.example", SPF_FAIL, NULL, RETURN_PATH_UNPROVEN },
	{ POLICY_SUBMISSION, 7, "a.example", "a.example", NOBODY_ASKED, NULL, RETURN_PATH_PROVEN },
	{ POLICY_LMTP, 0, "a.example", "a.example", NOBODY_ASKED, NULL, RETURN_PATH_PROVEN },
};

static void paths_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy_verified v = { .spf = rows[i].spf != NOBODY_ASKED,
			                     .dmarc = true };
		struct policy_session s = { .role = rows[i].role, .account = rows[i].account };
		struct mailaddr from = { STR("x"), str_of(rows[i].from) };

		s.envelope.sender = (struct mailaddr){ STR("x"), str_of(rows[i].session_from) };
		s.verified = rows[i].role == POLICY_MX ? &v : NULL;
		if (v.spf)
			v.spf_mail.result = (enum spf_result)rows[i].spf;
		v.dmarc_verdict.result = rows[i].author != NULL ? DMARC_PASS : DMARC_FAIL;
		if (rows[i].author != NULL)
			v.author = str_of(rows[i].author);
		check_at(i, return_path_judge(&s, &from) == rows[i].path);
	}
}

/* DMARC fails for the author, SPF is softfail: as the author's domain asks. */
static void denied_by_dmarc(void **state)
{
	static const struct {
		const char *author, *from;
		enum dmarc_policy disposition;
		enum return_path path;
	} denials[] = {
		{ "a.example", "a.example", DMARC_POLICY_NONE, RETURN_PATH_UNPROVEN },
		{ "a.example", "a.example", DMARC_POLICY_QUARANTINE, RETURN_PATH_FORGED },
		{ "a.example", "b.a.example", DMARC_POLICY_REJECT, RETURN_PATH_FORGED },
		{ "a.example", "b.example", DMARC_POLICY_REJECT, RETURN_PATH_UNPROVEN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(denials); i++) {
		struct policy_verified v = { .spf = true, .dmarc = true };
		struct policy_session s = { .role = POLICY_MX, .verified = &v };

		s.envelope.sender = (struct mailaddr){ STR("x"), str_of(denials[i].from) };
		v.spf_mail.result = SPF_SOFTFAIL;
		v.author = str_of(denials[i].author);
		v.dmarc_verdict.result = DMARC_FAIL;
		v.dmarc_verdict.disposition = denials[i].disposition;
		check_at(i, return_path_judge(&s, &s.envelope.sender) == denials[i].path);
	}
}

static void nothing_was_asked(void **state)
{
	struct policy_session s = { .role = POLICY_MX };

	(void)state;
	assert_int_equal(return_path_judge(&s, &s.envelope.sender), RETURN_PATH_UNPROVEN);
}

static void wishes_are_taken_away(void **state)
{
	static const struct {
		unsigned asked, unproven, forged;
	} wishes[] = {
		{ 0, 0, DSN_NEVER },
		{ DSN_NEVER, DSN_NEVER, DSN_NEVER },
		{ DSN_SUCCESS, DSN_NEVER, DSN_NEVER },
		{ DSN_DELAY, DSN_NEVER, DSN_NEVER },
		{ DSN_FAILURE, DSN_FAILURE, DSN_NEVER },
		{ DSN_SUCCESS | DSN_FAILURE | DSN_DELAY, DSN_FAILURE, DSN_NEVER },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(wishes); i++) {
		struct envelope_rcpt rcpt = { .notify = wishes[i].asked };
		struct envelope m = { .rcpts = &rcpt,
			              .rcpt_count = 1,
			              .by_mode = ENVELOPE_BY_NOTIFY,
			              .by_trace = true };

		return_path_apply(RETURN_PATH_PROVEN, &a, &m);
		check_at(i, m.rcpts == &rcpt && m.by_mode == ENVELOPE_BY_NOTIFY && m.by_trace);
		return_path_apply(RETURN_PATH_UNPROVEN, &a, &m);
		check_at(i, m.rcpts[0].notify == wishes[i].unproven);
		check_at(i, m.by_mode == ENVELOPE_BY_NONE && !m.by_trace);
		m.rcpts = &rcpt;
		m.by_mode = ENVELOPE_BY_RETURN; /* a failure, which is reported */
		return_path_apply(RETURN_PATH_FORGED, &a, &m);
		check_at(i, m.rcpts[0].notify == wishes[i].forged);
		check_at(i, m.by_mode == ENVELOPE_BY_RETURN);
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_judged),
		cmocka_unit_test(denied_by_dmarc),
		cmocka_unit_test(nothing_was_asked),
		cmocka_unit_test(wishes_are_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
