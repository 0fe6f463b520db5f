/* Access rules and greylisting. */
#include "harness/temp_store.h"
#include "unit/policy/fixture.h"

#include "flow/policy/access/access.h"
#include "flow/policy/policy_private.h"
#include "foundation/base/clock.h"

#include <string.h>

struct lists {
	struct fixture f;
	struct temp_store ts;
};

static void come(struct lists *l, const char *peer)
{
	fixture_connect(&l->f, peer);
	l->f.session->helo = STR("client.example");
	l->f.session->envelope.sender = (struct mailaddr){ STR("x"), STR("spam.example") };
	l->f.session->rcpt = (struct mailaddr){ STR("ada"), STR("example.org") };
}

static void set_up(struct lists *l, const char *access, const char *grey)
{
	struct policy_config config;

	temp_store_open(&l->ts, STORE_LMDB);
	config = (struct policy_config){ .store = l->ts.store };
	l->f.settings.access = str_of(access);
	l->f.settings.greylist = str_of(grey);
	fixture_open(&l->f, NULL, &config);
	come(l, "192.0.2.1");
}

static void tear_down(struct lists *l)
{
	fixture_leave(&l->f);
	fixture_close(&l->f);
	temp_store_remove(&l->ts);
}

static void test_access_rows(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "", true },
		{ "accept peer=192.0.2.0/24,2001:db8::/32", true },
		{ "delay:9s helo=*.example ; block:1d to=trap@*", true },
		{ "reject", false },
		{ "reject text=no", false },
		{ "peer=192.0.2.1", false },
		{ "reject peer=192.0.2.0/33", false },
		{ "reject peer=", false },
		{ "reject:5s from=x", false },
		{ "block:0s from=x", false },
		{ "perhaps from=x", false },
		{ "reject whom=x", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = { "" };

		check_at(i, (access_check(str_of(rows[i].text), &why) == OK) == rows[i].ok);
		check_at(i, rows[i].ok || strstr(why.text, "ROOST_ACCESS: line 1") != NULL);
	}
}

static void test_access(void **state)
{
	static const struct {
		const char *rules;
		enum policy_stage stage;
		enum policy_kind kind;
	} rows[] = {
		{ "reject peer=192.0.2.0/24", POLICY_CONNECT, POLICY_REJECT },
		{ "reject peer=192.0.3.0/24", POLICY_CONNECT, POLICY_PASS },
		{ "accept peer=192.0.2.1;reject peer=192.0.2.0/24", POLICY_CONNECT, POLICY_ACCEPT },
		{ "reject helo=CLIENT.*", POLICY_HELLO, POLICY_REJECT },
		{ "reject helo=client.*", POLICY_CONNECT, POLICY_PASS },
		{ "tempfail from=*@spam.example", POLICY_MAIL, POLICY_TEMPFAIL },
		{ "reject from=*@spam.example peer=10.0.0.0/8", POLICY_MAIL, POLICY_PASS },
		{ "discard from=x@* to=ada@example.org", POLICY_RCPT, POLICY_DISCARD },
		{ "discard from=x@* to=bob@example.org", POLICY_RCPT, POLICY_PASS },
		{ "accept to=ada@*;reject to=*", POLICY_RCPT, POLICY_ACCEPT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct lists l = { 0 };

		set_up(&l, rows[i].rules, "");
		check_at(i, fixture_ask(&l.f, rows[i].stage) == rows[i].kind);
		l.f.session->account = 1; /* a user, about whom the rules do not speak */
		l.f.session->role = POLICY_SUBMISSION;
		check_at(i, rows[i].kind == POLICY_DISCARD || rows[i].kind == POLICY_ACCEPT ||
		                    fixture_ask(&l.f, rows[i].stage) == POLICY_PASS);
		tear_down(&l);
	}
}

/* What is said of one recipient is not said of the message, or of the next. */
static void test_one_of_two(void **state)
{
	struct lists l = { 0 };

	(void)state;
	set_up(&l, "discard to=ada@*;quarantine to=bob@*", "");
	l.f.session->rcpt.local = STR("ada");
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_DISCARD);
	assert_int_equal(l.f.session->discard.n, 0);
	l.f.session->rcpt.local = STR("bob");
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
	assert_true(str_eq(l.f.verdict.quarantine, STR("by the access rules")));
	assert_int_equal(l.f.session->quarantine.n, 0);
	l.f.session->rcpt.local = STR("cy");
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
	assert_int_equal(l.f.verdict.quarantine.n, 0);
	tear_down(&l);
}

/* RFC 3207 4.2: what was found by an EHLO before TLS is forgotten with it, what was found at
 * CONNECT stays. */
