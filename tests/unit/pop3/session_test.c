/* The session beside its transcripts: each command in each state, the lock, maildrops past the
 * maximum, long answers in pieces, and a failing store at QUIT. */
#include "unit/pop3/fixture.h"

#include "foundation/base/cur.h"
#include "foundation/base/fault.h"
#include "protocols/pop3/commands.h"
#include "protocols/pop3/session.h"

#include <stdio.h>

static struct pop3_fixture fixture;

static int fixture_up(void **state)
{
	(void)state;
	pop3_fixture_open(&fixture);
	return 0;
}

static int fixture_down(void **state)
{
	(void)state;
	mail_store_fsck(&fixture.imap.mail);
	pop3_fixture_close(&fixture);
	return 0;
}

static bool said(const struct conn *c, const char *begin)
{
	return str_starts(buf_str(&c->sent), str_of(begin));
}

static const char *reply(struct conn *c, const char *line)
{
	static char text[200];

	buf_reset(&c->sent);
	fake_send(c, str_of(line), SIZE_MAX);
	snprintf(text, sizeof text, "%.*s", STR_ARG(buf_str(&c->sent)));
	return text;
}

/* A good form of each command. */
static const char *const forms[] = { "AUTH", "CAPA", "DELE 1", "LANG", "LIST", "NOOP",
	                             "PASS secret", "QUIT", "RETR 1", "RSET", "STAT", "STLS",
	                             "TOP 1 0", "UIDL", "USER user@example.org", "UTF8" };

/* A command is refused for its state there and only there where its row says so. */
static void test_states(void **state)
{
	struct arena a = { 0 };

	(void)state;
	assert_int_equal(COUNT(forms), pop3_row_count);
	imap_fixture_deliver(&fixture.imap, "INBOX", STR("one"));
	for (size_t i = 0; i < pop3_row_count; i++) {
		struct str line = str_fmt(&a, "%s\r\n", forms[i]);

		assert_true(str_starts(line, str_of(pop3_rows[i].verb)));
		for (enum pop3_state s = POP3_START; s <= POP3_MAIL; s += POP3_MAIL - POP3_START) {
			struct conn *c = s == POP3_MAIL ? pop3_fixture_login(&fixture, 0)
			                                : fake_open(0, &fixture.service, false);
			bool refused;

			buf_reset(&c->sent);
			fake_send(c, line, SIZE_MAX);
			refused = said(c, s == POP3_MAIL ? "-ERR you are logged in\r\n"
			                                 : "-ERR log in first\r\n");
			check_at(i, refused == !(pop3_rows[i].states & BIT(s)));
			fake_close(c);
		}
	}
	arena_deinit(&a);
}

static void test_lock(void **state)
{
	struct conn *one = pop3_fixture_login(&fixture, 0), *two;

	(void)state;
	two = fake_open(1, &fixture.service, false);
	fake_send(two, STR("USER user@example.org\r\n"), SIZE_MAX);
	assert_true(str_starts(str_of(reply(two, "PASS secret\r\n")), STR("-ERR [IN-USE] ")));
	assert_string_equal(reply(one, "STAT\r\n"), "+OK 0 0\r\n");
	fake_close(one); /* without QUIT */
	fake_send(two, STR("USER user@example.org\r\n"), SIZE_MAX);
	assert_string_equal(reply(two, "PASS secret\r\n"), "+OK 0 messages (0 octets)\r\n");
}

/* The newest are listed, whatever was expunged. */
static void test_maximum(void **state)
{
	struct arena a = { 0 };
	struct conn *c;

	(void)state;
	for (int i = 1; i <= 9; i++)
		imap_fixture_deliver(&fixture.imap, "INBOX", str_fmt(&a, "letter %d", i));
	pop3_fixture_expunge(&fixture, 8);
	fixture.server.messages_max = 3;
	c = pop3_fixture_login(&fixture, 0);
	assert_true(str_starts(str_of(reply(c, "STAT\r\n")), STR("+OK 3 ")));
	fake_send(c, STR("TOP 1 0\r\nTOP 2 0\r\nTOP 3 0\r\n"), SIZE_MAX);
	assert_true(str_find(buf_str(&c->sent), STR("letter 6\r\n")) > 0);
	assert_true(str_find(buf_str(&c->sent), STR("letter 7\r\n")) > 0);
	assert_true(str_find(buf_str(&c->sent), STR("letter 9\r\n")) > 0);
	arena_deinit(&a);
}

/* Longer than the output holds, than a slice, and than a piece of the blob. */
static void test_long_message(void **state)
{
	struct mailbox box = mail_box(&fixture.imap.mail, fixture.imap.account, "INBOX");
	struct email_appended done = { 0 };
	struct buf raw;
	struct conn *c;
	struct str got;

	(void)state;
	buf_init(&raw, 8 << 20);
	buf_put(&raw, STR("Subject: long\r\n\r\n"));
	for (unsigned i = 0; raw.n < 3 << 20; i++)
		buf_fmt(&raw, ".%u is a line of many\r\n", i * 7919);
	if (mail_do_append(&fixture.imap.mail, fixture.imap.account, box.id, buf_str(&raw),
	                   (struct flags){ 0 }, &done) != OK)
		abort();
	c = pop3_fixture_login(&fixture, 0);
	c->most = 0;
	fake_send(c, STR("RETR 1\r\n"), SIZE_MAX);
	assert_true(c->most < 4 * CONN_OUT_SOFT);
	got = buf_str(&c->sent);
	assert_true(str_starts(got, STR("+OK ")) && str_ends(got, STR("\r\n.\r\n")));
	for (struct cur left = cur_of(buf_str(&raw)), sent = cur_of(got);;) {
		struct str want, have;

		if (raw.n == cur_left(&left)) /* the first line of the response */
			assert_true(cur_line(&sent, &have));
		if (!cur_line(&left, &want))
			break;
		assert_true(cur_line(&sent, &have));
		if (want.n != 0 && want.p[0] == '.')
			have = str_sub(have, 1, have.n);
		check_str(have, want);
	}
	buf_deinit(&raw);
}

/* Whatever fails in the update: nothing is deleted, and the client is told. */
static void test_quit_fails(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		imap_fixture_deliver(&fixture.imap, "INBOX", STR("letter"));
	for (unsigned n = 1;; n++) {
		struct conn *c = pop3_fixture_login(&fixture, 0);
		uint32_t left;
		bool fired;

		fake_send(c, STR("DELE 1\r\nDELE 3\r\n"), SIZE_MAX);
		fault_arm(n);
		reply(c, "QUIT\r\n");
		fired = fault_fired();
		fault_arm(0);
		left = mail_box(&fixture.imap.mail, fixture.imap.account, "INBOX").exists;
		check_at(n, left == (said(c, "+OK 2 messages deleted\r\n") ? 1 : 3));
		check_at(n, fired == said(c, "-ERR [SYS/TEMP] no message was deleted"));
		check_at(n, c->closed);
		fake_close(c);
		if (!fired)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_states, fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(test_lock, fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(test_maximum, fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(test_long_message, fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(test_quit_fails, fixture_up, fixture_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
