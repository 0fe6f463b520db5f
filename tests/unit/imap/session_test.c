/* Sessions with a lot in them: long answers, long input, the maximums, passing failures. */
#include "unit/imap/fixture.h"

#include "base/clock.h"
#include "base/fault.h"
#include "imap/commands.h"
#include "text/base64.h"

#include <time.h>

static struct imap_fixture f;

static int setup(void **state)
{
	(void)state;
	imap_fixture_open(&f);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fault_arm(0);
	imap_fixture_close(&f);
	return 0;
}

/* Send, and see that the answer ends as it should. Forgets what was said before. */
static struct str ask(struct conn *c, const char *command, const char *end)
{
	struct arena a = { 0 };
	struct str said;

	buf_reset(&c->sent);
	fake_send(c, str_fmt(&a, "%s\r\n", command), SIZE_MAX);
	arena_deinit(&a);
	said = buf_str(&c->sent);
	if (!str_ends(said, str_of(end)))
		fail_msg("%s: \"...%.*s\", want \"%s\"", command,
		         STR_ARG(str_sub(said, said.n > 200 ? said.n - 200 : 0, said.n)), end);
	return said;
}

static size_t count(struct str s, const char *what)
{
	size_t n = 0;
	ptrdiff_t at;

	for (; (at = str_find(s, str_of(what))) >= 0; n++)
		s = str_sub(s, (size_t)at + 1, s.n);
	return n;
}

/* A message with n bytes of body in which every line is different. */
static struct str big_message(struct buf *b, size_t n)
{
	buf_init(b, n + 1000);
	buf_put(b, STR("Subject: big\r\n\r\n"));
	for (size_t line = 0; b->n < n; line++)
		buf_fmt(b, "line %zu of a big message, %zx\r\n", line, line * 2654435761u);
	return buf_str(b);
}

static void append(struct conn *c, struct str raw)
{
	struct arena a = { 0 };

	buf_reset(&c->sent);
	fake_send(c, str_fmt(&a, "p APPEND INBOX {%zu+}\r\n", raw.n), SIZE_MAX);
	fake_send(c, raw, 10000);
	fake_send(c, STR("\r\n"), 1);
	arena_deinit(&a);
	if (count(buf_str(&c->sent), "p OK [APPENDUID") != 1)
		fail_msg("APPEND: %.*s", STR_ARG(buf_str(&c->sent)));
}

static enum err quota_read(const struct mail_txn *m, void *arg)
{
	return mail_quota_get(m, arg);
}

static uint64_t used_bytes(void)
{
	struct mail_quota q;

	assert_int_equal(mail_read(&f.mail, f.account, quota_read, &q), OK);
	return q.used_bytes;
}

/* Much larger than any buffer on its way, in and out. */
static void test_big_message(void **state)
{
	struct conn *c;
	struct buf raw;
	struct str said;
	ptrdiff_t at;

	(void)state;
	imap_fixture_message_size(&f, 20 << 20);
	c = imap_fixture_login(&f, 0);
	append(c, big_message(&raw, 5 << 20));
	ask(c, "a SELECT INBOX", "a OK [READ-WRITE] SELECT completed\r\n");
	said = ask(c, "b FETCH 1 (BODY.PEEK[] RFC822.SIZE)", ")\r\nb OK FETCH completed\r\n");
	at = str_find(said, STR("}\r\n"));
	assert_true(at > 0);
	check_str(str_sub(said, (size_t)at + 3, (size_t)at + 3 + raw.n), buf_str(&raw));
	said = ask(c, "c FETCH 1 BODY.PEEK[TEXT]<4000000.300000>", "c OK FETCH completed\r\n");
	at = str_find(said, STR("}\r\n"));
	check_str(str_sub(said, (size_t)at + 3, (size_t)at + 3 + 300000),
	          str_sub(buf_str(&raw), 4000016, 4300016));
	said = ask(c, "d SEARCH BODY \"LINE 100000 of\"", "d OK SEARCH completed\r\n");
	assert_int_equal(count(said, "* SEARCH 1\r\n"), 1);
	buf_deinit(&raw);
}

