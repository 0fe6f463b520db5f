/* A message that is damaged in the store: it says so, and the others of its mailbox are read,
 * found, sorted, flagged, copied, moved and expunged as ever. */
#include "unit/imap/session_fixture.h"

#include "model/mailbox/keys.h"
#include "model/mailbox/records.h"
#include "model/store/blob_rows.h"
#include "model/store/store.h"

enum damage {
	RECORD,      /* is nonsense                              */
	RECORD_GONE, /* is not there                             */
	RECORD_SIZE, /* says that there is more than there is    */
	BLOB,        /* cannot be unpacked                       */
	BLOB_GONE,   /* is not there                             */
	ROW,         /* its place in the mailbox is nonsense     */
	DAMAGES
};

struct damaging {
	enum damage damage;
	uint32_t mailbox;
};

static enum err record_write(const struct mail_txn *m, uint64_t id, struct str record)
{
	struct key k;

	key_email(&k, m->account, id);
	if (!record.p)
		return kv_del(m->t, SPACE_EMAIL, key_str(&k));
	return kv_put(m->t, SPACE_EMAIL, key_str(&k), str_dup(txn_arena(m->t), record));
}

static enum err record_size(const struct mail_txn *m, uint64_t id, struct email *email)
{
	struct buf record;
	enum err e;

	buf_init(&record, 4096);
	email->size_bytes += 1 << 20;
	email_pack(&record, email);
	e = record_write(m, id, buf_str(&record));
	buf_deinit(&record);
	return e;
}

/* The chunk that the blob consists of: nonsense, or gone. */
static enum err chunk_write(const struct mail_txn *m, const struct blob_id *id, bool gone)
{
	struct chunk_key key;
	struct blob_row row;
	enum err e = blob_row_get(m->t, id, &row);

	if (e)
		return e;
	if (gone)
		return kv_del(m->t, SPACE_CHUNK, chunk_key(&key, row.number, 0));
	return kv_put(m->t, SPACE_CHUNK, chunk_key(&key, row.number, 0), STR("\x01nonsense"));
}

/* Message 2. */
static enum err damage(const struct mail_txn *m, void *arg)
{
	const struct damaging *d = arg;
	struct email_row row;
	struct email email;
	struct key k;
	enum err e = email_row_get(m, d->mailbox, 2, &row);

	if (e || (e = email_get(m, row.email, &email)))
		return e;
	key_uid(&k, m->account, d->mailbox, 2);
	switch (d->damage) {
	case RECORD:
		return record_write(m, row.email, STR("nonsense"));
	case RECORD_GONE:
		return record_write(m, row.email, (struct str){ 0 });
	case RECORD_SIZE:
		return record_size(m, row.email, &email);
	case BLOB:
	case BLOB_GONE:
		return chunk_write(m, &email.blob, d->damage == BLOB_GONE);
	case ROW:
		return kv_put(m->t, SPACE_UID, key_str(&k), STR("nonsense"));
	case DAMAGES:
		break;
	}
	return ERR_MISSING;
}

/* A session that may look at three messages, the second of which is damaged. */
static struct conn *damaged(enum damage how, const char *mailbox)
{
	struct damaging d = { .damage = how };

	imap_fixture_close(&f);
	imap_fixture_open(&f);
	d.mailbox = mail_box(&f.mail, f.account, mailbox).id;
	(void)imap_fixture_deliver(&f, mailbox, STR("one"));
	(void)imap_fixture_deliver(&f, mailbox, STR("two"));
	(void)imap_fixture_deliver(&f, mailbox, STR("three"));
	assert_int_equal(mail_write(&f.mail, f.account, damage, &d), OK);
	return imap_fixture_login(&f, 0);
}

/* One session does all of these, the later ones with what the earlier ones left. Each answer
 * holds what is said of the messages 1 and 3, `with`, so often; message 2 is what it may be. */
