/* Named searches (RFC 5466): the grammar that puts them in, and what a session makes of values that
 * lie in the store. */
#include "unit/imap/session_fixture.h"

#include "formats/imap_wire/search.h"
#include "model/mailbox/metadata.h"

/* --- grammar ------------------------------------------------------------------------------ */

static struct arena arena;

static const struct {
	const char *name, *value;
} named[] = {
	{ "two", "SEEN DRAFT" },
	{ "or", "OR SEEN DRAFT" },
	{ "list", "(SEEN DRAFT)" },
	{ "spaced", "DRAFT " },
	{ "n1", "FILTER n2" },
	{ "n2", "FILTER n3 FILTER n3" },
	{ "n3", "DRAFT" },
	{ "n4", "NOT FILTER n1" },
	{ "loop", "SEEN (FILTER Loop)" },
	{ "wide", "FILTER wide2 FILTER wide2 FILTER wide2 FILTER wide2" },
	{ "wide2", "TEXT 12345678901234567890123456789012345678901234567890" },
	{ "half", "OR DRAFT" },
	{ "close", "DRAFT)" },
	{ "empty", "" },
	{ "bytes", "TEXT \"\xff\"" },
	{ "fuzzy", "FUZZY LARGER 5" },
	{ "modseq", "MODSEQ 5" },
	{ "text", "TEXT \"\xc3\x84\"" },
	{ "deep", "((((((((((((((((DRAFT))))))))))))))))" },
};

static enum err named_find(struct str name, struct str *value, void *arg)
{
	unsigned *calls = arg;

	++*calls;
	for (size_t i = 0; i < COUNT(named); i++)
		if (str_eqi(str_of(named[i].name), name)) {
			*value = str_of(named[i].value);
			return OK;
		}
	return str_eq(name, STR("broken")) ? ERR_IO : ERR_MISSING;
}

static bool steps_same(const struct imap_search *a, const struct imap_search *b)
{
	bool same = a->n == b->n && a->fuzzy == b->fuzzy && a->modseq == b->modseq;

	for (size_t i = 0; same && i < a->n; i++)
		same = a->steps[i].op == b->steps[i].op &&
		       a->steps[i].fuzzy == b->steps[i].fuzzy &&
		       a->steps[i].number == b->steps[i].number &&
		       str_eq(a->steps[i].text, b->steps[i].text);
	return same;
}

