/* The SMTP client by a smarthost, and by the ways of ROOST_ROUTES. */
#include "unit/smtp_out/out_fixture.h"

/* --- smarthost ----------------------------------------------------- */

static void test_smarthost_login(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "b@other.example" };
	static const struct {
		const char *ehlo, *auth, *heard;
		enum place_name place;
	} rows[] = {
		{ "250-x\r\n250 AUTH PLAIN LOGIN", NULL, "AUTH PLAIN AHVAaABwJQ==\r\n", TAKEN },
		{ "250-x\r\n250 AUTH LOGIN", "334 VXNlcm5hbWU6", "AUTH LOGIN\r\n", QUEUED },
		{ "250-x\r\n250 AUTH PLAIN", "535 5.7.8 no", "AUTH PLAIN", QUEUED },
		{ "250-x\r\n250 AUTH PLAIN", "334 more", "*\r\n", QUEUED },
		{ "250-x\r\n250 AUTH GSSAPI", NULL, "QUIT", QUEUED },
		{ "250-x\r\n250 SIZE 1000", NULL, "EHLO", QUEUED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct remote_manner m = { .ehlo = rows[i].ehlo, .auth = rows[i].auth };
		struct arena a = { 0 };
		struct fixture f;

		open_with(&f, &m, 1);
		f.settings.smarthost =
			str_fmt(&a, "smtp://u%%40h:p%%25@127.0.0.1:%u", f.remote.port);
		post(&f, rcpts, 2, BODY);
		attempt(&f);
		if (town_queue(&f.town, NULL) != 0 && rows[i].place == TAKEN)
			attempt(&f);
		expect_place(&f, i, rcpts[0], rows[i].place);
		if (i != 4)
			check_at(i, remote_heard(&f.remote, rows[i].heard));
		close_all(&f);
		arena_deinit(&a);
	}
}

/* RFC 4954 4: "*" ends a login. Where it does not, we leave. */
static void test_smarthost_asks_for_ever(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	static const char *const offers[] = { "250-x\r\n250 AUTH PLAIN",
		                              "250-x\r\n250 AUTH SCRAM-SHA-256 PLAIN" };

	(void)state;
	for (size_t i = 0; i < COUNT(offers); i++) {
		struct remote_manner m = {
			.ehlo = offers[i], .auth = "334 ", .auth_scram = "334 ", .star = "334 "
		};
		struct arena a = { 0 };
		struct fixture f;

		open_with(&f, &m, 1);
		f.settings.smarthost = str_fmt(&a, "smtp://u:p@127.0.0.1:%u", f.remote.port);
		post(&f, rcpts, 1, BODY);
		attempt(&f);
		expect_place(&f, i, rcpts[0], QUEUED);
		check_at(i, !remote_heard(&f.remote, "*\r\n*\r\n"));
		check_at(i, atomic_load(&f.remote.quits) == 0);
		close_all(&f);
		arena_deinit(&a);
	}
}

/* A server without keys for SCRAM refuses a password that is right; one that says nothing sound, or
 * that something else is wrong for now, gets nothing more. */