static const struct {
	const char *command, *with;
	unsigned times;
} asked[] = {
	{ "SELECT INBOX", "* 3 EXISTS", 1 },
	{ "STATUS INBOX (MESSAGES UNSEEN SIZE)", "(MESSAGES 3 UNSEEN 3 SIZE 450)", 1 },
	{ "FETCH 1:* (UID FLAGS)", "FLAGS (\\Recent))", 3 },
	{ "FETCH 1,3 (RFC822.SIZE INTERNALDATE SAVEDATE)", "SAVEDATE \"", 2 },
	{ "FETCH 1:* (EMAILID THREADID)", "* 3 FETCH (EMAILID (M", 1 },
	{ "FETCH 1:* ENVELOPE", "* 3 FETCH (ENVELOPE (\"", 1 },
	{ "FETCH 1:* BODYSTRUCTURE", "* 3 FETCH (BODYSTRUCTURE (\"text\"", 1 },
	{ "FETCH 1:* FULL", "* 3 FETCH (FLAGS (\\Recent)", 1 },
	{ "FETCH 1:* PREVIEW", "* 3 FETCH (PREVIEW \"Hello three\")", 1 },
	{ "FETCH 1:* BODY.PEEK[]", "* 3 FETCH (BODY[] {154}\r\n", 1 },
	{ "FETCH 1:* BODY.PEEK[HEADER]", "Subject: three", 1 },
	{ "FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]", "Subject: three", 1 },
	{ "FETCH 1:* BODY.PEEK[1]<6.5>", "* 3 FETCH (BODY[1]<6> {5}\r\nthree", 1 },
	{ "FETCH 1:* BINARY.PEEK[1]", "Hello three", 1 },
	{ "FETCH 1:* BINARY.SIZE[1]", "* 3 FETCH (BINARY.SIZE[1] 13)", 1 },
	{ "FETCH 1:* RFC822.TEXT", "Hello three", 1 }, /* \Seen */
	{ "SEARCH ALL", "* SEARCH 1 2 3\r\n", 1 },
	{ "SEARCH UNSEEN", "* SEARCH\r\n", 1 },
	{ "SEARCH 1,3 BODY Hello", "* SEARCH 1 3\r\n", 1 },
	{ "SEARCH 1,3 SUBJECT e", "* SEARCH 1 3\r\n", 1 },
	{ "SEARCH 1,3 LARGER 100 SENTSINCE 1-Jan-1990 TEXT ada", "* SEARCH 1 3\r\n", 1 },
	{ "SEARCH BODY three", "* SEARCH 3\r\n", 1 },
	{ "SORT (SUBJECT) UTF-8 1,3", "* SORT 1 3\r\n", 1 },
	{ "SORT (DATE) UTF-8 ALL", "* SORT ", 1 },
	{ "SORT (FROM REVERSE SIZE) UTF-8 ALL", "* SORT ", 1 },
	{ "SORT (ARRIVAL) UTF-8 ALL", "* SORT ", 1 },
	{ "THREAD REFERENCES UTF-8 ALL", "(3)", 1 },
	{ "THREAD ORDEREDSUBJECT UTF-8 ALL", "(3)", 1 },
	{ "STORE 1:3 +FLAGS (\\Flagged)", "\\Flagged \\Recent))\r\n", 3 },
	{ "COPY 1,3 Archive", "1,3 1:2] COPY", 1 },
	{ "APPEND Drafts CATENATE (URL \"/INBOX/;UID=3\")", "[APPENDUID ", 1 },
	{ "MOVE 1 Archive", "* 1 EXPUNGE", 1 },
	{ "REPLACE 2 INBOX {12+}\r\nSubject: t\r\n", "* 2 EXPUNGE", 1 },
	{ "STORE 1 +FLAGS (\\Deleted)", "* 1 FETCH (FLAGS (", 1 },
	{ "EXPUNGE", "* 1 EXPUNGE\r\n", 1 },
	{ "FETCH 1 RFC822.HEADER", "Subject: t\r\n", 1 },
};

