/* Commands that bring messages, and URLs that lead to them. */
#include "unit/imap/session_fixture.h"

#include "foundation/base/clock.h"
#include "model/store/spool.h"
#include "network/runtime/pool.h"
#include "protocols/imap/session.h"

/* What is in a mailbox: messages and the next UID. */
static struct mailbox state_of(const char *name)
{
	return mail_box(&f.mail, f.account, name);
}

/* --- memory of many ------------------------------------------------------------------- */

/* Messages that do not pack are written ahead when they become many; the command that then
 * fails leaves none of it. */
static void test_written_ahead(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };
	struct buf raw;
	uint32_t seed = 1;

	(void)state;
	buf_init(&raw, 1 << 20);
	buf_put(&raw, STR("Subject: noise\r\n\r\n"));
	while (raw.n < 900000) {
		seed = seed * 1664525 + 1013904223;
		buf_byte(&raw, (char)(33 + (seed >> 24) % 90));
	}
	for (int turn = 0; turn < 2; turn++) {
		buf_reset(&c->sent);
		fake_send(c, STR("a APPEND Drafts"), SIZE_MAX);
		for (int i = 0; i < 24; i++) {
			raw.p[9] = (char)('a' + i);
			fake_send(c, str_fmt(&a, " {%zu+}\r\n", raw.n), SIZE_MAX);
			fake_send(c, buf_str(&raw), 100000);
		}
		fake_send(c, turn ? STR("\r\n") : STR(" {0+}\r\n\r\n"), SIZE_MAX);
		if (turn)
			assert_int_equal(count(buf_str(&c->sent), "a OK [APPENDUID"), 1);
		else
			check_str(buf_str(&c->sent),
			          STR("a NO [CANNOT] The message is empty\r\n"));
		assert_int_equal(state_of("Drafts").exists, turn ? 24 : 0);
		mail_store_fsck(&f.mail);
	}
	arena_deinit(&a);
	buf_deinit(&raw);
}

/* --- other threads ---------------------------------------------------------------------- */

enum { MANY = 300 };

/* Subjects tell their places; every seventh is too big for the memory of a spool. */
static void many_send(struct conn *c, struct arena *a, const char *end)
{
	buf_reset(&c->sent);
	fake_send(c, STR("a APPEND Drafts"), SIZE_MAX);
	for (int i = 0; i < MANY; i++) {
		size_t n = i % 7 == 6 ? SPOOL_MEMORY : (size_t)(i * 37 % 5000);
		struct str text = str_fmt(a, "Subject: nr %d\r\n\r\n%*d\r\n", i, (int)n, i);

		fake_send(c, str_fmt(a, " {%zu+}\r\n", text.n), SIZE_MAX);
		fake_send(c, text, 100000);
	}
	fake_send(c, str_of(end), SIZE_MAX);
}

/* All of them, in their order, or none. */
static void test_other_threads(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };
	struct str said;

	(void)state;
	assert_int_equal(pool_new("help", 1, 3, 8, &f.server.pool, NULL), OK);
	for (int turn = 0; turn < 5; turn++) {
		bool whole = turn == 4;

		many_send(c, &a, whole ? "\r\n" : " {0+}\r\n\r\n");
		assert_int_equal(count(buf_str(&c->sent), whole ? "a OK [" : "a NO [CANNOT]"), 1);
	}
	many_send(c, &a, " {10+}\r\nabc"); /* and then it is lost */
	fake_close(c);
	assert_int_equal(state_of("Drafts").exists, MANY);
	c = imap_fixture_login(&f, 0);
	(void)ask(c, "s SELECT Drafts", "s OK [READ-WRITE] SELECT completed\r\n");
	said = ask(c, "f FETCH 1:* (ENVELOPE)", "f OK FETCH completed\r\n");
	for (int i = 0; i < MANY; i++) {
		const char *line = str_z(&a, str_fmt(&a, "* %d FETCH (ENVELOPE (NIL \"nr %d\" ",
		                                     i + 1, i));

		check_at(i, count(said, line) == 1);
	}
	mail_store_fsck(&f.mail);
	assert_true(pool_stop(f.server.pool, clock_mono_ms() + 10000));
	pool_free(&f.server.pool);
	arena_deinit(&a);
}

