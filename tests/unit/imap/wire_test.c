/* The grammar of IMAP: tables of what is and what is not in it. Every row is parsed whole,
 * and cut at every length: a cut command must not read past its end, and must not become
 * another meaning of itself. */
#include "harness/check.h"
#include "harness/exact.h"

#include "formats/imap_wire/put.h"
#include "formats/message/structure.h"
#include "foundation/base/arena.h"
#include "protocols/imap/args.h"
#include "protocols/imap/search/program.h"

static struct arena arena;

static struct str put_str(struct buf *b)
{
	struct str s = str_dup(&arena, buf_str(b));

	buf_deinit(b);
	return s;
}

/* --- sequence sets ---------------------------------------------------------------------- */

static const struct {
	const char *in, *resolved; /* NULL: not a set; resolved with 7 as the largest */
} seqs[] = {
	{ "1", "1" },
	{ "9:2", "2:9" }, /* RFC 9051 section 9: same as 2:9 */
	{ "*", "7" },
	{ "3:*", "3:7" },
	{ "*:3", "3:7" },
	{ "9:*", "7:9" }, /* always holds the last message */
	{ "5,1,3", "1,3,5" },
	{ "1:2,3,4:4", "1:4" },
	{ "1:5,2:3", "1:5" },
	{ "4294967295", "4294967295" },
	{ "4294967294:4294967295,1", "1,4294967294:4294967295" },
	{ "0", NULL }, /* nz-number */
	{ "1:0", NULL },
	{ "4294967296", NULL }, /* one past uint32_t */
	{ "", NULL },
	{ "1,", NULL },
	{ ":1", NULL },
	{ "a", NULL },
};

static void test_seq(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(seqs); i++) {
		struct cur c = cur_of(str_of(seqs[i].in));
		struct imap_seq set;
		struct buf out;
		bool ok = imap_seq_parse(&c, &arena, &set) && cur_done(&c);

		check_at(i, ok == (seqs[i].resolved != NULL));
		if (!ok)
			continue;
		buf_init(&out, 1000);
		imap_seq_resolve(&set, 7);
		imap_seq_put(&out, &set);
		check_str_at(i, put_str(&out), str_of(seqs[i].resolved));
	}
}

static void test_seq_of_empty(void **state)
{
	struct cur c = cur_of(STR("*,1:*,*:*"));
	struct imap_seq set;

	(void)state;
	assert_true(imap_seq_parse(&c, &arena, &set));
	imap_seq_resolve(&set, 0);
	assert_int_equal(set.n, 1);
	assert_true(imap_seq_has(&set, 1) && !imap_seq_has(&set, 2));
}

/* --- words ------------------------------------------------------------------------------ */

static const struct {
	const char *in;
	const char *out; /* NULL: not an astring */
} astrings[] = {
	{ "abc", "abc" },
	{ "a]b", "a]b" }, /* resp-specials are ASTRING-CHAR */
	{ "\"\"", "" },
	{ "\"a b\"", "a b" },
	{ "\"a\\\"b\\\\c\"", "a\"b\\c" },
	{ "\"\\\\\"", "\\" },
	{ "\"caf\xc3\xa9\"", "caf\xc3\xa9" },
	{ "{3}\r\na\"b", "a\"b" },
	{ "{3+}\r\nabc", "abc" },
	{ "{0}\r\n", "" },
	{ "\"a", NULL },
	{ "\"a\\b\"", NULL },
	{ "\"a\rb\"", NULL },
	{ "{4}\r\nabc", NULL },
	{ "{18446744073709551616}\r\nabc", NULL },
	{ "{3}\nabc", NULL },
	{ "caf\xc3\xa9", NULL },
	{ "(", NULL },
	{ "", NULL },
};

static void test_astring(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(astrings); i++) {
		struct cur c = cur_of(str_of(astrings[i].in));
		struct str out;
		bool ok = imap_astring_parse(&c, &arena, &out) && cur_done(&c);

		check_at(i, ok == (astrings[i].out != NULL));
		if (ok)
			check_str_at(i, out, str_of(astrings[i].out));
	}
}

static const struct {
	const char *in, *out;
} mailboxes[] = {
	{ "inbox", "INBOX" }, /* RFC 9051 5.1 */
	{ "Inbox/a", "INBOX/a" },
	{ "inboxes", "inboxes" },
	{ "&AOk-", "\xc3\xa9" },
	{ "a&-b", "a&b" },
	/* Names that no mailbox can have: */
	{ "&", "\xff&" },
	{ "&AGE-", "\xff&AGE-" }, /* "a" must not be encoded: RFC 3501 5.1.3 */
	{ "\"\xc3\xa9\"", "\xff\xc3\xa9" },
	{ "\"a", NULL },
};

