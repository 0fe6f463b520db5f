/* Sieve scripts at SMTP stages: what they see, what they decide, what they change, what they
 * remember, and what happens when they fail. */
#include "unit/policy/fixture.h"

#include "flow/policy/authentication/verified.h"
#include "flow/policy/run.h"
#include "flow/policy/stages/stage_programs.h"
#include "flow/policy/view.h"
#include "foundation/base/clock.h"
#include "harness/temp_store.h"
#include "model/filters/scripts.h"
#include "model/store/store.h"

#include <stdio.h>
#include <string.h>

static struct mailaddr mailaddr(const char *local, const char *domain)
{
	return (struct mailaddr){ .local = str_of(local), .domain = str_of(domain) };
}

/* A session on port 25 that is at RCPT. */
static void session_begin(struct fixture *f)
{
	static const struct policy_param params[] = { { STR("NOTIFY"), STR("NEVER") },
		                                      { STR("ORCPT"),
		                                        STR("rfc822;a+2Bb@example.org") } };

	fixture_connect(f, "192.0.2.7");
	f->session->helo = STR("client.example.net");
	f->session->envelope.sender = mailaddr("carol", "example.net");
	f->session->rcpt = mailaddr("alice", "example.org");
	f->session->rcpt_params = params;
	f->session->rcpt_param_count = COUNT(params);
	f->session->size = 1000;
}

static void test_facts(void **state)
{
	/* Scripts of RCPT that refuse when the test in them is true. */
	static const struct {
		const char *test;
		bool is;
	} rows[] = {
		{ "environment \"remote-ip\" \"192.0.2.7\"", true },
		{ "environment \"name\" \"Roost\"", true },
		{ "environment \"location\" \"MTA\"", true },
		{ "environment \"phase\" \"pre\"", true },
		{ "environment \"host\" \"mail.example.org\"", true },
		{ "environment \"domain\" \"example.org\"", true },
		{ "environment \"remote-host\" \"\"", true },
		{ "environment \"vnd.roost.stage\" \"rcpt\"", true },
		{ "environment \"vnd.roost.service\" \"smtp\"", true },
		{ "environment \"vnd.roost.network\" \"192.0.2.0\"", true },
		{ "environment \"vnd.roost.helo\" \"client.example.net\"", true },
		{ "environment \"vnd.roost.user\" \"\"", true },
		{ "environment \"vnd.roost.size\" \"1000\"", true },
		{ "environment \"vnd.roost.recipients\" \"0\"", true },
		{ "environment \"vnd.roost.spf\" \"softfail\"", true },
		{ "environment \"vnd.roost.dmarc\" \"\"", true },
		{ "environment \"vnd.roost.dnsbl\" \"listed in a.example\"", true },
		{ "environment \"vnd.roost.check.access\" \"tag\"", true },
		{ "environment \"vnd.roost.check.greylist\" \"\"", true },
		{ "environment :matches \"vnd.roost.check.none\" \"*\"", false }, /* no such item */
		{ "environment :matches \"vnd.roost.none\" \"*\"", false },
		{ "envelope \"from\" \"carol@example.net\"", true },
		{ "envelope :domain \"from\" \"example.org\"", false },
		{ "envelope \"to\" \"alice@example.org\"", true },
		{ "envelope :matches \"auth\" \"*\"", false },
	};
	char script[400];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings.access = STR("tag peer=192.0.2.0/24") };
		struct policy_verified verified = { .spf = true,
			                            .spf_mail.result = SPF_SOFTFAIL };

		snprintf(script, sizeof script,
		         "require [\"envelope\", \"environment\", \"reject\"];\n"
		         "if %s { reject \"yes\"; }",
		         rows[i].test);
		f.settings.sieve_rcpt = str_of(script);
		fixture_open(&f, NULL, NULL);
		session_begin(&f);
		assert_int_equal(fixture_ask(&f, POLICY_CONNECT), POLICY_PASS);
		f.session->verified = &verified;
		f.session->listed = STR("listed in a.example");
		check_at(i, (fixture_ask(&f, POLICY_RCPT) == POLICY_REJECT) == rows[i].is);
		f.session->verified = NULL;
		fixture_leave(&f);
		fixture_close(&f);
	}
}