static void test_filters(void **state)
{
	static const struct {
		const char *in;
		enum err e;
		const char *out; /* OK: the same program; else the filter that is told */
	} rows[] = {
		{ " FILTER two", OK, " SEEN DRAFT" },
		{ " FILTER TWO FLAGGED", OK, " SEEN DRAFT FLAGGED" },
		{ " RETURN (ALL) CHARSET utf-8 1 FILTER or ALL", OK, " 1 OR SEEN DRAFT ALL" },
		/* RFC 5466 3.1: verbatim */
		{ " NOT FILTER two", OK, " NOT SEEN DRAFT" },
		{ " NOT (FILTER two)", OK, " NOT (SEEN DRAFT)" },
		{ " OR FILTER two DELETED", OK, " OR SEEN DRAFT DELETED" },
		{ " OR FILTER list DELETED", OK, " OR (SEEN DRAFT) DELETED" },
		{ " OR DELETED FILTER two FLAGGED", OK, " OR DELETED SEEN DRAFT FLAGGED" },
		{ " OR FILTER or FILTER or", OK, " OR OR SEEN DRAFT OR SEEN DRAFT" },
		{ " FUZZY FILTER two", OK, " FUZZY SEEN DRAFT" },
		{ " (FILTER spaced) FILTER spaced", OK, " (DRAFT) DRAFT" },
		{ " FILTER n1", OK, " DRAFT DRAFT" },
		{ " FILTER n3 FILTER n1 FILTER n3", OK, " DRAFT DRAFT DRAFT DRAFT" },
		{ " FILTER fuzzy", OK, " FUZZY LARGER 5" },
		{ " FILTER modseq", OK, " MODSEQ 5" },
		{ " CHARSET us-ascii FILTER text", OK, " TEXT \"\xc3\xa4\"" },
		{ " FILTER wide", OK,
		  " TEXT 12345678901234567890123456789012345678901234567890"
		  " TEXT 12345678901234567890123456789012345678901234567890"
		  " TEXT 12345678901234567890123456789012345678901234567890"
		  " TEXT 12345678901234567890123456789012345678901234567890" },
		/* 3 passes, one in the other */
		{ " FILTER n4", ERR_MISSING, "n3" },
		{ " FILTER nothing", ERR_MISSING, "nothing" },
		{ " FILTER two FILTER Loop", ERR_MISSING, "Loop" },
		{ " OR FILTER two FILTER broken", ERR_IO, "broken" },
		{ " FILTER half FLAGGED", ERR_SYNTAX, "half" },
		{ " (FILTER close", ERR_SYNTAX, NULL }, /* BAD before it is looked up */
		{ " FILTER close", ERR_SYNTAX, "close" },
		{ " FILTER empty", ERR_SYNTAX, "empty" },
		{ " FILTER bytes", ERR_SYNTAX, "bytes" },
		{ " FILTER wide FILTER wide2", ERR_LIMIT, "wide2" },
		{ " ((((((((((((((((FILTER deep))))))))))))))))", ERR_LIMIT, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(str_of(rows[i].in));
		struct imap_search_filters with = { .find = named_find, .passes = 3, .bytes = 300 };
		struct imap_search s, same;
		unsigned calls = 0;

		with.arg = &calls;
		if (!rows[i].out) {
			check_at(i, !imap_search_parse(&c, &arena, 32, &s));
			continue;
		}
		check_at(i, imap_search_parse(&c, &arena, 32, &s) && s.filtered && calls == 0);
		check_at(i, imap_search_expand(&s, &arena, 32, &with) == rows[i].e && calls < 8);
		if (rows[i].e) {
			check_at(i, str_eq(with.name, str_of(rows[i].out)));
			continue;
		}
		c = cur_of(str_of(rows[i].out));
		check_at(i, imap_search_parse(&c, &arena, 32, &same) && steps_same(&s, &same));
		check_at(i, !s.filtered && s.inserted > 0);
	}
}

/* Scores may come of what a filter holds (RFC 6203 4). */
static void test_filter_scores(void **state)
{
	static const struct {
		const char *in;
		bool allowed;
	} rows[] = {
		{ " RETURN (RELEVANCY) FILTER fuzzy", true },
		{ " RETURN (RELEVANCY) FILTER two", false },
		{ " RETURN (COUNT) FILTER two", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(str_of(rows[i].in));
		unsigned calls = 0;
		struct imap_search_filters with = {
			.find = named_find, .arg = &calls, .passes = 3, .bytes = 300
		};
		struct imap_search s;

		check_at(i, imap_search_parse(&c, &arena, 32, &s));
		check_at(i, imap_search_expand(&s, &arena, 32, &with) == OK);
		check_at(i, imap_search_scores_allowed(&s) == rows[i].allowed);
	}
}

static void test_filter_names(void **state)
{
	static const struct {
		const char *in;
		bool ok;
	} rows[] = {
		{ "on-the-road", true }, { "a[1}", true },       { "x.y+z", true },
		{ "", false },           { "a/b", false },       { "a b", false },
		{ "a%", false },         { "a*", false },        { "a]", false },
		{ "a{", false },         { "(a", false },        { "a)", false },
		{ "\"a\"", false },      { "a\\", false },      { "\xc3\xa4", false },
		{ "a\x7f", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(str_of(rows[i].in));
		struct str name;

		check_at(i, (imap_filter_name_parse(&c, &name) && cur_done(&c)) == rows[i].ok);
	}
}

/* --- sessions ----------------------------------------------------------------------------- */

struct entry {
	const char *name;
	struct str value;
};

/* As if it had been there before FILTERS was: nothing is checked. */
static enum err value_set(const struct mail_txn *m, void *arg)
{
	const struct entry *x = arg;
	struct arena *a = txn_arena(m->t);
	const struct metadata_entry entry = {
		.name = str_fmt(a, "/private/filters/values/%s", x->name), .value = x->value
	};
	struct mail_txn server = *m;

	server.account = 0;
	server.who = m->account;
	return metadata_set(&server, 0, &entry, 1);
}

static void put(const char *name, struct str value)
{
	struct entry x = { name, value };

	if (mail_write(&f.mail, f.account, value_set, &x) != OK)
		fail_msg("%s is not set", name);
}

static void test_old_values(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);

	(void)state;
	imap_fixture_deliver(&f, "INBOX", STR("one"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	put("half", STR("OR SMALLER"));
	put("bytes", STR("TEXT \"\xff\""));
	put("nul", str_from("ALL\0", 4));
	put("ok", STR("ALL"));
	ask(c, "b SEARCH FILTER half 5 ALL",
	    "b NO The value of filter half is not a valid search\r\n");
	ask(c, "c SEARCH FILTER ok FILTER bytes",
	    "c NO The value of filter bytes is not a valid search\r\n");
	ask(c, "d SEARCH FILTER nul",
	    "d NO The value of filter nul is not a valid search\r\n");
	ask(c, "e SEARCH FILTER ok", "* SEARCH 1\r\ne OK SEARCH completed\r\n");
}

/* One past each maximum. */
static void test_sizes(void **state)
{
	static char value[LIMIT_metadata_value];
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };
	struct str long_name;
	char *p;

	(void)state;
	imap_fixture_deliver(&f, "INBOX", STR("one"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	memset(value, 'x', sizeof(value));
	memcpy(value, "NOT TEXT ", 9);
	put("big", str_from(value, sizeof(value)));
	ask(c, "b SEARCH FILTER big FILTER big FILTER big FILTER big",
	    "* SEARCH 1\r\nb OK SEARCH completed\r\n");
	ask(c, "c SEARCH FILTER big FILTER big FILTER big FILTER big FILTER big",
	    "c NO [LIMIT] Expanded search is too large\r\n");
	/* Doubles with each: 2^7 keys, and more than all steps. */
	put("d0", STR("ALL"));
	for (int i = 1; i < LIMIT_imap_filters; i++)
		put(str_z(&a, str_fmt(&a, "d%d", i)),
		    str_fmt(&a, "FILTER d%d FILTER d%d", i - 1, i - 1));
	ask(c, "d SEARCH FILTER d7", "* SEARCH 1\r\nd OK SEARCH completed\r\n");
	put("wide", STR("FILTER d4 FILTER d4 FILTER d4 FILTER d4 FILTER d4 FILTER d4 FILTER d4"));
	put("wider", STR("FILTER wide FILTER wide FILTER wide FILTER wide FILTER wide"));
	put("widest", STR("FILTER wider FILTER wider FILTER wider FILTER wider FILTER wider"));
	ask(c, "e SEARCH FILTER widest FILTER widest",
	    "e NO [LIMIT] Expanded search is too large\r\n");
	/* No entry has such a name. */
	p = arena_alloc(&a, 20000);
	memset(p, 'n', 20000);
	long_name = str_from(p, 20000);
	ask(c, str_z(&a, str_fmt(&a, "f SEARCH FILTER %.*s", STR_ARG(long_name))),
	    "n] No such filter\r\n");
	/* What is followed counts with what its filters hold. */
	ask(c, "g UID SEARCH RETURN (UPDATE COUNT) FILTER big",
	    "* NO [NOUPDATE \"g\"] Search is too long to be kept\r\n"
	    "* ESEARCH (TAG \"g\") UID COUNT 1\r\n"
	    "g OK SEARCH completed\r\n");
	arena_deinit(&a);
}

static void test_too_many(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };

	(void)state;
	for (uint32_t i = 0; i < f.mail.mailboxes.metadata_max; i++)
		put(str_z(&a, str_fmt(&a, "f%" PRIu32, i)), STR("ALL"));
	/* RFC 5466 3.2 */
	ask(c, "a SETMETADATA \"\" (/private/filters/values/more \"ALL\")",
	    "a NO [METADATA TOOMANY] Too many entries\r\n");
	ask(c, "b SETMETADATA \"\" (/private/filters/values/f7 \"SEEN\")",
	    "b OK SETMETADATA completed\r\n");
	arena_deinit(&a);
}

/* A store that cannot be read is no reason to say that there is no such filter. */
static void test_store_fails(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);

	(void)state;
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	put("ok", STR("ALL"));
	for (unsigned n = 1;; n++) {
		struct str said;
		bool fired;

		buf_reset(&c->sent);
		fault_arm(n);
		fake_send(c, STR("t SEARCH FILTER ok\r\n"), SIZE_MAX);
		fired = fault_fired();
		fault_arm(0);
		said = buf_str(&c->sent);
		check_at(n, count(said, "t OK") + count(said, "t NO") == 1);
		check_at(n, count(said, "UNDEFINED") == 0);
		if (!fired)
			break;
	}
}

static int arena_end(void **state)
{
	(void)state;
	arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_filters, arena_end),
		cmocka_unit_test_teardown(test_filter_scores, arena_end),
		cmocka_unit_test(test_filter_names),
		cmocka_unit_test_setup_teardown(test_old_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_store_fails, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