/* --- URLs ----------------------------------------------------------------------------- */

/* The URL that GENURLAUTH answered; lives in a. */
static struct str generated(struct conn *c, struct arena *a, const char *rump)
{
	struct str said = ask(c, str_z(a, str_fmt(a, "g GENURLAUTH \"%s\" INTERNAL", rump)),
	                      "g OK GENURLAUTH completed\r\n");
	ptrdiff_t from = str_find_byte(said, '"');
	struct str rest = str_dup(a, str_sub(said, (size_t)from + 1, said.n));

	return str_sub(rest, 0, (size_t)str_find_byte(rest, '"'));
}

static bool fetches(struct conn *c, struct arena *a, struct str url, const char *text)
{
	struct str said = ask(c, str_z(a, str_fmt(a, "u URLFETCH \"%.*s\"", STR_ARG(url))),
	                      "u OK URLFETCH completed\r\n");

	return count(said, text ? text : " NIL\r\n") == 1;
}

#define ONE "imap://user@example.org/INBOX/;uid=1"
#define HELLO " {11}\r\nHello one\r\n\r\n"

static void test_urlauth(void **state)
{
	static const struct {
		const char *rump;
		const char *text;
	} rows[] = {
		{ ONE "/;section=TEXT;urlauth=anonymous", HELLO },
		{ ONE "/;section=TEXT;urlauth=authuser", HELLO },
		{ ONE "/;section=TEXT;urlauth=user+user", HELLO },
		{ ONE "/;section=TEXT;urlauth=user+user%40example.org", HELLO },
		{ ONE "/;section=TEXT/;partial=0.5;expire=2999-01-01T00:00:00Z;urlauth=anonymous",
		  " {5}\r\nHello\r\n" },
		{ ONE "/;section=TEXT/;partial=50.5;urlauth=anonymous", " {0}\r\n\r\n" },
		/* Good tokens of what nobody may use, or what is not there. */
		{ ONE "/;section=TEXT;urlauth=submit+user", NULL },
		{ ONE "/;section=TEXT;urlauth=user+nobody", NULL },
		{ ONE ";expire=2001-01-01T00:00:00Z;urlauth=anonymous", NULL },
		{ ONE "/;section=7;urlauth=anonymous", NULL },
		{ "imap://user@example.org/INBOX/;uid=9;urlauth=anonymous", NULL },
	};
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };

	(void)state;
	(void)imap_fixture_deliver(&f, "INBOX", STR("one"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str url = generated(c, &a, rows[i].rump);

		check_at(i, fetches(c, &a, url, rows[i].text));
		/* Any other byte of it, and it is no good. */
		for (size_t k = 0; k < url.n; k += 7) {
			struct str other = str_dup(&a, url);

			((char *)(uintptr_t)other.p)[k] ^= 1;
			if (other.p[k] != '"' && other.p[k] != '\\')
				check_at(i, fetches(c, &a, other, NULL));
		}
	}
	arena_deinit(&a);
}

static void test_resetkey(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };
	struct str url, sent;

	(void)state;
	(void)imap_fixture_deliver(&f, "INBOX", STR("one"));
	(void)imap_fixture_deliver(&f, "Sent", STR("two"));
	url = generated(c, &a, ONE ";urlauth=anonymous");
	sent = generated(c, &a, "imap://user@example.org/Sent/;uid=1;urlauth=anonymous");
	ask(c, "a RESETKEY INBOX", "a OK [URLMECH INTERNAL] RESETKEY completed\r\n");
	assert_true(fetches(c, &a, url, NULL));
	assert_true(fetches(c, &a, sent, "Hello two"));
	url = generated(c, &a, ONE ";urlauth=anonymous");
	assert_true(fetches(c, &a, url, "Hello one"));
	ask(c, "b RESETKEY", "b OK RESETKEY completed\r\n");
	assert_true(fetches(c, &a, url, NULL) && fetches(c, &a, sent, NULL));
	mail_store_fsck(&f.mail);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_written_ahead, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_threads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_urlauth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resetkey, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
