/* Sets, lists, search trees and names at their maximums and past them: one tagged reply each, as
 * the table says, and the session goes on. */
#include "unit/imap/session_fixture.h"

/* A piece so many times between two others. One that begins with # counts: 1, 3, 5... */
struct row {
	const char *begin, *piece, *end;
	size_t times;
	const char *reply; /* begins the tagged one */
};

static struct str line_of(struct buf *b, const struct row *row)
{
	buf_reset(b);
	buf_put(b, str_of(row->begin));
	for (size_t i = 0; i < row->times; i++)
		if (row->piece[0] == '#')
			buf_fmt(b, "%zu%s", 2 * i + 1, row->piece + 1);
		else
			buf_put(b, str_of(row->piece));
	buf_put(b, str_of(row->end));
	buf_put(b, STR("\r\n"));
	return buf_str(b);
}

static void rows_run(struct conn *c, const struct row *rows, size_t n)
{
	size_t bad = 0;
	struct buf b;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		struct str line = line_of(&b, &rows[i]);
		struct arena a = { 0 };
		struct str said;

		buf_reset(&c->sent);
		fake_send(c, line, 10000);
		said = buf_str(&c->sent);
		if (!str_starts(said, str_of(rows[i].reply)) &&
		    count(said, str_z(&a, str_fmt(&a, "\r\n%s", rows[i].reply))) != 1) {
			print_error("row %zu, %zu times \"%s\": %.*s\n", i, rows[i].times,
			            rows[i].piece,
			            STR_ARG(str_sub(said, said.n - MIN(said.n, 200), said.n)));
			bad++;
		}
		ask(c, "n NOOP", "n OK NOOP completed\r\n");
		arena_deinit(&a);
	}
	buf_deinit(&b);
	assert_int_equal(bad, 0);
}

static struct conn *selected(void)
{
	struct conn *c = imap_fixture_login(&f, 0);

	(void)imap_fixture_deliver(&f, "INBOX", STR("one"));
	(void)imap_fixture_deliver(&f, "INBOX", STR("two"));
	ask(c, "s SELECT INBOX", "SELECT completed\r\n");
	return c;
}

static void test_sets(void **state)
{
	static const struct row rows[] = {
		{ "t UID FETCH ", "#,", "2 (UID)", 9000, "t OK " },
		{ "t UID STORE ", "#:4294967295,", "2 +FLAGS.SILENT (\\Seen)", 3000, "t OK " },
		{ "t UID COPY ", "*:1,", "* Archive", 10000, "t OK [COPYUID " },
		{ "t UID SEARCH UID ", "1,", "4294967295", 20000, "t OK " },
		{ "t FETCH ", "1,", "2 (UID)", 20000, "t OK " },
		{ "t FETCH ", "1,", "3 (UID)", 10, "t BAD " },
		{ "t UID FETCH 4294967296 (UID)", "", "", 0, "t BAD " },
		{ "t UID FETCH 0 (UID)", "", "", 0, "t BAD " },
		{ "t UID FETCH 1", "0", " (UID)", 100, "t BAD " },
		{ "t UID FETCH ", ",", "1 (UID)", 1, "t BAD " },
		{ "t UID FETCH 1:2", ":3", " (UID)", 1, "t BAD " },
		{ "t UID FETCH 1:", "", " (UID)", 0, "t BAD " },
		{ "t UID FETCH 1,", "", " (UID)", 0, "t BAD " },
		{ "t UID FETCH $", ",1", " (UID)", 1, "t BAD " },
	};

	(void)state;
	rows_run(selected(), rows, COUNT(rows));
}

static void test_lists(void **state)
{
	static const struct row rows[] = {
		{ "t FETCH 1 (FLAGS", " FLAGS", ")", 5000, "t OK " },
		{ "t FETCH 1 (", "BODY.PEEK[1.1.1.1]<0.1> ", "UID)", 2000, "t OK " },
		{ "t FETCH 1 (BODY.PEEK[HEADER.FIELDS (X", " Subject", ")])", 499, "t OK " },
		{ "t FETCH 1 (BODY.PEEK[HEADER.FIELDS (X", " Subject", ")])", 500, "t BAD " },
		{ "t FETCH 1 BODY[1", ".1", "]", 5000, "t OK " },
		{ "t FETCH 1 ", "(", "FLAGS", 5000, "t BAD " },
		{ "t FETCH 1 (BODY[]<0.", "9", ">)", 30, "t BAD " },
		{ "t STORE 1 +FLAGS.SILENT (\\Seen", " \\Seen", ")", 5000, "t OK " },
		{ "t STORE 1 +FLAGS.SILENT (", "k", ")", 30, "t OK " },
		{ "t STORE 1 +FLAGS.SILENT (", "k", ")", 5000, "t NO [LIMIT] " },
		{ "t STATUS INBOX (MESSAGES", " UIDNEXT", ")", 5000, "t OK " },
		{ "t ENABLE X", " CONDSTORE", "", 5000, "t OK " },
		{ "t ID (\"name\" \"", "x", "\")", 1024, "t OK " },
		{ "t SORT (DATE", " SUBJECT", ") UTF-8 ALL", 5000, "t BAD " },
		{ "t LIST \"\" (INBOX", " INBOX", ")", 63, "t OK " },
		{ "t LIST \"\" (INBOX", " INBOX", ")", 64, "t BAD " },
	};

	(void)state;
	rows_run(selected(), rows, COUNT(rows));
}

