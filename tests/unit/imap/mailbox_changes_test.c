/* What others changed, a lot of it at once, or more than the log remembers. */
#include "unit/imap/session_fixture.h"

#include "foundation/base/cur.h"

/* 4096 of them, half of which go. */
static void test_many_messages(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0), *d = imap_fixture_login(&f, 1);
	struct str said;

	(void)state;
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	inbox_fill(c, "many", 7);
	ask(c, "c SEARCH RETURN (COUNT) ALL", "COUNT 4096\r\nc OK SEARCH completed\r\n");
	ask(d, "a SELECT INBOX", "SELECT completed\r\n");
	said = ask(c, "d FETCH 1:* (UID FLAGS ENVELOPE)", "d OK FETCH completed\r\n");
	assert_int_equal(count(said, " FETCH ("), 4096);
	said = ask(c, "e FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])",
	           "e OK FETCH completed\r\n");
	assert_int_equal(count(said, "Subject: many\r\n\r\n"), 4096);
	said = ask(c, "f STORE 1:1000,2000:3000 +FLAGS (\\Deleted)", "f OK STORE completed\r\n");
	assert_int_equal(count(said, "\\Deleted"), 2001);
	said = ask(d, "b NOOP", "b OK NOOP completed\r\n");
	assert_int_equal(count(said, "\\Deleted"), 2001);
	said = ask(c, "g EXPUNGE", "g OK EXPUNGE completed\r\n");
	assert_int_equal(count(said, " EXPUNGE\r\n"), 2001);
	said = ask(d, "c SEARCH ALL", "c OK SEARCH completed\r\n");
	said = ask(d, "d NOOP", "d OK NOOP completed\r\n");
	assert_int_equal(count(said, " EXPUNGE\r\n"), 2001);
	/* Numbers of both agree with the mailbox's. */
	said = ask(c, "i FETCH 999:1000 UID", "i OK FETCH completed\r\n");
	check_str(said, STR("* 999 FETCH (UID 1999)\r\n* 1000 FETCH (UID 3001)\r\n"
	                    "i OK FETCH completed\r\n"));
	said = ask(d, "j FETCH 999:1000 UID", "j OK FETCH completed\r\n");
	assert_int_equal(count(said, "* 1000 FETCH (UID 3001)\r\n"), 1);
	mail_store_fsck(&f.mail);
}

/* A client that keeps the numbers itself: what EXPUNGE and EXISTS make of its list. */
struct counting {
	uint32_t uids[5000]; /* 0: it did not ask yet */
	uint32_t n;
	unsigned flags; /* FETCH responses with FLAGS */
};

static void count_line(struct counting *k, struct str line)
{
	struct cur c = cur_of(line);
	uint32_t number;

	if (!cur_str(&c, STR("* ")) || !cur_u32(&c, &number))
		return;
	if (str_ends(line, STR(" EXPUNGE"))) {
		assert_true(number >= 1 && number <= k->n);
		memmove(&k->uids[number - 1], &k->uids[number],
		        (k->n - number) * sizeof(k->uids[0]));
		k->uids[--k->n] = 0;
	} else if (str_ends(line, STR(" EXISTS"))) {
		assert_true(number >= k->n);
		k->n = number;
	} else if (str_find(line, STR("FLAGS (")) >= 0) {
		assert_true(number >= 1 && number <= k->n);
		k->flags++;
	}
}

static void count_lines(struct counting *k, struct str said)
{
	ptrdiff_t end;

	for (; (end = str_find(said, STR("\r\n"))) >= 0;
	     said = str_sub(said, (size_t)end + 2, said.n))
		count_line(k, str_sub(said, 0, (size_t)end));
}

/* Every other message goes, others change, some come, all of it told at once and in more
 * than one portion: no step writes more than a small client can be sent, and its numbers
 * are right. How tells: by a command that allows EXPUNGE, or by IDLE. */
static void news(const char *how, const char *then)
{
	static struct counting k;
	struct conn *c = imap_fixture_login(&f, 0), *d = imap_fixture_login(&f, 1);
	struct buf all;

	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	inbox_fill(c, "many", 7);
	ask(d, "a SELECT INBOX", "SELECT completed\r\n");
	k = (struct counting){ .n = 4096 };
	for (uint32_t i = 0; i < k.n; i++)
		k.uids[i] = i + 1;
	buf_init(&all, 60000);
	buf_put(&all, STR("c UID STORE 1"));
	for (unsigned uid = 3; uid <= 4096; uid += 2)
		buf_fmt(&all, ",%u", uid);
	buf_put(&all, STR(" +FLAGS.SILENT (\\Deleted)"));
	buf_byte(&all, 0);
	ask(c, all.p, "STORE completed\r\n");
	buf_deinit(&all);
	ask(c, "d UID STORE 1:3000 +FLAGS.SILENT ($Important)", "STORE completed\r\n");
	ask(c, "e UID EXPUNGE 1:*", "EXPUNGE completed\r\n");
	imap_fixture_deliver(&f, "INBOX", STR("new"));
	d->most = 0;
	count_lines(&k, ask(d, how, then));
	assert_in_range(d->most, 1, 2 * CONN_OUT_SOFT);
	assert_int_equal(k.n, 2049);
	assert_int_equal(k.flags, 1500);
	for (uint32_t i = 0; i < 2048; i++)
		assert_int_equal(k.uids[i], 2 * (i + 1));
}

