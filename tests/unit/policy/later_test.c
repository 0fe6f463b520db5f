/* What decides nothing at its stage is waited for by nobody there; it is taken in when it comes. */
#include "unit/policy/fixture.h"

#include "flow/policy/authentication/verified.h"
#include "foundation/base/clock.h"

#include <stdatomic.h>

static const struct dns_fake_row zone[] = {
	{ "1.2.0.192.in-addr.arpa", "PTR", "mx.good.example" },
	{ "mx.good.example", "A", "192.0.2.1" },
	{ "mx.good.example", "TXT", "v=spf1 a -all" },
	{ "good.example", "TXT", "v=spf1 mx -all" },
	{ "good.example", "MX", "10 mx.good.example" },
	{ NULL, NULL, NULL },
};

/* --- a name server that keeps everybody waiting while the gate is shut ---------------------- */

static struct dns *answers;
static atomic_bool gate;
static atomic_uint asked;

static void pass(void)
{
	atomic_fetch_add(&asked, 1);
	while (!atomic_load(&gate))
		clock_sleep_ms(1);
}

static enum dns_status gated_mx(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_mx_list *out)
{
	(void)d;
	pass();
	return dns_mx(answers, a, name, deadline_ms, out);
}

static enum dns_status gated_addresses(struct dns *d, struct arena *a, struct str name,
                                       unsigned families, int64_t deadline_ms,
                                       struct dns_addr_list *out)
{
	(void)d;
	pass();
	return dns_addresses(answers, a, name, families, deadline_ms, out);
}

static enum dns_status gated_txt(struct dns *d, struct arena *a, struct str name,
                                 int64_t deadline_ms, struct dns_text_list *out)
{
	(void)d;
	pass();
	return dns_txt(answers, a, name, deadline_ms, out);
}

static enum dns_status gated_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                 int64_t deadline_ms, struct dns_text_list *out)
{
	(void)d;
	pass();
	return dns_ptr(answers, a, ip, deadline_ms, out);
}

static bool nothing_known(struct dns *d, struct str name, uint16_t type)
{
	(void)d;
	(void)name;
	(void)type;
	return false;
}

static const struct dns_ops gated_ops = { .mx = gated_mx,
	                                  .addresses = gated_addresses,
	                                  .txt = gated_txt,
	                                  .ptr = gated_ptr,
	                                  .cached = nothing_known };
static struct dns gated = { &gated_ops };

/* --- a session ------------------------------------------------------------------------------ */

static void set_up(struct fixture *f, bool open)
{
	const struct policy_config config = { .threads = 8, .dns = &gated };

	answers = dns_fake_new(zone, false);
	atomic_store(&gate, open);
	atomic_store(&asked, 0);
	if (f->settings.fcrdns.n == 0)
		f->settings.fcrdns = STR("record");
	if (f->settings.spf.n == 0)
		f->settings.spf = STR("record");
	fixture_open(f, NULL, &config);
	fixture_connect(f, "192.0.2.1");
	f->session->helo = STR("mx.good.example");
	f->session->envelope.sender = (struct mailaddr){ STR("x"), STR("good.example") };
	f->session->message = STR("From: x@good.example\r\n\r\nHello.\r\n");
}

static void begin(struct fixture *f, enum policy_stage stage)
{
	policy_end(&f->run);
	f->run = policy_begin(f->policy, f->session, stage, (struct waker){ 0 });
}

static void wait(struct fixture *f)
{
	while (!policy_ready(f->run, &f->verdict))
		clock_sleep_ms(1);
}

/* The stage is over at once. */
static bool is_quick(struct fixture *f, enum policy_stage stage)
{
	begin(f, stage);
	return policy_ready(f->run, &f->verdict);
}

static void deinit(struct fixture *f)
{
	fixture_leave(f);
	fixture_close(f);
	dns_free(&answers);
}

static bool noted_at(const struct list *notes, const char *check, enum policy_stage stage)
{
	list_each(it, notes)
	{
		const struct policy_note *n = container_of(it, struct policy_note, link);

		if (str_eq(str_of(n->check), str_of(check)))
			return n->stage == stage && n->who.n == 0;
	}
	return false;
}

static const struct str field = STR("Authentication-Results: mail.example.org;\r\n"
                                    "\tiprev=pass (mx.good.example) policy.iprev=192.0.2.1;\r\n"
                                    "\tspf=pass smtp.helo=mx.good.example;\r\n"
                                    "\tspf=pass smtp.mailfrom=x@good.example\r\n");

/* --- tests ---------------------------------------------------------------------------------- */

/* Only the end waits, and says what it always did, as of the stages where it was asked. */
static void test_nothing_waits(void **state)
{
	static const enum policy_stage stages[] = { POLICY_CONNECT, POLICY_HELLO, POLICY_MAIL,
		                                    POLICY_RCPT, POLICY_DATA };
	struct fixture f = { 0 };

	(void)state;
	set_up(&f, false);
	for (size_t i = 0; i < COUNT(stages); i++)
		check_at(i, is_quick(&f, stages[i]));
	while (atomic_load(&asked) < 3) /* PTR, and TXT of two names */
		clock_sleep_ms(1);
	assert_null(f.session->iprev);
	begin(&f, POLICY_END);
	clock_sleep_ms(30);
	assert_false(policy_ready(f.run, &f.verdict));
	assert_int_equal(atomic_load(&asked), 3);
	atomic_store(&gate, true);
	wait(&f);
	assert_int_equal(f.verdict.kind, POLICY_PASS);
	assert_int_equal(atomic_load(&asked), 7); /* and MX, and the address three times */
	check_str(policy_results(f.session), field);
	assert_true(noted_at(&f.session->notes, "fcrdns", POLICY_CONNECT));
	assert_true(noted_at(&f.session->mail_notes, "spf", POLICY_MAIL));
	deinit(&f);
}