static void test_trees(void **state)
{
	static const struct row rows[] = {
		{ "t SEARCH ALL", " SEEN", "", 2047, "t OK " },
		{ "t SEARCH ALL", " SEEN", "", 2048, "t BAD " },
		{ "t SEARCH ALL", " TEXT x", "", 2000, "t OK " },
		{ "t SEARCH ", "OR SEEN ", "ALL", 30, "t OK " },
		{ "t SEARCH ", "OR SEEN ", "ALL", 5000, "t BAD " },
		{ "t SEARCH ", "NOT ", "SEEN", 5000, "t BAD " },
		{ "t SEARCH ", "(", "ALL", 5000, "t BAD " },
		{ "t SEARCH ", "(", "ALL))", 3, "t BAD " },
		{ "t SEARCH LARGER ", "9", "", 30, "t BAD " },
		{ "t SEARCH MODSEQ ", "9", "", 30, "t BAD " },
		{ "t SEARCH SUBJECT \"", "x", "\"", 60000, "t OK " },
		{ "t SEARCH HEADER \"", "x", "\" y", 60000, "t OK " },
		{ "t SEARCH KEYWORD ", "k", "", 60000, "t OK " },
		{ "t SEARCH BEFORE ", "1", "-Jan-2026", 3, "t BAD " },
	};

	(void)state;
	rows_run(selected(), rows, COUNT(rows));
}

/* The fixture's accounts have names of 100 bytes at most. */
static void test_names(void **state)
{
	static const struct row rows[] = {
		{ "t CREATE ", "n", "", 100, "t OK " },
		{ "t CREATE ", "n", "", 101, "t NO " },
		{ "t CREATE x/", "n", "", 60000, "t NO " },
		{ "t CREATE a", "/b", "", 30, "t OK " },
		{ "t CREATE ", "/", "", 1000, "t NO " },
		{ "t CREATE a", "//", "b", 1, "t NO " },
		{ "t CREATE \"\"", "", "", 0, "t NO " },
		{ "t CREATE &", "AOk", "-", 1, "t OK " },
		{ "t CREATE &", "AOk", "", 1, "t NO [CANNOT] " },
		{ "t CREATE &AGE-", "", "", 0, "t NO [CANNOT] " }, /* "a" is plain */
		{ "t CREATE &2AA-", "", "", 0, "t NO [CANNOT] " }, /* half of a pair */
		{ "t CREATE &", "!", "-", 1, "t NO [CANNOT] " },
		{ "t CREATE \"", "\xc3\xa9", "\"", 1, "t NO [CANNOT] " }, /* not enabled */
		{ "t RENAME Archive ", "n", "", 101, "t NO " },
		{ "t SELECT ", "n", "", 5000, "t NO " },
		{ "t SELECT INBOX", "", "", 0, "t OK " },
		{ "t STATUS ", "n", " (MESSAGES)", 5000, "t NO " },
		{ "t SUBSCRIBE ", "n", "", 5000, "t NO " },
		{ "t LIST \"\" ", "n", "", 1000, "t OK " },
		{ "t COPY 1 ", "n", "", 5000, "t NO " },
		{ "e ENABLE UTF8=ACCEPT", "", "", 0, "e OK " },
		{ "t CREATE \"", "\xc3\xa9", "\"", 1, "t NO [ALREADYEXISTS]" },
		{ "t CREATE \"", "\xc3\xa8", "\"", 50, "t OK " },
		{ "t CREATE \"", "\xc3\xa8", "\"", 51, "t NO " },
		{ "t CREATE \"", "\xc3", "\"", 1, "t NO [CANNOT] " },         /* cut */
		{ "t CREATE \"", "\xc0\xaf", "\"", 1, "t NO [CANNOT] " },     /* overlong */
		{ "t CREATE \"", "\xed\xa0\x80", "\"", 1, "t NO [CANNOT] " }, /* a surrogate */
		{ "t CREATE \"", "\xf4\x90\x80\x80", "\"", 1, "t NO [CANNOT] " },
	};

	(void)state;
	rows_run(selected(), rows, COUNT(rows));
	mail_store_fsck(&f.mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sets),
		TEST(test_lists),
		TEST(test_trees),
		TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