/* Text of more than one piece is found wherever it lies, in every dress. */
static void test_search_in_pieces(void **state)
{
	static const struct {
		const char *type;
		const char *encoding;
		unsigned unit; /* bytes of a character */
	} rows[] = {
		{ "text/plain", "8bit", 1 },
		{ "text/html; charset=iso-8859-1", "8bit", 1 },
		{ "text/plain; charset=utf-16le", "base64", 2 },
		{ "text/plain; charset=windows-1252", "base64", 1 },
	};
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };

	(void)state;
	imap_fixture_message_size(&f, 20 << 20);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text, raw;

		buf_init(&text, 4 << 20);
		for (unsigned line = 0; text.n < 700000; line++) {
			struct str s = str_fmt(&a, "<p>w%uw and more of it\r\n", line);

			for (size_t k = 0; k < s.n; k++) {
				buf_byte(&text, s.p[k]);
				if (rows[i].unit == 2)
					buf_byte(&text, '\0');
			}
		}
		buf_init(&raw, 8 << 20);
		buf_fmt(&raw, "Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n",
		        rows[i].type, rows[i].encoding);
		if (strcmp(rows[i].encoding, "base64") == 0)
			base64_put_lines(&raw, buf_str(&text));
		else
			buf_put(&raw, buf_str(&text));
		append(c, buf_str(&raw));
		buf_deinit(&raw);
		buf_deinit(&text);
	}
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	for (unsigned line = 0; line < 12000; line += 7 + 600 * (line % 9300 > 50)) {
		struct str said = ask(c, str_z(&a, str_fmt(&a, "b SEARCH BODY w%uw", line)),
		                      "b OK SEARCH completed\r\n");

		check_str(said, STR("* SEARCH 1 2 3 4\r\nb OK SEARCH completed\r\n"));
	}
	arena_deinit(&a);
}

/* A header of a hundred thousand fields, and many names to choose from them by: FETCH holds no
 * worker for it. */
static void test_fetch_takes_turns(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct buf raw, command, more;

	(void)state;
	imap_fixture_message_size(&f, 2 << 20);
	buf_init(&raw, 1 << 20);
	for (int i = 0; i < 100000; i++)
		buf_put(&raw, STR("xxxx:\r\n"));
	append(c, buf_str(&raw));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	buf_init(&command, 60000);
	buf_put(&command, STR("b FETCH 1 (BODY.PEEK[HEADER.FIELDS (yyyy"));
	for (int i = 1; i < IMAP_FIELDS_MAX; i++)
		buf_put(&command, STR(" yyyy"));
	buf_init(&more, 60000);
	buf_put(&more, buf_str(&command));
	buf_put(&more, STR(" yyyy)])"));
	buf_byte(&more, '\0');
	ask(c, more.p, "b BAD Syntax error in the arguments\r\n");
	buf_put(&command, STR(")] BODY.PEEK[HEADER.FIELDS (Subject)])\r\n"));
	buf_reset(&c->sent);
	c->steps_left = 1;
	fake_send(c, buf_str(&command), SIZE_MAX);
	assert_true(c->last == STEP_AGAIN);
	assert_true(count(buf_str(&c->sent), "completed") == 0);
	c->steps_left = 0;
	fake_run(c, CONN_AGAIN);
	assert_true(str_ends(buf_str(&c->sent), STR("b OK FETCH completed\r\n")));
	buf_deinit(&more);
	buf_deinit(&command);
	buf_deinit(&raw);
}

/* One session is in the middle of a literal when another expunges the message: what was
 * announced comes whole, and only then the message is gone for good. */