/* What is there before the end is taken in, once; the next message of the session asks for its
 * sender alone. */
static void test_taken_in(void **state)
{
	struct fixture f = { 0 };

	(void)state;
	set_up(&f, true);
	assert_true(is_quick(&f, POLICY_CONNECT));
	while (f.session->iprev == NULL) {
		clock_sleep_ms(1);
		assert_true(is_quick(&f, POLICY_HELLO));
	}
	check_str(f.session->peer_name, STR("mx.good.example"));
	assert_int_equal(f.session->note_count, 1);
	for (int i = 0; i < 2; i++) {
		assert_true(is_quick(&f, POLICY_MAIL));
		f.session->rcpt = (struct mailaddr){ STR("a"), STR("example.org") };
		while (f.session->verified == NULL || !f.session->verified->spf) {
			clock_sleep_ms(1);
			assert_true(is_quick(&f, POLICY_RCPT));
		}
		assert_true(noted_at(&f.session->mail_notes, "spf", POLICY_MAIL));
		assert_true(is_quick(&f, POLICY_END));
		check_str(policy_results(f.session), field);
		assert_int_equal(atomic_load(&asked), 2 + 5 * (i + 1));
		policy_end(&f.run);
		policy_session_reset(f.policy, f.session);
		f.session->envelope.sender = (struct mailaddr){ STR("x"), STR("good.example") };
		f.session->message = STR("From: x@good.example\r\n\r\nHello.\r\n");
	}
	assert_int_equal(f.session->note_count, 1);
	deinit(&f);
}

/* Where something looks at it before, the stage waits as it must. */
static void test_waits(void **state)
{
	static const struct {
		const char *fcrdns, *spf, *access;
		bool connect, mail; /* wait */
	} rows[] = {
		{ "record", "record", "reject from=*@bad.example", false, false },
		{ "on", "record", "", true, false },
		{ "record", "record", "reject name=*.dynamic.example", true, false },
		{ "record", "fail", "", false, true },
		{ "record", "softfail verdict=tag", "", false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings = { .fcrdns = str_of(rows[i].fcrdns),
			                           .spf = str_of(rows[i].spf),
			                           .access = str_of(rows[i].access) } };

		set_up(&f, false);
		check_at(i, is_quick(&f, POLICY_CONNECT) != rows[i].connect);
		atomic_store(&gate, true);
		wait(&f);
		atomic_store(&gate, false);
		check_at(i, is_quick(&f, POLICY_MAIL) != rows[i].mail);
		atomic_store(&gate, true);
		wait(&f);
		begin(&f, POLICY_END);
		wait(&f);
		check_str_at(i, policy_results(f.session), field);
		deinit(&f);
	}
}

/* More than there are threads for wait as before; who goes, goes. */
static void test_many(void **state)
{
	struct fixture f = { 0 };
	struct policy_session *others[4];

	(void)state;
	set_up(&f, false);
	for (size_t i = 0; i < COUNT(others); i++) {
		struct policy_run *run;

		others[i] = policy_session_new(f.policy, f.conn, POLICY_MX, &f.settings);
		run = policy_begin(f.policy, others[i], POLICY_CONNECT, (struct waker){ 0 });
		check_at(i, policy_ready(run, &f.verdict));
		policy_end(&run);
	}
	assert_false(is_quick(&f, POLICY_CONNECT));
	for (size_t i = 0; i < COUNT(others); i++)
		policy_session_free(f.policy, &others[i]);
	atomic_store(&gate, true);
	wait(&f);
	begin(&f, POLICY_END);
	wait(&f);
	check_str(f.session->peer_name, STR("mx.good.example"));
	deinit(&f);
}

/* Nobody asks on for a session that is gone, nor for a server that stops. */
static void test_no_more_questions(void **state)
{
	static const bool stops[] = { false, true };

	(void)state;
	for (size_t i = 0; i < COUNT(stops); i++) {
		struct fixture f = { 0 };

		set_up(&f, false);
		assert_true(is_quick(&f, POLICY_CONNECT));
		assert_true(is_quick(&f, POLICY_MAIL));
		while (atomic_load(&asked) < 3)
			clock_sleep_ms(1);
		if (stops[i])
			assert_false(policy_close(&f.policy, clock_mono_ms()));
		else
			fixture_leave(&f);
		atomic_store(&gate, true);
		if (stops[i])
			fixture_leave(&f);
		fixture_close(&f);
		dns_free(&answers);
		check_at(i, atomic_load(&asked) == 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_waits),
		cmocka_unit_test(test_taken_in),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_no_more_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