/* Whatever is damaged, all of that goes well, and in the end the damaged message is gone. */
static void test_others_are_read(void **state)
{
	(void)state;
	for (int how = 0; how < DAMAGES; how++) {
		struct conn *c = damaged((enum damage)how, "INBOX");

		for (size_t i = 0; i < COUNT(asked); i++) {
			struct arena a = { 0 };

			buf_reset(&c->sent);
			fake_send(c, str_fmt(&a, "t %s\r\n", asked[i].command), SIZE_MAX);
			if (count(buf_str(&c->sent), asked[i].with) != asked[i].times ||
			    !count(buf_str(&c->sent), "t OK "))
				fail_msg("damage %d, %s: %.*s", how, asked[i].command,
				         STR_ARG(buf_str(&c->sent)));
			arena_deinit(&a);
		}
		assert_int_equal(mail_box(&f.mail, f.account, "INBOX").exists, 1);
	}
}

/* It says so itself, and nothing is made of it that looks sound. */
static void test_it_says_so(void **state)
{
	static const struct {
		const char *command, *with;
		unsigned damages;
	} rows[] = {
		{ "FETCH 2 ENVELOPE", "* NO [CORRUPTION] Message 2 is damaged\r\n",
		  BIT(RECORD) | BIT(RECORD_GONE) | BIT(ROW) },
		{ "FETCH 2 BODY.PEEK[]", "* NO [CORRUPTION] Message 2 is damaged\r\n",
		  BIT(RECORD) | BIT(RECORD_SIZE) | BIT(BLOB) | BIT(BLOB_GONE) | BIT(ROW) },
		{ "FETCH 1:* BODY.PEEK[]", "BODY[] {1048724}\r\n", BIT(RECORD_SIZE) },
		{ "FETCH 1:* BODY.PEEK[]",
		  "\r\n* NO [CORRUPTION] Message 2 is damaged\r\n* 3 FETCH", BIT(RECORD_SIZE) },
		{ "FETCH 2 BODY.PEEK[]", "a OK [EXPUNGEISSUED]", BIT(RECORD_GONE) },
		{ "COPY 1:3 Archive", "a NO [CORRUPTION]",
		  BIT(RECORD) | BIT(RECORD_GONE) | BIT(ROW) },
		{ "MOVE 2 Archive", "a NO [CORRUPTION]", BIT(ROW) },
		{ "APPEND Drafts CATENATE (TEXT {1+}\r\nx URL \"/INBOX/;UID=2\")", "a NO [",
		  BIT(DAMAGES) - 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int how = 0; how < DAMAGES; how++) {
			struct arena a = { 0 };
			struct conn *c;

			if (!(rows[i].damages & BIT(how)))
				continue;
			c = damaged((enum damage)how, "INBOX");
			ask(c, "s SELECT INBOX", "SELECT completed\r\n");
			buf_reset(&c->sent);
			fake_send(c, str_fmt(&a, "a %s\r\n", rows[i].command), SIZE_MAX);
			if (count(buf_str(&c->sent), rows[i].with) != 1)
				fail_msg("damage %d, %s: %.*s", how, rows[i].command,
				         STR_ARG(buf_str(&c->sent)));
			assert_int_equal(mail_box(&f.mail, f.account, "Archive").exists, 0);
			assert_int_equal(mail_box(&f.mail, f.account, "Drafts").exists, 0);
			ask(c, "n NOOP", "n OK NOOP completed\r\n");
			arena_deinit(&a);
		}
}

/* Results that are followed go on being followed, by what the damaged one is in a new search. */
static void test_followed(void **state)
{
	(void)state;
	for (int how = 0; how < DAMAGES; how++) {
		struct conn *c = damaged((enum damage)how, "INBOX");
		struct str said;

		ask(c, "s SELECT INBOX", "SELECT completed\r\n");
		ask(c, "a SEARCH RETURN (UPDATE) FLAGGED", "SEARCH completed\r\n");
		ask(c, "b SORT RETURN (UPDATE) (SUBJECT ARRIVAL) UTF-8 FLAGGED",
		    "SORT completed\r\n");
		said = ask(c, "c STORE 1:3 +FLAGS.SILENT (\\Flagged)", "STORE completed\r\n");
		check_at((size_t)how, count(said, "(TAG \"a\") ADDTO (0 1:3)\r\n") == 1);
		check_at((size_t)how, count(said, "(TAG \"b\") ADDTO (1 ") == 1);
		said = ask(c, "d SORT RETURN (COUNT) (SUBJECT) UTF-8 FLAGGED", "completed\r\n");
		check_at((size_t)how, count(said, "COUNT 3\r\n") == 1);
		ask(c, "e STORE 2 +FLAGS.SILENT (\\Deleted)", "STORE completed\r\n");
		said = ask(c, "f EXPUNGE", "f OK EXPUNGE completed\r\n");
		check_at((size_t)how, count(said, "(TAG \"a\") REMOVEFROM (0 2)\r\n") == 1);
		check_at((size_t)how, count(said, "(TAG \"b\") REMOVEFROM (") == 1);
	}
}

static struct str url_of(struct conn *c, struct arena *a, const char *uid)
{
	struct str command = str_fmt(a,
	                             "g GENURLAUTH \"imap://user@example.org/INBOX/;uid=%s"
	                             "/;section=TEXT;urlauth=anonymous\" INTERNAL",
	                             uid);
	struct str said = ask(c, str_z(a, command), "GENURLAUTH completed\r\n");
	struct str url = str_sub(said, (size_t)str_find_byte(said, '"') + 1, said.n);

	return str_dup(a, str_sub(url, 0, (size_t)str_find_byte(url, '"')));
}

static void test_urlfetch(void **state)
{
	(void)state;
	for (int how = 0; how < DAMAGES; how++) {
		struct conn *c = damaged((enum damage)how, "INBOX");
		struct arena a = { 0 };
		struct str two = url_of(c, &a, "2"), three = url_of(c, &a, "3");
		struct str said = ask(c, str_z(&a, str_fmt(&a, "u URLFETCH \"%.*s\" \"%.*s\"",
		                                           STR_ARG(two), STR_ARG(three))),
		                      "u OK URLFETCH completed\r\n");

		check_at((size_t)how, count(said, "Hello three") == 1);
		check_at((size_t)how, count(said, " NIL\r\n") == 1);
		arena_deinit(&a);
	}
}

/* A mailbox that has one can be renamed and deleted. INBOX is moved message by message: then one
 * that cannot be moved keeps all of them. */
static void test_mailbox_with_one(void **state)
{
	(void)state;
	for (int how = 0; how < DAMAGES; how++) {
		struct conn *c = damaged((enum damage)how, "Archive");

		ask(c, "a RENAME Archive old", "a OK RENAME completed\r\n");
		ask(c, "b EXAMINE old", "EXAMINE completed\r\n");
		ask(c, "c UID FETCH 1:3 (UID)", "* 3 FETCH (UID 3)\r\nc OK FETCH completed\r\n");
		ask(c, "d UNSELECT", "UNSELECT completed\r\n");
		ask(c, "e DELETE old", "e OK DELETE completed\r\n");
		c = damaged((enum damage)how, "INBOX");
		ask(c, "f RENAME INBOX old",
		    how == ROW ? "f NO [CORRUPTION] Stored data is damaged\r\n"
		               : "f OK RENAME completed\r\n");
		assert_int_equal(
			mail_box(&f.mail, f.account, how == ROW ? "INBOX" : "old").exists, 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_others_are_read),
		TEST(test_it_says_so),
		TEST(test_followed),
		TEST(test_urlfetch),
		TEST(test_mailbox_with_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