static void test_mailbox(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mailboxes); i++) {
		struct cur c = cur_of(str_of(mailboxes[i].in));
		struct str out;
		bool ok = imap_mailbox_parse(&c, &arena, false, &out);

		check_at(i, ok == (mailboxes[i].out != NULL));
		if (ok)
			check_str_at(i, out, str_of(mailboxes[i].out));
	}
}

static const struct {
	const char *in;
	bool ok, sync;
	uint64_t size;
} literals[] = {
	{ "a {5}", true, true, 5 },
	{ "a {5+}", true, false, 5 },
	{ "a ~{5}", true, true, 5 },
	{ "{0}", true, true, 0 },
	{ "a {18446744073709551615}", true, true, UINT64_MAX },
	{ "a {18446744073709551616}", false, true, 0 },
	{ "a {}", false, true, 0 },
	{ "a {5} ", false, true, 0 },
	{ "a {5-}", false, true, 0 },
	{ "a 5}", false, true, 0 },
};

static void test_literal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(literals); i++) {
		struct imap_literal l;
		bool ok = imap_literal_at_end(str_of(literals[i].in), &l);

		check_at(i, ok == literals[i].ok);
		if (ok)
			check_at(i, l.size == literals[i].size && l.sync == literals[i].sync);
	}
}

/* --- commands ---------------------------------------------------------------------------- */