static void test_verdicts(void **state)
{
	static const struct {
		const char *script;
		enum policy_kind kind;
		unsigned code;
		const char *text, *note;
	} rows[] = {
		{ "keep;", POLICY_PASS, 0, "", NULL },
		{ "\nrequire \"reject\"; reject text:\r\none\r\ntwo\r\n.\r\n;", POLICY_REJECT, 550,
		  "one\ntwo", "line 2 of the rcpt script: one two" },
		{ "require \"vnd.roost.smtp\"; defer \"later\";", POLICY_TEMPFAIL, 451, "later",
		  "line 1 of the rcpt script: later" },
		{ "require [\"encoded-character\", \"reject\"]; reject \"a${hex:07}b\";",
		  POLICY_REJECT, 550, "a?b", "line 1 of the rcpt script: a?b" },
		{ "discard;", POLICY_DISCARD, 0, "line 1 of the rcpt script",
		  "line 1 of the rcpt script" },
		{ "discard; keep;", POLICY_PASS, 0, "", NULL },
		{ "require \"fileinto\"; fileinto \"Junk\"; discard;", POLICY_PASS, 0, "", NULL },
		/* Errors decide nothing. */
		{ "require [\"ihave\", \"reject\"];\nerror \"broken\"; reject \"x\";", POLICY_PASS,
		  0, "", "line 2 of the rcpt script: broken" },
		{ "frop;", POLICY_PASS, 0, "", NULL }, /* refused when it is set */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings.sieve_rcpt = str_of(rows[i].script) };

		fixture_open(&f, NULL, NULL);
		session_begin(&f);
		check_at(i, fixture_ask(&f, POLICY_RCPT) == rows[i].kind);
		check_at(i, f.verdict.code == rows[i].code);
		check_str_at(i, f.verdict.text, str_of(rows[i].text));
		check_at(i, rows[i].note == NULL || fixture_noted(&f, rows[i].kind, rows[i].note));
		check_at(i, (f.verdict.quarantine.n != 0) ==
		                    (str_find(str_of(rows[i].script), STR("Junk")) >= 0));
		fixture_leave(&f);
		fixture_close(&f);
	}
}

/* A script that would take long is ended by its steps. */
static void test_limits(void **state)
{
	struct fixture f = { 0 };
	struct buf script;

	(void)state;
	buf_init(&script, 1 << 20);
	buf_put(&script, STR("require [\"variables\", \"reject\"];\n"
	                     "set \"a\" \"0123456789abcdef\";\n"));
	for (int i = 0; i < 8; i++)
		buf_put(&script, STR("set \"a\" \"${a}${a}\";\n"));
	for (int i = 0; i < 2000; i++)
		buf_put(&script, STR("if string :matches \"${a}\" \"*x*\" { stop; }\n"));
	buf_put(&script, STR("reject \"reached\";"));
	f.settings.sieve_rcpt = buf_str(&script);
	assert_int_equal(stage_settings_check(&f.settings, NULL), OK);
	fixture_open(&f, NULL, NULL);
	session_begin(&f);
	assert_int_equal(fixture_ask(&f, POLICY_RCPT), POLICY_PASS);
	assert_true(fixture_noted(&f, POLICY_PASS, "takes more than"));
	fixture_leave(&f);
	fixture_close(&f);
	buf_deinit(&script);
}

/* So is one that reads long values again and again. */
static void test_memory(void **state)
{
	struct fixture f = { 0 };
	struct buf script;
	char helo[2000];

	(void)state;
	memset(helo, 'a', sizeof helo);
	buf_init(&script, 1 << 20);
	buf_put(&script, STR("require [\"environment\", \"reject\"];\n"));
	for (int i = 0; i < 300; i++)
		buf_put(&script, STR("if environment \"vnd.roost.helo\" \"x\" { stop; }\n"));
	buf_put(&script, STR("reject \"reached\";"));
	f.settings.sieve_rcpt = buf_str(&script);
	fixture_open(&f, NULL, NULL);
	session_begin(&f);
	assert_int_equal(fixture_ask(&f, POLICY_RCPT), POLICY_REJECT);
	f.session->helo = str_from(helo, sizeof helo);
	assert_int_equal(fixture_ask(&f, POLICY_RCPT), POLICY_PASS);
	assert_true(fixture_noted(&f, POLICY_PASS, "the rcpt script needs too much memory"));
	fixture_leave(&f);
	fixture_close(&f);
	buf_deinit(&script);
}

#define RECEIVED "Received: from client\r\n"
#define MESSAGE(fields) fields "\r\nbody\r\n"