static void test_expunged_in_a_literal(void **state)
{
	struct conn *c, *d;
	struct email_appended done;
	struct str said;
	struct buf raw;

	(void)state;
	imap_fixture_message_size(&f, 20 << 20);
	c = imap_fixture_login(&f, 0);
	d = imap_fixture_login(&f, 1);
	append(c, big_message(&raw, 5 << 20));
	imap_fixture_deliver(&f, "INBOX", STR("small"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	ask(d, "a SELECT INBOX", "SELECT completed\r\n");
	buf_reset(&c->sent);
	c->steps_left = 3;
	fake_send(c, STR("b UID FETCH 1:2 (BODY.PEEK[HEADER] BODY.PEEK[] BODY.PEEK[TEXT])\r\n"),
	          SIZE_MAX);
	assert_in_range(c->sent.n, 100000, 4 << 20);
	assert_int_equal(c->last, STEP_AGAIN);
	ask(d, "b STORE 1 +FLAGS.SILENT (\\Deleted)", "STORE completed\r\n");
	ask(d, "c EXPUNGE", "* 1 EXPUNGE\r\nc OK EXPUNGE completed\r\n");
	mail_store_fsck(&f.mail);
	c->steps_left = 0;
	fake_run(c, CONN_AGAIN);
	said = buf_str(&c->sent);
	assert_false(c->closed);
	assert_true(str_ends(said, STR("* 1 EXPUNGE\r\nb OK FETCH completed\r\n")));
	said = str_sub(said, (size_t)str_find(said, STR(" BODY[] {")), said.n);
	said = str_sub(said, (size_t)str_find(said, STR("}\r\n")) + 3, said.n);
	check_str(str_sub(said, 0, raw.n), buf_str(&raw));
	said = str_sub(said, raw.n, said.n);
	said = str_sub(said, (size_t)str_find(said, STR("}\r\n")) + 3, said.n);
	check_str(str_sub(said, 0, raw.n - 16), str_sub(buf_str(&raw), 16, raw.n));
	assert_true(count(said, "Hello small") == 2);
	ask(c, "d UID FETCH 1 BODY.PEEK[]", "d OK FETCH completed\r\n");
	mail_store_fsck(&f.mail);
	/* Nothing of it is kept, so it counts no longer. */
	assert_int_equal(used_bytes(), mail_box(&f.mail, f.account, "INBOX").size_bytes);
	/* A session that goes away in the middle leaves nothing behind either. */
	assert_int_equal(mail_do_append(&f.mail, f.account,
	                                mail_box(&f.mail, f.account, "INBOX").id, buf_str(&raw),
	                                (struct flags){ 0 }, &done),
	                 OK);
	ask(c, "n NOOP", "n OK NOOP completed\r\n");
	ask(d, "n NOOP", "n OK NOOP completed\r\n");
	c->steps_left = 3;
	fake_send(c, STR("e UID FETCH 3 BODY.PEEK[]\r\n"), SIZE_MAX);
	ask(d, "d UID STORE 3 +FLAGS.SILENT (\\Deleted)", "STORE completed\r\n");
	ask(d, "e UID EXPUNGE 3", "EXPUNGE completed\r\n");
	assert_true(used_bytes() > raw.n);
	fake_close(c);
	assert_true(used_bytes() < 1000);
	buf_deinit(&raw);
}

/* Names that are long to match hold no worker, whatever comes of it. */
static void test_list_takes_turns(void **state)
{
	static const char *const options[] = { "", "(SUBSCRIBED RECURSIVEMATCH) " };
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };
	struct buf pattern;

	(void)state;
	f.mail.mailboxes.name_max = 1000;
	buf_init(&pattern, 2000);
	while (pattern.n < 1980)
		buf_put(&pattern, STR("*a"));
	for (int i = 0; i < 12; i++)
		ask(c,
		    str_z(&a, str_fmt(&a, "b CREATE %0200d/%0200d/%0200d/%0200d/%0100d", 1, 2, 3, 4,
		                      i)),
		    "CREATE completed\r\n");
	for (size_t i = 0; i < COUNT(options); i++) {
		struct str list = str_fmt(&a, "c LIST %s\"\" (%.*s %.*s %.*s %.*s)\r\n", options[i],
		                          STR_ARG(buf_str(&pattern)), STR_ARG(buf_str(&pattern)),
		                          STR_ARG(buf_str(&pattern)), STR_ARG(buf_str(&pattern)));

		buf_reset(&c->sent);
		c->steps_left = 1;
		fake_send(c, list, SIZE_MAX);
		check_at(i, c->last == STEP_AGAIN && c->sent.n == 0);
		c->steps_left = 0;
		fake_run(c, CONN_AGAIN);
		check_str(buf_str(&c->sent), STR("c OK LIST completed\r\n"));
	}
	/* One pattern more is too many. */
	ask(c,
	    str_z(&a,
	          str_fmt(&a, "d LIST \"\" (%.*s %.*s %.*s %.*s %.*s)", STR_ARG(buf_str(&pattern)),
	                  STR_ARG(buf_str(&pattern)), STR_ARG(buf_str(&pattern)),
	                  STR_ARG(buf_str(&pattern)), STR_ARG(buf_str(&pattern)))),
	    "d BAD Syntax error in the arguments\r\n");
	arena_deinit(&a);
	buf_deinit(&pattern);
}

/* 4096 of them, half of which go. */
static void test_many_messages(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0), *d = imap_fixture_login(&f, 1);
	struct str said;

	(void)state;
	imap_fixture_deliver(&f, "INBOX", STR("many"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	for (int i = 0; i < 12; i++)
		ask(c, "b UID COPY 1:* INBOX", "COPY completed\r\n");
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

	imap_fixture_deliver(&f, "INBOX", STR("many"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	for (int i = 0; i < 12; i++)
		ask(c, "b UID COPY 1:* INBOX", "COPY completed\r\n");
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
	news("n IDLE", "FLAGS ($Important \\Recent))\r\n");
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
	for (int i = 0; i < 12; i++)
		ask(c, "b UID COPY 1:* INBOX", "COPY completed\r\n");
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
	                     STR("* BYE This login has ended, log in again\r\n")));
	ask(busy, "a NOOP", "* BYE This login has ended, log in again\r\n");
	assert_true(idle->closed && busy->closed);
}

static void test_line_limits(void **state)
{
	static const struct {
		bool login;
		size_t n;
		bool survives;
	} rows[] = {
		{ false, LIMIT_imap_line_login, true },
		{ false, LIMIT_imap_line_login + 1, false },
		{ true, LIMIT_imap_line, true },
		{ true, LIMIT_imap_line + 1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conn *c =
			rows[i].login ? imap_fixture_login(&f, 0) : fake_open(0, &f.service, false);
		struct buf line;

		buf_init(&line, 1 << 20);
		buf_put(&line, STR("a NOOP "));
		while (line.n < rows[i].n)
			buf_byte(&line, 'x');
		buf_put(&line, STR("\r\n"));
		buf_reset(&c->sent);
		fake_send(c, buf_str(&line), 1000);
		check_at(i, !c->closed == rows[i].survives);
		check_at(i, count(buf_str(&c->sent), rows[i].survives ? "a BAD" : "* BYE") == 1);
		buf_deinit(&line);
		fake_close(c);
	}
}

static void test_literal_limits(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct buf big;

	(void)state;
	/* One that waits is refused before it comes. */
	ask(c, "a SEARCH SUBJECT {65537}", "a NO [TOOBIG] Literal too big\r\n");
	ask(c, "b SEARCH SUBJECT {99999999999999999999}", "b BAD Select a mailbox first\r\n");
	/* One that does not wait goes by, with all that follows. */
	buf_init(&big, 1 << 20);
	buf_put(&big, STR("c SEARCH SUBJECT {70000+}\r\n"));
	while (big.n < 70000 + 27)
		buf_put(&big, STR("x LOGOUT\r\n"));
	buf_cut(&big, 70000 + 27);
	buf_put(&big, STR(" TEXT {5+}\r\nhello FROM {3}\r\n"));
	buf_reset(&c->sent);
	fake_send(c, buf_str(&big), 7777);
	check_str(buf_str(&c->sent), STR("c NO [TOOBIG] Literal too big\r\n"));
	ask(c, "d NOOP", "d OK NOOP completed\r\n");
	/* Endless ones end the session. */
	ask(c, "e SEARCH SUBJECT {9999999999+}", "* BYE Line too long\r\n");
	assert_true(c->closed);
	buf_deinit(&big);
}

/* A literal before login takes little memory, and many little ones do not add up. */
static void test_literals_before_login(void **state)
{
	struct conn *c = fake_open(0, &f.service, false);

	(void)state;
	for (int i = 0; i < 100 && !c->closed; i++) {
		struct imap *s = c->session;

		fake_send(c, i ? STR(" {4096+}\r\n") : STR("a LOGIN {4096+}\r\n"), SIZE_MAX);
		for (int k = 0; k < 4096 / 8 && !c->closed; k++)
			fake_send(c, STR("password"), SIZE_MAX);
		if (!c->closed)
			assert_true(s->input.text.n <= 4 * LIMIT_imap_line_login);
	}
}

static void test_waiting_is_cheap(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct imap *s = c->session;

	(void)state;
	imap_fixture_deliver(&f, "INBOX", STR("one"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	ask(c, "b FETCH 1 BODY[]", "b OK FETCH completed\r\n");
	assert_null(s->run.arena.block);
	assert_null(s->input.text.p);
	ask(c, "c IDLE", "+ idling\r\n");
	assert_null(s->run.arena.block);
	assert_in_range(sizeof(struct imap) + s->input.text.cap, 0, 1024);
	assert_in_range(s->selected.view.cap, 0, 4);
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
	    "* 402 EXISTS\r\n* 200 RECENT\r\n* 1 FETCH (FLAGS (\\Deleted))\r\n"
	    "f OK NOOP completed\r\n");
	ask(c, "g SELECT INBOX", "SELECT completed\r\n");
	ask(d, "e EXPUNGE", "EXPUNGE completed\r\n");
	forget("INBOX");
	ask(c, "h NOOP", "* BYE Too much has changed, please connect again\r\n");
	assert_true(c->closed);
}

static enum err quota_set(const struct mail_txn *m, void *arg)
{
	struct account account;
	enum err e = account_get(m->t, m->account, txn_arena(m->t), &account);

	(void)arg;
	account.quota_bytes = 200;
	return e ? e : account_change(m->t, &account, NULL);
}

static void test_keyword_limit(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };

	(void)state;
	imap_fixture_deliver(&f, "INBOX", STR("one"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	for (int i = FLAG_CUSTOM; i < MAIL_STORE_KEYWORDS; i++)
		ask(c, str_z(&a, str_fmt(&a, "b STORE 1 +FLAGS.SILENT k%d", i)),
		    "b OK STORE completed\r\n");
	buf_reset(&c->sent);
	fake_send(c, STR("c STORE 1 +FLAGS one-more\r\n"), SIZE_MAX);
	assert_true(str_starts(buf_str(&c->sent), STR("c NO [LIMIT] ")));
	buf_reset(&c->sent);
	fake_send(c, STR("d APPEND INBOX (one-more) {3+}\r\nabc\r\n"), SIZE_MAX);
	assert_true(str_starts(buf_str(&c->sent), STR("d NO [LIMIT] ")));
	arena_deinit(&a);
}

static void test_quota(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);

	(void)state;
	assert_int_equal(mail_write(&f.mail, f.account, quota_set, NULL), OK);
	imap_fixture_deliver(&f, "INBOX", STR("one"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	ask(c, "b APPEND INBOX {500}", "b NO [OVERQUOTA] Not enough room in this account\r\n");
	buf_reset(&c->sent);
	fake_send(c, STR("c COPY 1 Archive\r\n"), SIZE_MAX);
	assert_true(str_starts(buf_str(&c->sent), STR("c NO [OVERQUOTA] ")));
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

/* What others see of the account. */
static void see(struct conn *d, struct buf *out)
{
	static const char *const looks[] = {
		"l LIST \"\" * RETURN (STATUS (MESSAGES UIDNEXT UNSEEN DELETED SIZE))",
		"l LSUB \"\" *",
		"l UID SEARCH KEYWORD new",
	};

	buf_reset(out);
	ask(d, "l EXAMINE INBOX", " completed\r\n");
	for (size_t i = 0; i < COUNT(looks); i++)
		buf_put(out, ask(d, looks[i], " completed\r\n"));
}

/* Each fallible call in turn: after OK it is done, after NO nothing is, and the store is sound
 * in any case. */
static void test_faults(void **state)
{
	static const struct {
		const char *command;
		enum { NOTHING, IF_OK, MAYBE } changes;
	} rows[] = {
		{ "SELECT INBOX", NOTHING },
		{ "FETCH * (BODY.PEEK[] ENVELOPE)", NOTHING },
		{ "FETCH * (BODY[] ENVELOPE)", MAYBE }, /* \Seen comes first, if it can */
		{ "STORE * +FLAGS (\\Flagged new)", IF_OK },
		{ "COPY * Archive", IF_OK },
		{ "MOVE * Trash", IF_OK },
		{ "EXPUNGE", IF_OK },
		{ "CREATE a/b", IF_OK },
		{ "RENAME a c", IF_OK },
		{ "DELETE c/b", IF_OK },
		{ "SUBSCRIBE x", MAYBE }, /* it may be already */
		{ "LIST \"\" *", NOTHING },
		{ "STATUS INBOX (MESSAGES RECENT)", NOTHING },
		{ "APPEND INBOX {3+}\r\nabc", IF_OK },
		{ "SEARCH TEXT hello", NOTHING },
		{ "CLOSE", IF_OK },
	};
	struct conn *d = imap_fixture_login(&f, 1);
	struct buf before, after;

	(void)state;
	buf_init(&before, 100000);
	buf_init(&after, 100000);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (unsigned n = 1;; n++) {
			struct conn *c = imap_fixture_login(&f, 0);
			struct arena a = { 0 };
			bool fired, ok, refused, same;

			imap_fixture_deliver(&f, "INBOX", STR("one"));
			ask(c, "s SELECT INBOX", "SELECT completed\r\n");
			ask(c, "s STORE * +FLAGS.SILENT (\\Deleted)", "STORE completed\r\n");
			see(d, &before);
			buf_reset(&c->sent);
			fault_arm(n);
			fake_send(c, str_fmt(&a, "t %s\r\n", rows[i].command), SIZE_MAX);
			fired = fault_fired();
			fault_arm(0);
			ok = count(buf_str(&c->sent), "t OK") == 1;
			refused = count(buf_str(&c->sent), "t NO") == 1;
			check_at(i, c->closed || ok + refused == 1);
			check_at(i, fired || n == 1 || ok || refused);
			see(d, &after);
			same = str_eq(buf_str(&before), buf_str(&after));
			check_at(i, rows[i].changes == MAYBE || !(ok || refused) ||
			                    same == (refused || rows[i].changes == NOTHING));
			if (!c->closed)
				ask(c, "u NOOP", "u OK NOOP completed\r\n");
			arena_deinit(&a);
			fake_close(c);
			mail_store_fsck(&f.mail);
			ask(d, "m SELECT INBOX", "SELECT completed\r\n");
			ask(d, "m STORE 1:* +FLAGS.SILENT (\\Deleted)", "STORE completed\r\n");
			ask(d, "m EXPUNGE", "EXPUNGE completed\r\n");
			if (!fired)
				break;
			assert_true(n < 300);
		}
	buf_deinit(&after);
	buf_deinit(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_big_message, setup, teardown),
		cmocka_unit_test_setup_teardown(test_search_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fetch_takes_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_expunged_in_a_literal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list_takes_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_news, setup, teardown),
		cmocka_unit_test_setup_teardown(test_news_idle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_news_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answer_is_not_idle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_account_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_line_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_literal_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_literals_before_login, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waiting_is_cheap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keyword_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_log_pruned, setup, teardown),
		cmocka_unit_test_setup_teardown(test_log_pruned_view_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quota, setup, teardown),
		cmocka_unit_test(test_command_table),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