static const struct {
	imap_parse_fn *parse;
	const char *args;
	bool ok;
} commands[] = {
	{ imap_parse_none, "", true },
	{ imap_parse_none, " ", true }, /* forgiven */
	{ imap_parse_none, "  ", false },
	{ imap_parse_login, " a b", true },
	{ imap_parse_login, " \"a\" {1}\r\nb", true },
	{ imap_parse_login, " a", false },
	{ imap_parse_login, " a b c", false },
	{ imap_parse_authenticate, " PLAIN", true },
	{ imap_parse_authenticate, " PLAIN =", true },
	{ imap_parse_id, " NIL", true },
	{ imap_parse_id, " ()", true },
	{ imap_parse_id, " (\"a\" NIL \"b\" \"c\")", true },
	{ imap_parse_id, " (\"a\")", false },
	{ imap_parse_enable, " A B", true },
	{ imap_parse_enable, "", false },
	{ imap_parse_create, " a", true },
	{ imap_parse_create, " a (USE (\\Sent))", true },
	{ imap_parse_create, " a (USE ())", true },
	{ imap_parse_create, " a (FOO (x))", false },
	{ imap_parse_rename, " a b", true },
	{ imap_parse_rename, " a", false },
	{ imap_parse_status, " a (MESSAGES)", true },
	{ imap_parse_status, " a (messages UNSEEN)", true },
	{ imap_parse_status, " a (MESSAGE)", false },
	{ imap_parse_status, " a ()", false },
	{ imap_parse_store, " 1 FLAGS (\\Seen)", true },
	{ imap_parse_store, " 1 +flags.silent a b", true },
	{ imap_parse_store, " 1 -FLAGS ()", true },
	{ imap_parse_store, " 1 FLAGS", false },
	{ imap_parse_store, " 1 *FLAGS ()", false },
	{ imap_parse_store, " 1 (UNCHANGEDSINCE 0) FLAGS ()", true },
	{ imap_parse_store, " 1 (unchangedsince 9223372036854775807) +FLAGS.SILENT x", true },
	{ imap_parse_store, " 1 (UNCHANGEDSINCE 9223372036854775808) FLAGS ()",
	  false }, /* 64 bits */
	{ imap_parse_store, " 1 (UNCHANGEDSINCE) FLAGS ()", false },
	{ imap_parse_store, " 1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 2) FLAGS ()", false },
	{ imap_parse_store, " 1 (UNCHANGEDSINCE 1)", false },
	{ imap_parse_store, " 1 () FLAGS ()", false },
	{ imap_parse_select, " a", true },
	{ imap_parse_select, " a ", true },
	{ imap_parse_select, " a (CONDSTORE)", true },
	{ imap_parse_select, " a (QRESYNC (1 2))", true },
	{ imap_parse_select, " a (condstore qresync (1 2 3:4,9))", true },
	{ imap_parse_select, " a (QRESYNC (1 2 3:4,9 (1,3:4 5,8:9)) CONDSTORE)", true },
	{ imap_parse_select, " a (QRESYNC (1 2 (1 5)))", true },
	{ imap_parse_select, " a ()", false },
	{ imap_parse_select, " a (FROB)", false },
	{ imap_parse_select, " a CONDSTORE", false },
	{ imap_parse_select, " a (QRESYNC)", false },
	{ imap_parse_select, " a (QRESYNC (1))", false },
	{ imap_parse_select, " a (QRESYNC (0 2))", false },
	{ imap_parse_select, " a (QRESYNC (1 2 1:*))", false }, /* RFC 7162 7: no "*" */
	{ imap_parse_select, " a (QRESYNC (1 2) QRESYNC (1 2))", false },
	{ imap_parse_select, " a (QRESYNC (1 2 (1:2 5)))", false },
	{ imap_parse_select, " a (QRESYNC (1 2 (2,1 5,8)))", false },
	{ imap_parse_select, " a (QRESYNC (1 2 (1,2 8,5)))", false },
	{ imap_parse_select, " a (QRESYNC (1 2 (1:* 5:*)))", false },
	{ imap_parse_copy, " 1:2 a", true },
	{ imap_parse_copy, " 1:2", false },
	{ imap_parse_uids, " 1,2", true },
	{ imap_parse_fetch, " 1 ALL", true },
	{ imap_parse_fetch, " 1 (UID FLAGS)", true },
	{ imap_parse_fetch, " 1 BODY", true },
	{ imap_parse_fetch, " 1 (BODY BODYSTRUCTURE BODY[] BODY.PEEK[1.2.TEXT]<1.2>)", true },
	{ imap_parse_fetch, " 1 PREVIEW", true }, /* RFC 8970 6 */
	{ imap_parse_fetch, " 1 preview (lazy)", true },
	{ imap_parse_fetch, " 1 (PREVIEW (LAZY) PREVIEW SAVEDATE EMAILID THREADID)", true },
	{ imap_parse_fetch, " 1 (PREVIEW (EAGER))", false },
	{ imap_parse_fetch, " 1 (PREVIEW (LAZY)SAVEDATE)", false },
	{ imap_parse_search, " EMAILID M1_a-Z", true }, /* RFC 8474 7 */
	{ imap_parse_search, " OR THREADID T SAVEDON \"1-Jan-2020\"", true },
	{ imap_parse_search, " EMAILID \"M1\"", false },
	{ imap_parse_search, " EMAILID M/1", false },
	{ imap_parse_search, " SAVEDBEFORE 2020-01-01", false },
	{ imap_parse_status, " a (appendlimit MAILBOXID)", true },
	{ imap_parse_fetch, " 1 BODY[HEADER.FIELDS (a \"b\")]", true },
	{ imap_parse_fetch, " 1 BODY[1.HEADER.FIELDS.NOT (a)]", true },
	{ imap_parse_fetch, " 1 BODY[1.MIME]", true },
	{ imap_parse_fetch, " 1 rfc822.header", true },
	{ imap_parse_fetch, " 1 BODY[HEADER.FIELDS ()]", false },
	{ imap_parse_fetch, " 1 BODY[HEADER.FIELDS]", false },
	{ imap_parse_fetch, " 1 BODY[0]", false },
	{ imap_parse_fetch, " 1 BODY[1..2]", false },
	{ imap_parse_fetch, " 1 BODY[1 2]", false },
	{ imap_parse_fetch, " 1 BODY[]<1>", true },
	{ imap_parse_fetch, " 1 BODY[]<>", false },
	{ imap_parse_fetch, " 1 BODY[]<1.>", false },
	{ imap_parse_fetch, " 1 (BINARY.PEEK[TEXT] BINARY.SIZE[1.MIME])", true },
	{ imap_parse_fetch, " 1 BINARY.SIZE[1]<1>", false },
	{ imap_parse_fetch, " 1 BODY[]<1.0>", false },
	{ imap_parse_fetch, " 1 ()", false },
	{ imap_parse_fetch, " 1 (ALL)", false },
	{ imap_parse_fetch, " 1 RFC822.SIZES", false },
	{ imap_parse_fetch, " 1 MODSEQ", true },
	{ imap_parse_fetch, " 1:* (FLAGS) (CHANGEDSINCE 12 VANISHED)", true },
	{ imap_parse_fetch, " 1:* FLAGS (VANISHED CHANGEDSINCE 12 PARTIAL -1:-5)", true },
	{ imap_parse_fetch, " 1:* ALL (PARTIAL 5:1)", true },
	{ imap_parse_fetch, " 1 FLAGS (VANISHED)", false }, /* RFC 7162 3.2.6 */
	{ imap_parse_fetch, " 1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)", false },
	{ imap_parse_fetch, " 1 FLAGS (CHANGEDSINCE)", false },
	{ imap_parse_fetch, " 1 FLAGS (PARTIAL 0:1)", false },
	{ imap_parse_fetch, " 1 FLAGS (PARTIAL -1:5)", false },
	{ imap_parse_fetch, " 1 FLAGS (PARTIAL 1)", false },
	{ imap_parse_fetch, " 1 FLAGS ()", false },
	{ imap_parse_fetch, " 1 FLAGS (FROB)", false },
	{ imap_parse_list, " \"\" *", true },
	{ imap_parse_list, " a/ %", true },
	{ imap_parse_list, " () \"\" (a b)", true },
	{ imap_parse_list, " (SUBSCRIBED REMOTE) \"\" a RETURN (CHILDREN)", true },
	{ imap_parse_list, " \"\" a RETURN (STATUS (MESSAGES) SPECIAL-USE)", true },
	{ imap_parse_list, " \"\" a RETURN ()", true },
	{ imap_parse_list, " (RECURSIVEMATCH) \"\" a", false },
	{ imap_parse_list, " \"\" a RETURN (STATUS)", false },
	{ imap_parse_list, " \"\"", false },
	{ imap_parse_search, " ALL", true },
	{ imap_parse_search, " 1:* UID 3 (OR SEEN NOT (DELETED FROM x))", true },
	{ imap_parse_search, " CHARSET utf-8 SUBJECT {1}\r\nx", true },
	{ imap_parse_search, " RETURN (MIN ALL) BEFORE 1-Feb-1994", true },
	{ imap_parse_search, " SINCE \"1-Feb-1994\" LARGER 10", true },
	{ imap_parse_search, " HEADER a \"\"", true },
	{ imap_parse_search, " MODSEQ 620162338", true },
	{ imap_parse_search, " OR NOT MODSEQ \"/flags/\\\\draft\" all 0 LARGER 5", true },
	{ imap_parse_search, " RETURN (PARTIAL -1:-100 COUNT) ALL", true },
	{ imap_parse_search, " RETURN (UPDATE) ALL", true }, /* RFC 5267 5 */
	{ imap_parse_search, " RETURN (CONTEXT COUNT UPDATE PARTIAL 1:2) ALL", true },
	{ imap_parse_sort, " RETURN (UPDATE) (SIZE) UTF-8 ALL", true },
	{ imap_parse_search, " RETURN (UPDATE(UID) COUNT) ALL", true }, /* RFC 5465 8 */
	{ imap_parse_search, " RETURN (UPDATE (UID BODY[1]<0.9> PREVIEW (LAZY)) MIN) ALL", true },
	{ imap_parse_sort, " RETURN (UPDATE (FLAGS)) (SIZE) UTF-8 ALL", true },
	{ imap_parse_search, " RETURN (UPDATE ()) ALL", false },
	{ imap_parse_search, " RETURN (UPDATE (UID FAST)) ALL", false },
	{ imap_parse_search, " RETURN (UPDATE UID) ALL", false },
	{ imap_parse_search, " RETURN (UPDATE  (UID)) ALL", false },
	{ imap_parse_search, " RETURN (COUNT (UID)) ALL", false },
	{ imap_parse_tags, " \"a1\"", true },
	{ imap_parse_tags, " \"a1\" \"b2\" {2}\r\nc3", true },
	{ imap_parse_tags, "", false },
	{ imap_parse_tags, " ", false },
	{ imap_parse_tags, " a1", false },
	{ imap_parse_tags, " \"a1\"\"b2\"", false },
	{ imap_parse_search, " FUZZY SUBJECT x", true }, /* RFC 6203 7 */
	{ imap_parse_search, " NOT FUZZY (SUBJECT x OR FUZZY SEEN fuzzy 1:*)", true },
	{ imap_parse_search, " RETURN (RELEVANCY ALL) FUZZY TEXT x", true },
	{ imap_parse_sort, " (RELEVANCY REVERSE RELEVANCY) UTF-8 FUZZY TEXT x", true },
	{ imap_parse_sort, " RETURN (RELEVANCY) (DATE) UTF-8 OR FUZZY TEXT x SEEN", true },
	{ imap_parse_thread, " REFS UTF-8 FUZZY TEXT x", true },
	{ imap_parse_search, " FUZZY", false },
	{ imap_parse_search, " FUZZY()", false },
	{ imap_parse_search, " FUZZYSEEN", false },
	{ imap_parse_search, " RETURN (RELEVANCY) TEXT x", false }, /* RFC 6203 4 */
	{ imap_parse_sort, " (RELEVANCY) UTF-8 TEXT x", false },
	{ imap_parse_sort, " (RELEVANCY FUZZY) UTF-8 TEXT x", false },
	{ imap_parse_search, " UIDAFTER 5 NOT UIDBEFORE 4294967295", true }, /* RFC 9738 3.2 */
	{ imap_parse_search, " UIDAFTER 4294967295 UIDBEFORE 1", true },
	{ imap_parse_search, " UIDAFTER", false },
	{ imap_parse_search, " UIDAFTER 0", false },
	{ imap_parse_search, " UIDBEFORE *", false },
	{ imap_parse_search, " UIDBEFORE 4294967296", false },
	{ imap_parse_search, " OR FILTER a NOT (filter b)", true }, /* RFC 5466 4 */
	{ imap_parse_search, " FILTER", false },
	{ imap_parse_search, " FILTER a/b", false },
	{ imap_parse_search, " FILTER \"a\"", false },
	{ imap_parse_search, " MODSEQ", false },
	{ imap_parse_search, " MODSEQ \"/flags/x\" 5", false },
	{ imap_parse_search, " MODSEQ \"draft\" all 5", false },
	{ imap_parse_search, " RETURN (PARTIAL 1:5 ALL) ALL", false },
	{ imap_parse_search, " RETURN (PARTIAL 1:5 PARTIAL 6:9) ALL", false },
	{ imap_parse_search, " RETURN (PARTIAL) ALL", false },
	{ imap_parse_search, " NOT", false },
	{ imap_parse_search, " OR SEEN", false },
	{ imap_parse_search, " ()", false },
	{ imap_parse_search, " (SEEN", false },
	{ imap_parse_search, " SEEN)", false },
	{ imap_parse_search, " BEFORE 32-Feb-1994", false },
	{ imap_parse_search, " LARGER", false },
	{ imap_parse_search, " FROB", false },
};