static void test_smarthost_refuses_scram(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	static const char both[] = "250-x\r\n250 AUTH SCRAM-SHA-256 PLAIN";
	static const struct {
		const char *ehlo, *scram, *plain;
		bool tried;
		enum place_name place;
	} rows[] = {
		{ both, "535 5.7.8 no", NULL, true, TAKEN },
		{ both, "504 5.5.4 no", NULL, true, TAKEN },
		{ both, "535 5.7.8 no", "535 5.7.8 no", true, QUEUED },
		{ both, "454 4.7.0 later", NULL, false, QUEUED },
		{ both, "421 4.7.0 bye", NULL, false, QUEUED },
		{ both, "334 bm8=", NULL, false, QUEUED }, /* "no"; then "*", and 504 */
		{ both, "235 2.7.0 come in", NULL, false, QUEUED },
		{ "250-x\r\n250 AUTH SCRAM-SHA-256", "535 5.7.8 no", NULL, false, QUEUED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct remote_manner m = { .ehlo = rows[i].ehlo,
			                   .auth = rows[i].plain,
			                   .auth_scram = rows[i].scram };
		struct arena a = { 0 };
		struct fixture f;

		open_with(&f, &m, 1);
		f.settings.smarthost =
			str_fmt(&a, "smtp://u%%40h:p%%25@127.0.0.1:%u", f.remote.port);
		post(&f, rcpts, 1, BODY);
		attempt(&f);
		expect_place(&f, i, rcpts[0], rows[i].place);
		check_at(i, remote_heard(&f.remote, "AUTH SCRAM-SHA-256 biwsbj11QGgs"));
		check_at(i, remote_heard(&f.remote, "AUTH PLAIN") == rows[i].tried);
		close_all(&f);
		arena_deinit(&a);
	}
}

/* --- ways of ROOST_ROUTES ----------------------------------------------------- */

/* Each recipient has an answer of his own, and one that does not come is no answer. */
static void test_lmtp(void **state)
{
	static const char *const rcpts[] = { "a@remote.example",    "full@remote.example",
		                             "b550@remote.example", "bad@remote.example",
		                             "aa@remote.example",   "gone@remote.example",
		                             "zz@remote.example" };
	static const enum place_name places[] = { TAKEN, QUEUED, RETURNED, RETURNED,
		                                  TAKEN, QUEUED, QUEUED };

	(void)state;
	for (int stepwise = 0; stepwise < 2; stepwise++) {
		struct remote_manner m = { .lmtp = true, .no_pipelining = stepwise };
		struct arena a = { 0 };
		struct fixture f;

		open_with(&f, &m, 1);
		f.settings.routes = STR("via=lists");
		f.settings.relays =
			str_fmt(&a, "name=lists to=lmtp://127.0.0.1:%u", f.remote.port);
		post(&f, rcpts, COUNT(rcpts), BODY);
		attempt_by(&f, STR("@lists"));
		for (size_t i = 0; i < COUNT(rcpts); i++)
			expect_place(&f, i, rcpts[i], places[i]);
		assert_true(remote_heard(&f.remote, "LHLO "));
		assert_false(remote_heard(&f.remote, "HELO "));
		close_all(&f);
		arena_deinit(&a);
	}
}

/* The first host refuses connections: the second one gets the mail, with the route's name and at
 * most so many recipients at a time. */
static void test_relay_that_fails_over(void **state)
{
	static const char *const rcpts[] = { "a@remote.example", "b@remote.example",
		                             "c@remote.example" };
	struct arena a = { 0 };
	struct fixture f;

	(void)state;
	open_with(&f, NULL, 0);
	f.settings.routes = STR("via=isp hello=out.example.org recipients=2 source=127.0.0.7");
	f.settings.relays = str_fmt(&a,
	                            "name=isp to=smtp://127.0.0.1:1 priority=1\n"
	                            "name=isp to=smtp://127.0.0.1:%u priority=2",
	                            f.remote.port);
	post(&f, rcpts, COUNT(rcpts), BODY);
	attempt_by(&f, STR("@isp"));
	for (size_t i = 0; i < COUNT(rcpts); i++)
		expect_place(&f, i, rcpts[i], TAKEN);
	assert_true(remote_heard(&f.remote, "EHLO out.example.org\r\n"));
	assert_true(remote_heard(&f.remote, "RCPT TO:<b@remote.example>\r\nDATA"));
	assert_int_equal(atomic_load(&f.remote.connections), 1);
	close_all(&f);
	arena_deinit(&a);
}

/* A token goes where it is asked for. */
static void test_relay_with_a_token(void **state)
{
	static const char *const rcpts[] = { "a@remote.example" };
	static const struct {
		const char *ehlo, *auth, *heard;
		enum place_name place;
	} rows[] = {
		{ "250-x\r\n250 AUTH PLAIN XOAUTH2", NULL,
		  "AUTH XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHRvawEB\r\n", TAKEN },
		{ "250-x\r\n250 AUTH OAUTHBEARER", NULL,
		  "AUTH OAUTHBEARER bixhPXUsAWF1dGg9QmVhcmVyIHRvawEB\r\n", TAKEN },
		{ "250-x\r\n250 AUTH OAUTHBEARER", "334 e30=", "\r\nAQ==\r\n", QUEUED },
		{ "250-x\r\n250 AUTH PLAIN", NULL, "QUIT", QUEUED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct remote_manner m = { .ehlo = rows[i].ehlo, .auth = rows[i].auth };
		struct arena a = { 0 };
		struct fixture f;

		open_with(&f, &m, 1);
		f.settings.routes = STR("via=isp");
		f.settings.relays =
			str_fmt(&a, "name=isp to=smtp://127.0.0.1:%u user=u token=tok",
		                f.remote.port);
		post(&f, rcpts, 1, BODY);
		attempt_by(&f, STR("@isp"));
		expect_place(&f, i, rcpts[0], rows[i].place);
		if (i != 3) /* QUIT may still be on its way */
			check_at(i, remote_heard(&f.remote, rows[i].heard));
		close_all(&f);
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smarthost_login),
		cmocka_unit_test(test_smarthost_asks_for_ever),
		cmocka_unit_test(test_smarthost_refuses_scram),
		cmocka_unit_test(test_lmtp),
		cmocka_unit_test(test_relay_that_fails_over),
		cmocka_unit_test(test_relay_with_a_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
