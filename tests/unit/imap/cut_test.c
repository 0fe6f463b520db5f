/* A connection that is lost: in lines of the transcripts of tests/golden/imap, and behind every
 * byte of each command that changes something. The store is whole, and the account has all that
 * the command does or nothing.
 * Slow: it has one session for each cut. */
#include "unit/imap/transcript_host.h"

static void test_transcripts_cut(void **state)
{
	(void)state;
	transcripts_cut("imap", &host, getenv("ROOST_CUT_ALL") ? 1 : 8);
}

/* --- behind every byte ------------------------------------------------------------------ */

#define SELECTED "s SELECT INBOX\r\n"
#define QRESYNC "s ENABLE QRESYNC\r\n" SELECTED
#define UIDONLY "s ENABLE UIDONLY\r\n" SELECTED
#define DELETED SELECTED "s STORE 1 +FLAGS.SILENT (\\Deleted)\r\n"
#define URL "/INBOX/;UID=1"

/* What is sent whole, and the command that is cut; each begins with one message in INBOX. */
static const struct {
	const char *before, *command;
	bool changes;
} lost[] = {
	{ "", "a APPEND Drafts (\\Seen k) \" 1-Feb-1994 12:00:00 +0000\" {5+}\r\nabcde\r\n", true },
	{ "", "a APPEND {6+}\r\nDrafts {5+}\r\nabcde (k) {3+}\r\nfgh {2+}\r\nij\r\n", true },
	{ "",
	  "a APPEND Drafts CATENATE (TEXT {2+}\r\nab URL \"" URL "\" TEXT {1+}\r\nx)\r\n",
	  true },
	{ "",
	  "a APPEND Drafts CATENATE (URL {13+}\r\n" URL ") UTF8 (~{3+}\r\nabc) {1+}\r\nx\r\n",
	  true },
	{ SELECTED, "a UID REPLACE 1 Drafts {5+}\r\nabcde\r\n", true },
	{ SELECTED, "a REPLACE 1 Drafts CATENATE (URL \";UID=1\" TEXT {2+}\r\nab)\r\n", true },
	{ SELECTED, "a UID MOVE 1 Drafts\r\n", true },
	{ QRESYNC, "a UID MOVE 1:* Drafts\r\n", true },
	{ SELECTED, "a COPY 1:* {6+}\r\nDrafts\r\n", true },
	{ SELECTED, "a UID STORE 1 +FLAGS (\\Deleted new)\r\n", true },
	{ QRESYNC, "a STORE 1 (UNCHANGEDSINCE 1000) FLAGS.SILENT (\\Flagged)\r\n", true },
	{ SELECTED, "a FETCH 1 (BODY[] BINARY.SIZE[1])\r\n", true }, /* \Seen */
	{ UIDONLY, "a UID FETCH 1 (BINARY.PEEK[1] PREVIEW (LAZY) EMAILID)\r\n", false },
	{ DELETED, "a EXPUNGE\r\n", true },
	{ DELETED, "a UID EXPUNGE 1\r\n", true },
	{ DELETED, "a CLOSE\r\n", true },
	{ DELETED, "a UNSELECT\r\n", false },
	{ DELETED, "a SELECT Drafts\r\n", false },
	{ "", "a CREATE {7+}\r\nother/a\r\n", true },
	{ "", "a DELETE Archive\r\n", true },
	{ "", "a RENAME Archive {3+}\r\nold\r\n", true },
	{ "", "a RENAME INBOX old\r\n", true },
	{ "", "a SUBSCRIBE Nowhere\r\n", true },
	{ "", "a UNSUBSCRIBE Archive\r\n", true },
	{ "", "a SETACL INBOX anyone lrs\r\n", true },
	{ "s SETACL INBOX anyone lr\r\n", "a DELETEACL INBOX anyone\r\n", true },
	{ "",
	  "a SETMETADATA INBOX (/private/comment {5+}\r\nhello /shared/comment \"x\")\r\n",
	  true },
	{ SELECTED, "a SEARCH RETURN (SAVE ALL) TEXT {5+}\r\nhello NOT (DELETED)\r\n", false },
	{ "", "a LIST (SUBSCRIBED) \"\" (INBOX {1+}\r\n*) RETURN (CHILDREN)\r\n", false },
	{ SELECTED, "a SEARCH RETURN (UPDATE ALL) UID 1:*\r\nb CANCELUPDATE \"a\"\r\n", false },
	{ SELECTED "u UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNSEEN\r\n",
	  "a UID STORE 1 +FLAGS (\\Seen)\r\n", true },
	{ SELECTED, "a IDLE\r\nDONE\r\n", false },
	{ "", "a COMPRESS DEFLATE\r\n", false },
	{ "", "a UNAUTHENTICATE\r\nb LOGIN user@example.org {6+}\r\nsecret\r\n", false },
};

/* All that a session of the account can see of it. */
static void see(struct imap_fixture *f, struct buf *out)
{
	struct conn *c = imap_fixture_login(f, 1);

	fake_send(c,
	          STR("a LIST \"\" * RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UIDNEXT "
	              "UNSEEN DELETED SIZE HIGHESTMODSEQ))\r\n"
	              "b LSUB \"\" *\r\nc GETACL INBOX\r\n"
	              "d GETMETADATA (DEPTH infinity) INBOX (/private /shared)\r\n"
	              "e EXAMINE INBOX\r\nf UID FETCH 1:* (FLAGS BODY.PEEK[])\r\n"),
	          SIZE_MAX);
	buf_reset(out);
	buf_put(out, buf_str(&c->sent));
	fake_close(c);
}

/* A session of its own that sends both, hears that the other end is gone, and is no more. */
static void send_cut(struct imap_fixture *f, struct str before, struct str command)
{
	struct conn *c = imap_fixture_login(f, 0);

	fake_send(c, before, SIZE_MAX);
	fake_send(c, command, SIZE_MAX);
	fake_run(c, CONN_EOF);
	fake_close(c);
}

static void test_cut_everywhere(void **state)
{
	struct buf before, after;

	(void)state;
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	for (size_t i = 0; i < COUNT(lost); i++) {
		struct str whole = str_of(lost[i].command), first = str_of(lost[i].before);
		struct imap_fixture f;

		imap_fixture_open(&f);
		(void)imap_fixture_deliver(&f, "INBOX", STR("one"));
		send_cut(&f, first, STR_EMPTY);
		see(&f, &before);
		for (size_t n = 1; n < whole.n; n++) {
			send_cut(&f, first, str_sub(whole, 0, n));
			see(&f, &after);
			check_at(i, str_eq(buf_str(&before), buf_str(&after)));
		}
		mail_store_fsck(&f.mail);
		send_cut(&f, first, whole);
		see(&f, &after);
		check_at(i, str_eq(buf_str(&before), buf_str(&after)) != lost[i].changes);
		mail_store_fsck(&f.mail);
		imap_fixture_close(&f);
	}
	buf_deinit(&after);
	buf_deinit(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transcripts_cut),
		cmocka_unit_test(test_cut_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