static void parse_cut(struct str args, void *arg)
{
	size_t i = *(size_t *)arg;
	struct arena a = { 0 };
	union imap_args out = { 0 };
	struct imap_parse p = { .arena = &a, .args = &out };
	struct cur c = cur_of(args);
	bool ok = commands[i].parse(&c, &p);

	if (args.n == strlen(commands[i].args))
		check_at(i, ok == commands[i].ok);
	check_at(i, !ok || cur_done(&c));
	arena_deinit(&a);
}

static void test_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++)
		exact_each(str_of(commands[i].args), true, parse_cut, &i);
}

static void test_search_depth(void **state)
{
	union imap_args args;
	struct imap_parse p = { .arena = &arena, .args = &args };
	struct buf b;

	(void)state;
	for (size_t depth = 1; depth < 2000; depth += 31) {
		struct cur c;
		bool ok;

		buf_init(&b, 100000);
		buf_byte(&b, ' ');
		for (size_t i = 0; i < depth; i++)
			buf_put(&b, i % 2 ? STR("NOT ") : STR("("));
		buf_put(&b, STR("SEEN"));
		for (size_t i = 0; i < depth; i += 2)
			buf_byte(&b, ')');
		c = cur_of(buf_str(&b));
		ok = imap_parse_search(&c, &p);
		check_at(depth,
		         ok == (depth < 32)); /* LIMIT_imap_depth, the list itself included */
		buf_deinit(&b);
	}
}