static void test_restart(void **state)
{
	static const struct {
		const char *rules;
		enum policy_stage stage;
		enum policy_kind kind, after; /* that is said; and of the next MAIL */
		bool noted;                   /* still, after it                    */
	} rows[] = {
		{ "accept peer=192.0.2.1;reject from=*", POLICY_CONNECT, POLICY_ACCEPT,
		  POLICY_PASS, true },
		{ "accept helo=*;reject from=*", POLICY_HELLO, POLICY_ACCEPT, POLICY_REJECT,
		  false },
		{ "tag peer=192.0.2.1", POLICY_CONNECT, POLICY_TAG, POLICY_PASS, true },
		{ "tag helo=*", POLICY_HELLO, POLICY_TAG, POLICY_PASS, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct lists l = { 0 };

		set_up(&l, rows[i].rules, "");
		fixture_ask(&l.f, rows[i].stage);
		check_at(i, fixture_noted(&l.f, rows[i].kind, "access rules"));
		policy_session_restart(l.f.policy, l.f.session);
		check_at(i, fixture_noted(&l.f, rows[i].kind, "access rules") == rows[i].noted);
		check_at(i, (l.f.session->note_count != 0) == rows[i].noted);
		check_at(i, fixture_ask(&l.f, POLICY_MAIL) == rows[i].after);
		tear_down(&l);
	}
}

/* A spam trap: whoever writes to it is not greeted again. */
static void test_trap(void **state)
{
	struct lists l = { 0 };

	(void)state;
	set_up(&l, "block:1h to=ada@example.org text=trap", "");
	assert_int_equal(fixture_ask(&l.f, POLICY_CONNECT), POLICY_PASS);
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_REJECT);
	assert_int_equal(l.f.verdict.code, 421);
	assert_int_equal(fixture_ask(&l.f, POLICY_CONNECT), POLICY_REJECT);
	assert_true(str_eq(l.f.verdict.text, STR("192.0.2.1 is blocked: trap")));
	tear_down(&l);
}

/* --- greylisting ---------------------------------------------------------------------- */

static void test_grey_rows(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "", true },
		{ "off", true },
		{ "on delay=1m window=1d", true },
		{ "delay=1m", false },
		{ "on delay=0s", false },
		{ "on delay=2h window=1h", false },
		{ "on\noff", false },
		{ "on keep=soon", false },
		{ "on who=me", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, (grey_check(str_of(rows[i].text), NULL) == OK) == rows[i].ok);
}

static void test_grey(void **state)
{
	struct lists l = { 0 };

	(void)state;
	set_up(&l, "", "on delay=5m window=1d keep=30d");
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_TEMPFAIL);
	assert_int_equal(l.f.verdict.code, 451);
	clock_shift_real(299 * 1000);
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_TEMPFAIL);
	/* Another machine of the same network comes back in time: RFC 6647 2.3. */
	fixture_leave(&l.f);
	come(&l, "192.0.2.77");
	clock_shift_real(2 * 1000);
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
	/* Then all of its mail is let in, after a restart too, while some of it comes. */
	fixture_leave(&l.f);
	fixture_close(&l.f);
	temp_store_reopen(&l.ts);
	fixture_open(&l.f, NULL, &(struct policy_config){ .store = l.ts.store });
	come(&l, "192.0.2.1");
	l.f.session->envelope.sender.local = STR("other");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
		clock_shift_real((int64_t)20 * 86400 * 1000);
	}
	clock_shift_real((int64_t)31 * 86400 * 1000);
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_TEMPFAIL);
	clock_shift_real((int64_t)-131 * 86400 * 1000 - 301 * 1000);
	tear_down(&l);
}

/* Who comes back too late is new; who is not asked. */
static void test_grey_who(void **state)
{
	struct lists l = { 0 };

	(void)state;
	set_up(&l, "", "on for=*@example.org");
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_TEMPFAIL);
	clock_shift_real((int64_t)3 * 86400 * 1000);
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_TEMPFAIL);
	clock_shift_real((int64_t)-3 * 86400 * 1000);
	l.f.session->rcpt.domain = STR("other.example");
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
	l.f.session->rcpt = (struct mailaddr){ STR("postmaster"), STR("example.org") };
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
	l.f.session->rcpt.local = STR("new");
	l.f.session->envelope.sender = (struct mailaddr){ 0 };
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
	fixture_leave(&l.f);
	come(&l, "10.0.0.1");
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
	tear_down(&l);
}

/* Whom one of us has written to may answer at once. */
static void test_grey_answer(void **state)
{
	struct lists l = { 0 };

	(void)state;
	set_up(&l, "", "on");
	l.f.settings.limits = STR("account new-recipients=5/1d");
	l.f.session->role = POLICY_SUBMISSION;
	l.f.session->account = 1;
	l.f.session->login = STR("ada@example.org");
	l.f.session->rcpt = (struct mailaddr){ STR("friend"), STR("remote.example") };
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
	fixture_leave(&l.f);
	come(&l, "192.0.2.9");
	l.f.session->envelope.sender = (struct mailaddr){ STR("friend"), STR("remote.example") };
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_PASS);
	l.f.session->envelope.sender.local = STR("stranger");
	assert_int_equal(fixture_ask(&l.f, POLICY_RCPT), POLICY_TEMPFAIL);
	tear_down(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_access_rows), cmocka_unit_test(test_access),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_one_of_two),  cmocka_unit_test(test_trap),
		cmocka_unit_test(test_grey_rows),
		cmocka_unit_test(test_grey),        cmocka_unit_test(test_grey_who),
		cmocka_unit_test(test_grey_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
