/* What a session of the SMTP server keeps in memory of what it has refused: nothing. */
#include "unit/smtp_in/in_fixture.h"
#include "unit/smtp_out/scripted.h"

#include "flow/policy/policy.h"
#include "protocols/smtp_in/session.h"

static const struct policy_config config = { .checks = scripted_checks,
	                                     .check_count = COUNT(scripted_checks) };

static void set_up(struct in_fixture *f)
{
	in_fixture_open(f, STORE_MEMORY);
	assert_int_equal(policy_open(&config, &f->policy, NULL), OK);
	f->config.policy = f->policy;
}

static void tear_down(struct in_fixture *f)
{
	for (size_t i = 0; i < FAKE_CONNS; i++)
		fake_close(&fake_conns[i]);
	assert_true(policy_close(&f->policy, 0));
	in_fixture_close(f);
	scripted_reset();
}

static size_t kept(const struct in_session *s)
{
	assert_null(s->scratch.block);
	return s->mail_arena.used_bytes;
}

/* Names that there are not, and those whom a check refuses. */
static void test_refused(void **state)
{
	static const struct {
		const char *rcpt, *reply;
	} rows[] = {
		{ "RCPT TO:<nobody@example.org>\r\n", "\r\n550 5.1.1" },
		{ "RCPT TO:<bob@example.org>\r\n", "\r\n450 4.7.1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct in_fixture f = { 0 };
		struct in_session *s;
		struct conn *c;
		size_t before;

		set_up(&f);
		assert_true(scripted_obey(STR("rcpt tempfail 450 4.7.1 a rather long text, why")));
		c = in_fixture_connect(&f, 1, STR("mx"));
		s = conn_session(c);
		fake_send(c, STR("EHLO x.example\r\nMAIL FROM:<x@remote.example>\r\n"), SIZE_MAX);
		before = kept(s);
		for (int n = 0; n < 15; n++)
			fake_send(c, str_of(rows[i].rcpt), SIZE_MAX);
		check_at(i, !c->closed && str_find(buf_str(&c->sent), str_of(rows[i].reply)) > 0);
		check_at(i, kept(s) == before);
		tear_down(&f);
	}
}

/* RFC 5321 4.5.3.1.10: who writes to a large list again and again is asked to go on in another
 * transaction, long before the number of recipients is too large. */
static void test_too_many_targets(void **state)
{
	enum { LISTS = LIMIT_smtp_targets / LIMIT_list_members };
	static const struct str taken = STR("\r\n250 2.1.5 ok\r\n");
	static const struct str many = STR("\r\n452 4.5.3 too many recipients\r\n");
	struct in_fixture f = { 0 };
	struct arena a = { 0 };
	struct conn *c;

	(void)state;
	in_fixture_open(&f, STORE_MEMORY);
	assert_int_equal(store_write(f.config.store, town_crowd_add, NULL, NULL), OK);
	c = in_fixture_connect(&f, 1, STR("mx"));
	fake_send(c, STR("EHLO x.example\r\n"), SIZE_MAX);
	for (int again = 0; again < 2; again++) {
		fake_send(c, STR("MAIL FROM:<ada@example.org>\r\n"), SIZE_MAX);
		for (int n = 0; n < LISTS; n++)
			fake_send(c, str_fmt(&a, "RCPT TO:<crowd+%d@example.org>\r\n", n),
			          SIZE_MAX);
		assert_true(str_ends(buf_str(&c->sent), taken));
		assert_true(str_find(buf_str(&c->sent), many) < 0 || again);
		fake_send(c, STR("RCPT TO:<bob@example.org>\r\n"), SIZE_MAX);
		assert_true(str_ends(buf_str(&c->sent), many));
		fake_send(c, STR("RSET\r\n"), SIZE_MAX);
	}
	arena_deinit(&a);
	in_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_many_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