/* One past each maximum that is no row of limits.def. */
static void test_counts(void **state)
{
	union imap_args args;
	struct imap_parse p = { .arena = &arena, .args = &args };

	(void)state;
	for (int over = 0; over < 2; over++) {
		struct buf search, list;
		struct cur c;

		buf_init(&search, 1 << 20);
		buf_init(&list, 1 << 20);
		/* Each key but the first also is an AND. */
		for (int i = 0; i < IMAP_SEARCH_STEPS / 2 + over; i++)
			buf_put(&search, STR(" ALL"));
		c = cur_of(buf_str(&search));
		assert_int_equal(imap_parse_search(&c, &p), !over);
		buf_put(&list, STR(" \"\" (a"));
		for (int i = 1; i < IMAP_PATTERNS_MAX + over; i++)
			buf_put(&list, STR(" a"));
		buf_byte(&list, ')');
		c = cur_of(buf_str(&list));
		assert_int_equal(imap_parse_list(&c, &p), !over);
		buf_reset(&list);
		buf_put(&list, STR(" a "));
		for (int i = 1; i < IMAP_PATTERN_MAX + over; i++)
			buf_byte(&list, 'a');
		c = cur_of(buf_str(&list));
		assert_int_equal(imap_parse_list(&c, &p), !over);
		buf_deinit(&list);
		buf_deinit(&search);
	}
}