static void test_changes(void **state)
{
	static const struct {
		const char *script, *message, *header;
	} rows[] = {
		{ "addheader \"X-A\" \"1\"; addheader \"X-B\" \"2\";"
		  "addheader :last \"X-C\" \"3\";",
		  MESSAGE("A: 1\r\n"), "X-B: 2\r\nX-A: 1\r\n" RECEIVED "A: 1\r\nX-C: 3\r\n" },
		{ "deleteheader \"A\";", MESSAGE("A: 1\r\nB: 2\r\na: 3\r\n"), RECEIVED "B: 2\r\n" },
		{ "deleteheader :index 2 \"A\";", MESSAGE("A: 1\r\nB: 2\r\nA: 3\r\nA: 4\r\n"),
		  RECEIVED "A: 1\r\nB: 2\r\nA: 4\r\n" },
		{ "addheader \"A\" \"0\"; deleteheader \"A\";", MESSAGE("A: 1\r\nB: 2\r\n"),
		  RECEIVED "B: 2\r\n" },
		{ "deleteheader \"A\"; addheader \"A\" \"0\";", MESSAGE("A: 1\r\nB: 2\r\n"),
		  "A: 0\r\n" RECEIVED "B: 2\r\n" },
		/* Fields that claim to be ours were taken out before, and a script does not see
		 * them. */
		{ "if exists \"X-Roost-Trace\" { addheader \"X-A\" \"1\"; } deleteheader \"B\";",
		  MESSAGE("B: 1\r\nAuthentication-Results: mail.example.org; spf=pass\r\nC: 2\r\n"),
		  RECEIVED "C: 2\r\n" },
		{ "if header :contains \"Authentication-Results\" \"pass\""
		  " { addheader \"X-A\" \"1\"; }",
		  MESSAGE("Authentication-Results: mail.example.org; spf=pass\r\nC: 2\r\n"),
		  RECEIVED "C: 2\r\n" },
	};
	char script[400];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { 0 };
		struct arena a = { 0 };
		struct policy_view v;
		struct str top;

		snprintf(script, sizeof script, "require \"editheader\";\n%s", rows[i].script);
		f.settings.sieve_end = str_of(script);
		fixture_open(&f, NULL, NULL);
		session_begin(&f);
		f.session->received = STR(RECEIVED);
		f.session->message = str_of(rows[i].message);
		check_at(i, fixture_ask(&f, POLICY_END) == POLICY_PASS);
		policy_view_init(&v, STR(RECEIVED), STR_EMPTY, f.session->message, &a);
		policy_view_changes(&v, &f.session->changes);
		top = policy_view_top(&v);
		top = str_fmt(&a, "%.*s%.*s", STR_ARG(top), STR_ARG(policy_view_header(&v)));
		check_str_at(i, top, str_of(rows[i].header));
		arena_deinit(&a);
		fixture_leave(&f);
		fixture_close(&f);
	}
}

static void test_redirects(void **state)
{
	static const struct {
		const char *script, *rcpts;
	} rows[] = {
		{ "redirect \"c@far.example\";", "c@far.example" },
		{ "require \"copy\"; redirect :copy \"c@far.example\";",
		  "a@example.org b@example.org c@far.example" },
		{ "redirect \"c@far.example\"; keep;",
		  "a@example.org b@example.org c@far.example" },
		{ "redirect \"c@far.example\"; discard;", "c@far.example" },
		{ "redirect \"A@example.org\"; redirect \"c@far.example\";",
		  "A@example.org c@far.example" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings.sieve_end = str_of(rows[i].script) };
		struct envelope_rcpt rcpts[] = { { .address = mailaddr("a", "example.org") },
			                         { .address = mailaddr("b", "example.org") } };
		struct envelope envelope;
		struct arena a = { 0 };
		struct str all = STR_EMPTY;

		fixture_open(&f, NULL, NULL);
		session_begin(&f);
		f.session->envelope.rcpts = rcpts;
		f.session->envelope.rcpt_count = COUNT(rcpts);
		f.session->message = STR(MESSAGE("A: 1\r\n"));
		check_at(i, fixture_ask(&f, POLICY_END) == POLICY_PASS);
		envelope = f.session->envelope;
		policy_changes_envelope(&f.session->changes, &a, &envelope);
		for (size_t n = 0; n < envelope.rcpt_count; n++)
			all = str_fmt(&a, "%.*s%s%.*s", STR_ARG(all), n != 0 ? " " : "",
			              STR_ARG(mailaddr_text(&a, &envelope.rcpts[n].address)));
		check_str_at(i, all, str_of(rows[i].rcpts));
		arena_deinit(&a);
		fixture_leave(&f);
		fixture_close(&f);
	}
}

