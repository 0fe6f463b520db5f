/* Sessions with a lot in them: long messages, long answers, many of either.
 * Slow: its messages and answers have many megabytes. */
#include "unit/imap/session_fixture.h"

#include "formats/imap_wire/fetch.h"
#include "foundation/text/base64.h"

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

/* Step by step until c is in the middle of a literal: in how many is a matter of the machine. */
static void send_into_literal(struct conn *c, struct str command)
{
	buf_reset(&c->sent);
	c->steps_left = 1;
	fake_send(c, command, SIZE_MAX);
	while (c->last == STEP_AGAIN && c->sent.n < 100000) {
		c->steps_left = 1;
		fake_run(c, CONN_AGAIN);
	}
	c->steps_left = 0;
	assert_in_range(c->sent.n, 100000, 4 << 20);
	assert_int_equal(c->last, STEP_AGAIN);
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
	send_into_literal(
		c, STR("b UID FETCH 1:2 (BODY.PEEK[HEADER] BODY.PEEK[] BODY.PEEK[TEXT])\r\n"));
	ask(d, "b STORE 1 +FLAGS.SILENT (\\Deleted)", "STORE completed\r\n");
	ask(d, "c EXPUNGE", "* 1 EXPUNGE\r\nc OK EXPUNGE completed\r\n");
	mail_store_fsck(&f.mail);
	fake_run(c, CONN_AGAIN);
	said = buf_str(&c->sent);
	assert_false(c->closed);
	assert_true(str_ends(said, STR("* 1 EXPUNGE\r\n* 1 RECENT\r\nb OK FETCH completed\r\n")));
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
	send_into_literal(c, STR("e UID FETCH 3 BODY.PEEK[]\r\n"));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_big_message),       TEST(test_search_in_pieces),
		TEST(test_fetch_takes_turns), TEST(test_expunged_in_a_literal),
		TEST(test_list_takes_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
