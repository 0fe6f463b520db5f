/* What is left of a command that fails in the middle. */
#include "unit/imap/session_fixture.h"

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
		TEST(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