/* --- with a store -------------------------------------------------------------------------- */

static const char grey[] = "require \"vnd.roost.smtp\";\n"
			   "if not seen :seconds 300 :expire 3600 \"key\" { defer \"later\"; }";

static enum policy_kind ask_after(struct fixture *f, int64_t ms)
{
	enum policy_kind kind;

	clock_shift_real(ms);
	session_begin(f);
	kind = fixture_ask(f, POLICY_RCPT);
	fixture_leave(f);
	return kind;
}

static void test_seen(void **state)
{
	struct fixture f = { .settings.sieve_rcpt = str_of(grey) };
	struct policy_config config = { 0 };
	struct temp_store ts;

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	config.store = ts.store;
	fixture_open(&f, NULL, &config);
	assert_int_equal(ask_after(&f, 0), POLICY_TEMPFAIL);
	assert_int_equal(ask_after(&f, 299000), POLICY_TEMPFAIL);
	assert_int_equal(ask_after(&f, 1000), POLICY_PASS);
	assert_int_equal(ask_after(&f, 3500000), POLICY_PASS); /* moves the end */
	assert_int_equal(ask_after(&f, 3500000), POLICY_PASS);
	assert_int_equal(ask_after(&f, 3601000), POLICY_TEMPFAIL); /* forgotten */
	clock_shift_real(-(299000 + 1000 + 3500000 + 3500000 + 3601000));
	fixture_close(&f);
	temp_store_remove(&ts);
}

struct storing {
	const char *name, *text; /* text NULL: delete */
};

static enum err store_script(struct txn *t, void *arg)
{
	const struct script_owner server = { 0 };
	const struct storing *s = arg;

	return s->text == NULL ? script_delete(t, &server, str_of(s->name))
	                       : script_put(t, &server, str_of(s->name), str_of(s->text),
	                                    STR_EMPTY, clock_real_ms());
}

static void script_store(struct temp_store *ts, const char *name, const char *text)
{
	assert_int_equal(store_write(ts->store, store_script,
	                             &(struct storing){ name, text }, NULL),
	                 OK);
}

static void test_stored(void **state)
{
	struct fixture f = { 0 };
	struct policy_config config = { 0 };
	struct temp_store ts;

	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	config.store = ts.store;
	fixture_open(&f, NULL, &config);
	assert_int_equal(ask_after(&f, 0), POLICY_PASS);
	script_store(&ts, "rcpt", "require \"reject\"; reject \"x\";");
	assert_int_equal(ask_after(&f, 0), POLICY_REJECT);
	session_begin(&f);
	assert_int_equal(fixture_ask(&f, POLICY_RCPT), POLICY_REJECT);
	script_store(&ts, "rcpt", "frop;"); /* as a version with this command may have stored it */
	assert_int_equal(fixture_ask(&f, POLICY_RCPT), POLICY_REJECT); /* the same session */
	fixture_leave(&f);
	assert_int_equal(ask_after(&f, 0), POLICY_PASS);
	script_store(&ts, "rcpt", "require \"vnd.roost.smtp\"; defer \"x\";");
	assert_int_equal(ask_after(&f, 0), POLICY_TEMPFAIL);
	f.settings.sieve_rcpt = STR("require \"reject\"; reject \"x\";");
	assert_int_equal(ask_after(&f, 0), POLICY_REJECT);
	f.settings.sieve_rcpt = STR_EMPTY;
	script_store(&ts, "rcpt", NULL);
	assert_int_equal(ask_after(&f, 0), POLICY_PASS);
	fixture_close(&f);
	temp_store_remove(&ts);
}

static void test_settings(void **state)
{
	struct settings s = { .sieve_connect = STR("keep;"),
		              .sieve_end = STR("frop;\r\n\r\nkeep 3;\r\n") };
	struct why why = { "" };

	(void)state;
	assert_true(stage_settings_any(&s));
	assert_int_equal(stage_settings_check(&s, &why), ERR_SYNTAX);
	check_str(str_of(why.text), STR("ROOST_SIEVE_END: line 1: There is no command \"frop\"; "
	                                "line 3: \"keep\" needs 0 arguments without a tag, and "
	                                "has 1"));
	s = (struct settings){ 0 };
	assert_false(stage_settings_any(&s));
	assert_int_equal(stage_settings_check(&s, &why), OK);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),     cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_limits),    cmocka_unit_test(test_memory),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_redirects), cmocka_unit_test(test_seen),
		cmocka_unit_test(test_stored),    cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