static void test_news(void **state)
{
	(void)state;
	news("n NOOP", "n OK NOOP completed\r\n");
}

static void test_news_idle(void **state)
{
	struct str said;

	(void)state;
	news("n IDLE", "FLAGS ($Important))\r\n");
	said = ask(&fake_conns[1], "DONE", "n OK IDLE completed\r\n");
	assert_int_equal(count(said, "\r\n"), 1);
}

/* The client hangs up, or the server stops while it is being told. */
static void test_news_end(void **state)
{
	static const unsigned ends[] = { CONN_STOP, CONN_EOF };

	for (size_t i = 0; i < COUNT(ends); i++) {
		struct conn *d;

		if (i)
			setup(state);
		news("n NOOP", "n OK NOOP completed\r\n");
		d = &fake_conns[1];
		ask(&fake_conns[0], "z UID STORE 1:* +FLAGS.SILENT (\\Deleted)", "\r\n");
		ask(&fake_conns[0], "z EXPUNGE", "EXPUNGE completed\r\n");
		d->steps_left = 2;
		fake_send(d, STR("o NOOP\r\n"), SIZE_MAX);
		d->steps_left = 0;
		fake_run(d, ends[i]);
		assert_true(d->closed);
		if (i + 1 < COUNT(ends))
			teardown(state);
	}
}

/* Many changes in a mailbox: the log forgets what was before. */
static void forget(const char *mailbox)
{
	f.mail.mailboxes.changes_kept = 1;
	for (int i = 0; i < 200; i++)
		imap_fixture_deliver(&f, mailbox, STR("one"));
}

/* The change log was cut short below a session: it compares what it has told with what is
 * there. */
static void test_log_pruned(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0), *d = imap_fixture_login(&f, 1);
	struct str said;

	(void)state;
	for (int i = 0; i < 9; i++)
		imap_fixture_deliver(&f, "INBOX", STR("one"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	ask(d, "a SELECT INBOX", "SELECT completed\r\n");
	ask(d, "b STORE 1,4:5,9 +FLAGS (\\Deleted)", "STORE completed\r\n");
	ask(d, "c EXPUNGE", "EXPUNGE completed\r\n");
	ask(d, "d STORE 2:3 +FLAGS (\\Seen)", "STORE completed\r\n");
	ask(c, "e STORE 8 +FLAGS.SILENT (\\Flagged)", "STORE completed\r\n");
	ask(d, "f STORE 4 +FLAGS (\\Seen)", "STORE completed\r\n");
	forget("INBOX");
	said = ask(c, "n NOOP", "n OK NOOP completed\r\n");
	check_str(said, STR("* 9 EXPUNGE\r\n* 5 EXPUNGE\r\n* 4 EXPUNGE\r\n* 1 EXPUNGE\r\n"
	                    "* 205 EXISTS\r\n* 205 RECENT\r\n"
	                    "* 4 FETCH (FLAGS (\\Seen \\Recent))\r\n"
	                    "n OK NOOP completed\r\n"));
}

/* The same, when it has not even found out which messages there are. */
static void test_log_pruned_view_unknown(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0), *d = imap_fixture_login(&f, 1);

	(void)state;
	for (int i = 0; i < 3; i++)
		imap_fixture_deliver(&f, "INBOX", STR("one"));
	ask(d, "a SELECT INBOX", "SELECT completed\r\n");
	ask(d, "b STORE 2 +FLAGS (\\Deleted)", "STORE completed\r\n");
	ask(d, "c EXPUNGE", "EXPUNGE completed\r\n");
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	/* What happened elsewhere does not matter. */
	forget("Archive");
	check_str(ask(c, "b FETCH 1:* UID", "b OK FETCH completed\r\n"),
	          STR("* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 3)\r\nb OK FETCH completed\r\n"));
	ask(c, "c SELECT INBOX", "SELECT completed\r\n");
	forget("INBOX");
	ask(c, "d NOOP", "d OK NOOP completed\r\n");
	ask(c, "e SELECT INBOX", "SELECT completed\r\n");
	forget("INBOX");
	ask(d, "d STORE 1 +FLAGS (\\Deleted)", "STORE completed\r\n");
	ask(c, "f NOOP",
	    "* 402 EXISTS\r\n* 0 RECENT\r\n* 1 FETCH (FLAGS (\\Deleted))\r\n"
	    "f OK NOOP completed\r\n");
	ask(c, "g SELECT INBOX", "SELECT completed\r\n");
	ask(d, "e EXPUNGE", "EXPUNGE completed\r\n");
	forget("INBOX");
	ask(c, "h NOOP", "* BYE Too many changes, please reconnect\r\n");
	assert_true(c->closed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_many_messages), TEST(test_news),       TEST(test_news_idle),
		TEST(test_news_end),      TEST(test_log_pruned), TEST(test_log_pruned_view_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