/* --- search programs ---------------------------------------------------------------------- */

/* SEEN is unknown, everything else has the number of its letter's case. */
static enum verdict flag_verdict(const struct query_step *step, void *arg)
{
	(void)arg;
	if (step->op == QUERY_ALL)
		return VERDICT_YES;
	return str_eq(step->text, STR("\\Seen"))    ? VERDICT_UNKNOWN
	       : str_eq(step->text, STR("\\Draft")) ? VERDICT_YES
	                                            : VERDICT_NO;
}

static struct query_program compiled(const struct imap_search *s)
{
	struct query_program p;

	imap_program_make(s, &arena, &p);
	return p;
}

static const struct {
	const char *in;
	enum verdict v;
} programs[] = {
	{ " ALL", VERDICT_YES },
	{ " DRAFT FLAGGED", VERDICT_NO },
	{ " SEEN FLAGGED", VERDICT_NO }, /* the unknown does not matter */
	{ " SEEN DRAFT", VERDICT_UNKNOWN },
	{ " OR SEEN DRAFT", VERDICT_YES },
	{ " OR SEEN FLAGGED", VERDICT_UNKNOWN },
	{ " NOT SEEN", VERDICT_UNKNOWN },
	{ " NOT (DRAFT FLAGGED)", VERDICT_YES },
	{ " NOT NOT DRAFT", VERDICT_YES },
	{ " OR OR FLAGGED FLAGGED OR FLAGGED DRAFT", VERDICT_YES },
	{ " UNDRAFT", VERDICT_NO },
	{ " OR (DRAFT (UNFLAGGED)) FLAGGED ALL", VERDICT_YES },
};

static void test_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(programs); i++) {
		struct cur c = cur_of(str_of(programs[i].in));
		struct query_program p;
		struct imap_search s;

		check_at(i, imap_search_parse(&c, &arena, 32, &s));
		p = compiled(&s);
		check_at(i, query_run(&p, flag_verdict, NULL) == programs[i].v);
	}
}

/* A chain of ORs is one level, however they are nested, and takes no more to run than one. */
static void test_chains(void **state)
{
	static const struct {
		const char *first, *step, *last; /* step comes 999 times */
		bool ok;
		enum verdict v;
	} rows[] = {
		{ " ", "OR FLAGGED ", "DRAFT", true, VERDICT_YES },
		{ " ", "OR FLAGGED ", "FLAGGED", true, VERDICT_NO },
		{ " ", "OR FLAGGED ", "SEEN", true, VERDICT_UNKNOWN },
		{ " OR DRAFT ", "OR FLAGGED ", "FLAGGED", true, VERDICT_YES },
		{ " FLAGGED NOT ", "OR FLAGGED ", "FLAGGED", true, VERDICT_NO },
		{ " NOT ", "OR FLAGGED ", "FLAGGED DRAFT", true, VERDICT_YES },
		{ " ", "OR OR FLAGGED FLAGGED ", "FLAGGED", true, VERDICT_NO },
		{ " ", "OR (DRAFT FLAGGED) ", "FLAGGED", true, VERDICT_NO },
		{ " OR NOT OR FLAGGED DRAFT ", "OR NOT DRAFT ", "FLAGGED", true, VERDICT_NO },
		{ " ", "OR FLAGGED ", "", false, VERDICT_NO },
		{ " ", "OR FLAGGED ", "DRAFT)", false, VERDICT_NO },
		{ " ", "OR ", "DRAFT DRAFT", false, VERDICT_NO },
		{ " ", "OR FLAGGED NOT ", "DRAFT", false, VERDICT_NO }, /* levels of their own */
		{ " ", "OR FLAGGED FUZZY ", "DRAFT", false, VERDICT_NO },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct query_program p;
		struct imap_search s;
		struct buf b;
		struct cur c;
		bool ok;

		buf_init(&b, 1 << 16);
		buf_put(&b, str_of(rows[i].first));
		for (int n = 0; n < 999; n++)
			buf_put(&b, str_of(rows[i].step));
		buf_put(&b, str_of(rows[i].last));
		c = cur_of(buf_str(&b));
		ok = imap_search_parse(&c, &arena, 32, &s);
		check_at(i, ok == rows[i].ok);
		if (ok)
			p = compiled(&s);
		check_at(i, !ok || query_run(&p, flag_verdict, NULL) == rows[i].v);
		buf_deinit(&b);
	}
}

