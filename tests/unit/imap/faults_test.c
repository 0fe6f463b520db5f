/* What is left of a command that fails in the middle. */
#include "unit/imap/session_fixture.h"

#include "mailbox/keys.h"
#include "mailbox/records.h"
#include "store/store.h"

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

enum damage { DAMAGED_RECORD, DAMAGED_SIZE };

struct damaging {
	enum damage damage;
	uint32_t account, uid, mailbox;
};

/* Its record is nonsense, or says that there is more of it than there is. */
static enum err damage(const struct mail_txn *m, void *arg)
{
	const struct damaging *d = arg;
	struct email_row row;
	struct email email;
	struct buf record;
	struct key k;
	enum err e = email_row_get(m, d->mailbox, d->uid, &row);

	if (e || (e = email_get(m, row.email, &email)))
		return e;
	key_email(&k, d->account, row.email);
	buf_init(&record, 4096);
	email.size_bytes += 1 << 20;
	if (d->damage == DAMAGED_RECORD)
		buf_put(&record, STR("nonsense"));
	else
		email_pack(&record, &email);
	e = kv_put(m->t, SPACE_EMAIL, key_str(&k), str_dup(txn_arena(m->t), buf_str(&record)));
	buf_deinit(&record);
	return e;
}

/* A damaged message says so; the others of its mailbox can be read. */
static void test_damaged_message(void **state)
{
	struct damaging d = { .account = f.account, .uid = 2 };
	struct conn *c = imap_fixture_login(&f, 0);
	struct str said;

	(void)state;
	d.mailbox = mail_box(&f.mail, f.account, "INBOX").id;
	for (int i = 0; i < 3; i++)
		imap_fixture_deliver(&f, "INBOX", STR("one"));
	d.damage = DAMAGED_SIZE;
	assert_int_equal(mail_write(&f.mail, f.account, damage, &d), OK);
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	said = ask(c, "b FETCH 1:* BODY.PEEK[]", "b OK FETCH completed\r\n");
	assert_int_equal(count(said, "Hello one"), 3);
	assert_int_equal(count(said, "BODY[] {1048724}\r\n"), 1);
	assert_int_equal(count(said, "\r\n* NO [CORRUPTION] Message 2 is damaged\r\n* 3 FETCH"), 1);
	d.damage = DAMAGED_RECORD;
	assert_int_equal(mail_write(&f.mail, f.account, damage, &d), OK);
	said = ask(c, "c FETCH 1:* ENVELOPE", "c OK FETCH completed\r\n");
	assert_int_equal(count(said, "* NO [CORRUPTION] Message 2 is damaged\r\n"), 1);
	assert_int_equal(count(said, " FETCH (ENVELOPE "), 2);
	said = ask(c, "d UID FETCH 1:* (BODY.PEEK[] FLAGS)", "d OK FETCH completed\r\n");
	assert_int_equal(count(said, "* 2 FETCH (UID 2 FLAGS (\\Recent) BODY[] NIL)\r\n"
	                             "* NO [CORRUPTION] Message 2 is damaged\r\n"),
	                 1);
	assert_int_equal(count(said, "Hello one"), 2);
	ask(c, "e SEARCH BODY Hello", "* SEARCH 1 3\r\ne OK SEARCH completed\r\n");
	ask(c, "f FETCH 2 (FLAGS RFC822.SIZE)", "f OK FETCH completed\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_faults),
		TEST(test_damaged_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
