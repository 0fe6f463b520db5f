/* How long a session lives, and what it may say when.
 * Slow: every session is run whole and one byte at a time. */
#include "unit/imap/session_fixture.h"

#include "foundation/base/clock.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/progress.h"

#include <time.h>

/* The idle time is the client's: it does not run while the server talks, however long the line
 * takes for it, and begins anew when the answer has ended. */
static void test_answer_is_not_idle(void **state)
{
	static const char *const commands[] = {
		"b FETCH 1 BODY.PEEK[]\r\n", /* a generator */
		"c NOOP\r\n",                /* news */
	};
	struct conn *c, *d;
	struct buf raw;

	(void)state;
	imap_fixture_message_size(&f, 20 << 20);
	c = imap_fixture_login(&f, 0);
	d = imap_fixture_login(&f, 1);
	assert_int_equal(c->deadline_ms, LIMIT_imap_idle_ms); /* no longer that of a login */
	append(c, big_message(&raw, 5 << 20));
	buf_deinit(&raw);
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	inbox_fill(c, "small", 7);
	ask(d, "a SELECT INBOX", "SELECT completed\r\n");
	ask(d, "b UID STORE 2:* +FLAGS.SILENT (\\Deleted)", "STORE completed\r\n");
	ask(d, "c EXPUNGE", "EXPUNGE completed\r\n");
	for (size_t i = 0; i < COUNT(commands); i++) {
		buf_reset(&c->sent);
		c->steps_left = 1;
		fake_send(c, str_of(commands[i]), SIZE_MAX);
		check_at(i, c->last == STEP_AGAIN);
		c->deadline_ms = 0;
		fake_run(c, CONN_TIMEOUT);
		check_at(i, !c->closed && str_ends(buf_str(&c->sent), STR(" completed\r\n")));
		check_at(i, c->deadline_ms == LIMIT_imap_idle_ms);
	}
	fake_run(c, CONN_TIMEOUT);
	assert_true(c->closed);
}

static enum err remove_account(struct txn *t, void *arg)
{
	return account_rm(t, STR("user@example.org"), arg, NULL);
}

/* An account that is removed, by whomever, has no sessions any more: who idles is told, and so is
 * who sends the next command. */
static void test_account_closed(void **state)
{
	struct conn *idle = imap_fixture_login(&f, 0), *busy = imap_fixture_login(&f, 1);
	const struct imap *session = conn_session(busy);
	int64_t deadline_ms = clock_mono_ms() + 10000;
	uint32_t id;

	(void)state;
	ask(idle, "a IDLE", "+ idling\r\n");
	assert_int_equal(store_write(f.server.store, remove_account, &id, NULL), OK);
	while (!live_login_ended(&session->login.live) && clock_mono_ms() < deadline_ms)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	fake_run(idle, CONN_WAKE);
	assert_true(str_ends(buf_str(&idle->sent),
	                     STR("* BYE The login is no longer valid, log in again\r\n")));
	ask(busy, "a NOOP", "* BYE The login is no longer valid, log in again\r\n");
	assert_true(idle->closed && busy->closed);
}

/* RFC 8437: what the login before had is gone with it, and there is an end to it. */
static void test_unauthenticate(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	const struct imap *s = conn_session(c);
	int64_t deadline_ms;

	(void)state;
	ask(c, "a ENABLE IMAP4rev2", "ENABLE completed\r\n");
	ask(c, "b SELECT INBOX", "SELECT completed\r\n");
	deadline_ms = c->deadline_ms;
	ask(c, "c UNAUTHENTICATE", "UNAUTHENTICATE completed\r\n");
	assert_int_equal(s->enabled, 0);
	assert_int_equal(s->selected.id, 0);
	assert_int_equal(s->login.login.account, 0);
	assert_int_equal(c->deadline_ms, LIMIT_imap_login_idle_ms);
	assert_true(deadline_ms > c->deadline_ms);
	for (int i = 2; i < LIMIT_imap_unauthenticate; i++) {
		ask(c, "d LOGIN user@example.org secret", "Welcome\r\n");
		ask(c, "e UNAUTHENTICATE", "UNAUTHENTICATE completed\r\n");
	}
	ask(c, "f LOGIN user@example.org secret", "Welcome\r\n");
	ask(c, "g UNAUTHENTICATE", "* BYE Please connect again\r\n");
	assert_true(c->closed);
	/* Compression ends as well (4.1). */
	c = imap_fixture_login(&f, 1);
	ask(c, "a COMPRESS DEFLATE", "COMPRESS completed\r\n");
	assert_true(c->compressed);
	ask(c, "b UNAUTHENTICATE", "UNAUTHENTICATE completed\r\n");
	assert_false(c->compressed);
}

/* RFC 9585: a SEARCH of many messages says how far it is. */
static void test_progress(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);

	(void)state;
	f.server.progress_ms = 1;
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	inbox_fill(c, "one", 9);
	ask(c, "c SEARCH DELETED", "* SEARCH\r\nc OK SEARCH completed\r\n");
	assert_true(count(buf_str(&c->sent), "* OK [INPROGRESS (\"c\" ") > 0);
	assert_int_equal(count(buf_str(&c->sent), " 16384)] In progress\r\n"),
	                 count(buf_str(&c->sent), "INPROGRESS"));
}

/* Not at once, and not more often than the pause. */
static void test_progress_text(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct imap *s = conn_session(c);

	(void)state;
	buf_reset(&c->sent);
	s->run.tag = STR("a1");
	imap_progress(s, 454, 1000);
	check_str(buf_str(&c->sent), STR_EMPTY);
	imap_progress(s, 455, 1000);
	s->run.progress_ms -= LIMIT_imap_progress_ms;
	imap_progress(s, 500, 1000);
	imap_progress(s, 501, 1000);
	s->run.progress_ms -= LIMIT_imap_progress_ms;
	imap_progress(s, 7, 0);
	s->run.progress_ms -= LIMIT_imap_progress_ms;
	s->run.tag = STR("a]1"); /* RFC 9585 4: not in a response code */
	imap_progress(s, 1000, 1000);
	s->run.tag = STR_EMPTY;
	check_str(buf_str(conn_out(c)), STR("* OK [INPROGRESS (\"a1\" 500 1000)] In progress\r\n"
	                                    "* OK [INPROGRESS (\"a1\" NIL NIL)] In progress\r\n"
	                                    "* OK [INPROGRESS (NIL 999 1000)] In progress\r\n"));
}

/* The order that commands.h promises, and every row found by its name in any case. */
static void test_command_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < imap_command_count; i++) {
		const struct imap_command_row *row = &imap_commands[i];
		bool uid_only = row->flags & UID_ONLY;
		struct arena a = { 0 };
		int order = i ? str_cmp(row[-1].name, row->name) : -1;

		check_at(i, order < 0 || (order == 0 && uid_only));
		check_at(i, imap_command_find(str_lower(&a, row->name), uid_only) == row);
		check_at(i, row->states != 0 && row->parse != NULL && row->act != NULL);
		arena_deinit(&a);
	}
	assert_null(imap_command_find(STR("NOPE"), false));
	assert_null(imap_command_find(STR("NOOP"), true));
	assert_null(imap_command_find(STR("FETC"), false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answer_is_not_idle), TEST(test_account_closed),
		TEST(test_unauthenticate),     TEST(test_progress),
		TEST(test_progress_text),      cmocka_unit_test(test_command_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