/* DRAFT is not fuzzy; LARGER n matches so well as n says, and 0 does not. */
static unsigned number_score(const struct query_step *step, void *arg)
{
	(void)arg;
	assert_true(step->fuzzy == (step->op == QUERY_SIZE));
	return step->op == QUERY_SIZE ? (unsigned)(step->lo - 1) : QUERY_SCORE_PLAIN;
}

static void test_scores(void **state)
{
	static const struct {
		const char *in;
		unsigned score;
	} rows[] = {
		{ " FUZZY LARGER 40", 40 },
		{ " DRAFT FUZZY LARGER 40 DRAFT", 40 },
		{ " FUZZY (LARGER 40 LARGER 60)", 50 },
		{ " FUZZY LARGER 40 FUZZY LARGER 60 FUZZY LARGER 80", 60 },
		{ " OR FUZZY LARGER 40 FUZZY LARGER 60", 60 },
		{ " OR FUZZY LARGER 40 FUZZY LARGER 0", 40 },
		{ " OR DRAFT FUZZY LARGER 0", 100 },
		{ " OR DRAFT FUZZY LARGER 3", 3 },
		{ " FUZZY OR LARGER 40 OR OR LARGER 0 LARGER 60 LARGER 50", 60 },
		{ " OR FUZZY (LARGER 90 LARGER 0) FUZZY LARGER 2", 2 },
		{ " NOT FUZZY LARGER 0 FUZZY LARGER 7", 7 },
		{ " NOT FUZZY LARGER 0", 100 },
		{ " FUZZY LARGER 1", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(str_of(rows[i].in));
		struct query_program p;
		struct imap_search s;

		check_at(i, imap_search_parse(&c, &arena, 32, &s) && s.fuzzy);
		p = compiled(&s);
		check_at(i, query_score(&p, number_score, NULL) == rows[i].score);
	}
}

static void test_near(void **state)
{
	static const struct {
		const char *in;
		int64_t value;
		unsigned exact, fuzzy; /* the score without and with FUZZY */
	} rows[] = {
		{ " SMALLER 1000", 999, 100, 100 },
		{ " SMALLER 1000", 1000, 0, 99 },
		{ " SMALLER 1000", 1249, 0, 1 },
		{ " SMALLER 1000", 1250, 0, 0 },
		{ " LARGER 1000", 1001, 100, 100 },
		{ " LARGER 1000", 876, 0, 50 },
		{ " LARGER 1000", 751, 0, 1 },
		{ " LARGER 1000", 750, 0, 0 },
		{ " LARGER 9223372036854775807", 5, 0, 0 },
		{ " SMALLER 0", 0, 0, 0 },
		{ " BEFORE 10-Jan-1970", 8, 100, 100 },
		{ " BEFORE 10-Jan-1970", 9, 0, 87 },
		{ " BEFORE 10-Jan-1970", 15, 0, 13 },
		{ " BEFORE 10-Jan-1970", 16, 0, 0 },
		{ " ON 10-Jan-1970", 9, 100, 100 },
		{ " ON 10-Jan-1970", 8, 0, 87 },
		{ " SENTON 10-Jan-1970", 10, 0, 87 },
		{ " SINCE 10-Jan-1970", 9, 100, 100 },
		{ " SINCE 10-Jan-1970", 3, 0, 25 },
		{ " SINCE 10-Jan-1970", INT64_MIN, 0, 0 },
		{ " BEFORE 10-Jan-1970", INT64_MAX, 0, 0 },
		{ " SAVEDSINCE 10-Jan-1970", 1, 0, 0 },
		{ " YOUNGER 60", 60, 100, 100 },
		{ " YOUNGER 60", 61, 0, 93 },
		{ " OLDER 60", 45, 0, 7 },
		{ " OLDER 60", 44, 0, 0 },
		{ " OLDER 60", -1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int fuzzy = 0; fuzzy < 2; fuzzy++) {
			struct cur c = cur_of(str_of(rows[i].in));
			struct query_program p;
			struct imap_search s;
			unsigned got, want = fuzzy ? rows[i].fuzzy : rows[i].exact;

			check_at(i, imap_search_parse(&c, &arena, 32, &s));
			s.steps[0].fuzzy = fuzzy;
			p = compiled(&s);
			got = query_near(&p.steps[0], rows[i].value);
			if (got != want)
				fail_msg("row %zu, fuzzy %d: %u", i, fuzzy, got);
		}
}

/* --- patterns ------------------------------------------------------------------------------ */

static const struct {
	const char *pattern, *name;
	bool match;
} patterns[] = {
	{ "*", "a/b/c", true },
	{ "%", "a/b", false },
	{ "%", "a", true },
	{ "%/%", "a/b", true },
	{ "a*c", "a/b/c", true },
	{ "a%c", "a/b/c", false },
	{ "a%%c", "abc", true },
	{ "*b*", "abc", true },
	{ "inbox", "INBOX", true }, /* RFC 9051 5.1 */
	{ "inBOX/%", "INBOX/a", true },
	{ "inbox/A", "INBOX/a", false },
	{ "%ox", "INBOX", true },
	{ "a", "A", false },
	{ "", "", true },
	{ "a", "", false },
	{ "*", "", true },
	{ "", "a", false },
	{ "*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
};

static void test_patterns(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(patterns); i++)
		check_at(i, imap_list_match(str_of(patterns[i].pattern),
		                            str_of(patterns[i].name)) == patterns[i].match);
}

/* --- printing ------------------------------------------------------------------------------ */

static const struct {
	const char *in;
	size_t n;
	const char *out;
} strings[] = {
	{ "abc", 3, "\"abc\"" },
	{ "", 0, "\"\"" },
	{ "a\"b\\", 4, "\"a\\\"b\\\\\"" },
	{ "a\r\nb", 4, "{4}\r\na\r\nb" },
	{ "\xc3\xa9", 2, "{2}\r\n\xc3\xa9" },
	{ "a\0b", 3,
	  "{3}\r\na\x80"
	  "b" },
};

static void test_put_string(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(strings); i++) {
		struct buf b;

		buf_init(&b, 1000);
		imap_put_string(&b, str_from(strings[i].in, strings[i].n));
		check_str_at(i, put_str(&b), str_of(strings[i].out));
	}
}

/* It looks at eight bytes at once: one that needs care anywhere, in any neighbourhood. */
static void test_put_string_at(void **state)
{
	static const char special[] = { '\0', '\r', '\n', '"', '\\', (char)0x80, (char)0xff };
	static const char around[] = { 'a', 1, 0x0b, 0x0e, '!', '#', '[', ']', 0x7f };
	char text[20], want[64];

	(void)state;
	for (size_t i = 0; i < sizeof special * sizeof around * sizeof text; i++) {
		char c = special[i % sizeof special];
		size_t at = i / sizeof special % sizeof text;
		struct buf b, expected;

		memset(text, around[i / sizeof special / sizeof text], sizeof text);
		text[at] = c;
		buf_init_in(&expected, want, sizeof want);
		if (c == '"' || c == '\\')
			buf_fmt(&expected, "\"%.*s\\%.*s\"", (int)at, text, (int)(sizeof text - at),
			        text + at);
		else
			buf_fmt(&expected, "{%zu}\r\n%.*s%c%.*s", sizeof text, (int)at, text,
			        c == '\0' ? (char)0x80 : c, (int)(sizeof text - at - 1),
			        text + at + 1);
		buf_init(&b, 100);
		imap_put_string(&b, str_from(text, sizeof text));
		check_str_at(i, buf_str(&b), buf_str(&expected));
		buf_deinit(&b);
	}
}

static void test_put_mailbox(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	imap_put_mailbox(&b, STR("\xc3\xa9 x"), false);
	imap_put_mailbox(&b, STR("nil"), false);
	imap_put_mailbox(&b, STR("a&b"), false);
	check_str(put_str(&b), STR("\"&AOk- x\"\"nil\"a&-b"));
}

static int clear(void **state)
{
	(void)state;
	arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seq),           cmocka_unit_test(test_seq_of_empty),
		cmocka_unit_test(test_astring),       cmocka_unit_test(test_mailbox),
		cmocka_unit_test(test_literal),       cmocka_unit_test(test_commands),
		cmocka_unit_test(test_search_depth),  cmocka_unit_test(test_programs),
		cmocka_unit_test(test_scores),        cmocka_unit_test(test_near),
		cmocka_unit_test(test_patterns),      cmocka_unit_test(test_put_string),
		cmocka_unit_test(test_put_string_at), cmocka_unit_test(test_put_mailbox),
		cmocka_unit_test(test_counts),        cmocka_unit_test(test_chains),
	};

	return cmocka_run_group_tests(tests, NULL, clear);
}
