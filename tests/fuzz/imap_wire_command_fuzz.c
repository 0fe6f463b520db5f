/* Laws of IMAP's grammar. Any bytes parse or not, within themselves; a set that was accepted
 * prints and parses to itself, and resolved it ascends; a section's name likewise; a search
 * program runs in its stack, also with what its filters hold. The first byte chooses the
 * command. */
#include "formats/imap_wire/put.h"
#include "formats/imap_wire/rights.h"
#include "formats/imap_wire/url.h"
#include "foundation/base/arena.h"
#include "protocols/imap/args.h"
#include "protocols/imap/search/program.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static imap_parse_fn *const parsers[] = {
	imap_parse_none,        imap_parse_login,       imap_parse_authenticate,
	imap_parse_id,          imap_parse_enable,      imap_parse_mailbox,
	imap_parse_create,      imap_parse_rename,      imap_parse_list,
	imap_parse_lsub,        imap_parse_status,      imap_parse_append,
	imap_parse_search,      imap_parse_fetch,       imap_parse_store,
	imap_parse_copy,        imap_parse_uids,        imap_parse_select,
	imap_parse_replace,     imap_parse_compress,    imap_parse_setacl,
	imap_parse_identifier,  imap_parse_quotaroot,   imap_parse_setquota,
	imap_parse_getmetadata, imap_parse_setmetadata, imap_parse_sort,
	imap_parse_thread,      imap_parse_genurlauth,  imap_parse_urlfetch,
	imap_parse_resetkey,    imap_parse_tags,
	imap_parse_notify,      imap_parse_esearch,
};

static void set_law(struct imap_seq set, struct arena *a)
{
	struct imap_seq again;
	struct cur c;
	struct buf b;

	buf_init(&b, 1 << 22);
	imap_seq_put(&b, &set);
	c = cur_of(buf_str(&b));
	if (!imap_seq_parse(&c, a, &again) || !cur_done(&c) || again.n != set.n ||
	    memcmp(again.ranges, set.ranges, set.n * sizeof(set.ranges[0])) != 0)
		abort();
	buf_deinit(&b);
	imap_seq_resolve(&again, 7);
	for (size_t i = 0; i < again.n; i++) {
		struct imap_seq_range r = again.ranges[i];

		assert(r.lo >= 1 && r.lo <= r.hi);
		assert(i == 0 || r.lo > again.ranges[i - 1].hi + 1);
		assert(imap_seq_has(&again, r.lo) && imap_seq_has(&again, r.hi));
	}
}

static void section_law(const struct imap_section *s, struct arena *a)
{
	struct imap_fetch again;
	struct buf b, c;

	buf_init(&b, 1 << 22);
	buf_init(&c, 1 << 22);
	imap_section_put(&b, s);
	buf_put(&c, STR("1 "));
	/* A response has only the offset of a partial: give it a size to be a request. */
	buf_bytes(&c, b.p, b.n - (s->partial && !s->alias.n));
	if (s->partial && !s->alias.n)
		buf_put(&c, STR(".1>"));
	if (!imap_fetch_parse(&(struct cur){ c.p, c.p + c.n }, a, &again))
		abort();
	assert(again.section_n == 1 && again.sections[0].kind == s->kind);
	assert(again.sections[0].path_n == s->path_n && again.sections[0].fields.n == s->fields.n);
	buf_deinit(&c);
	buf_deinit(&b);
}

static enum verdict any_verdict(const struct query_step *step, void *arg)
{
	unsigned *count = arg;

	assert(step->op > QUERY_NOT);
	return (enum verdict)(++*count % 3);
}

/* Scores are 1 to 100, and need FUZZY. */
static unsigned any_score(const struct query_step *step, void *arg)
{
	unsigned *count = arg;

	return (*count)++ % 3 == 0 ? 0
	       : step->fuzzy       ? 1 + *count % QUERY_SCORE_MAX
	                           : QUERY_SCORE_PLAIN;
}

/* "x" holds the command's own keys, as far as they are any; others hold others, or themselves. */
static enum err any_filter(struct str name, struct str *value, void *arg)
{
	static const char *const values[] = {
		"ALL", "NOT SEEN FLAGGED", "OR (FILTER 1)", "OR FILTER 1 FILTER x", "FILTER 4",
		"(FILTER 1 FILTER 3)", "FUZZY TEXT y ", "TEXT {1+}\r\nz", "FILTER 7 )",
	};

	if (ascii_digit(name.p[0]) && (size_t)(name.p[0] - '0') < COUNT(values))
		*value = str_of(values[name.p[0] - '0']);
	else if (ascii_lower(name.p[0]) == 'x')
		*value = *(const struct str *)arg;
	else
		return ERR_MISSING;
	return OK;
}

static void program_law(const struct imap_search *s, struct arena *a)
{
	unsigned count = 0, score;
	struct query_program p;

	imap_program_make(s, a, &p);
	(void)query_run(&p, any_verdict, &count);
	score = query_score(&p, any_score, &count);
	assert(score >= 1 && score <= QUERY_SCORE_MAX && (s->fuzzy || score == QUERY_SCORE_MAX));
}

static void filter_law(const struct imap_search *s, struct arena *a)
{
	struct imap_search with = *s;
	struct str keys = cur_rest(&s->keys);
	struct imap_search_filters filters = {
		.find = any_filter, .arg = &keys, .passes = 4, .bytes = 2000
	};

	if (imap_search_expand(&with, a, 32, &filters))
		return;
	assert(!with.filtered && with.inserted <= filters.bytes);
	for (size_t i = 0; i < with.n; i++)
		assert(with.steps[i].op != SEARCH_FILTER);
	program_law(&with, a);
	assert(s->filtered || (with.n == s->n && with.inserted == 0));
}

static void search_law(const struct imap_search *s, struct arena *a)
{
	if (!s->filtered)
		program_law(s, a);
	assert(s->fuzzy || s->filtered || !(s->by_relevancy || s->returns & RETURN_RELEVANCY));
	filter_law(s, a);
}

static void list_law(const struct imap_list *l)
{
	for (size_t i = 0; i < l->patterns.n; i++) {
		struct str p = l->patterns.items[i];

		/* Without wildcards a pattern matches itself; "*" in its place matches all. */
		if (str_find_byte(p, '*') < 0 && str_find_byte(p, '%') < 0)
			assert(imap_list_match(p, p));
		assert(imap_list_match(STR("*"), p));
	}
}

static uint64_t set_count(const struct imap_seq *set)
{
	uint64_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct imap_seq_range r = set->ranges[i];

		assert(r.lo >= 1 && r.lo <= r.hi && (i == 0 || r.lo > set->ranges[i - 1].hi));
		n += r.hi - r.lo + 1;
	}
	return n;
}

/* Whoever pairs them needs not look again. */
static void select_law(const struct imap_select *s)
{
	assert(s->qresync || (!s->has_known && s->match.n == 0));
	assert(s->modseq <= INT64_MAX);
	(void)set_count(&s->known);
	assert(set_count(&s->match) == set_count(&s->match_uids));
}

/* What a token signs is a URL of the same message, without one. */
static void url_law(struct str text, struct arena *a)
{
	struct imap_url url, rump;

	if (!imap_url_parse(text, a, &url))
		return;
	assert(url.uid != 0 && url.rump <= text.n && (url.access || !url.token.n));
	if (!imap_url_parse(str_sub(text, 0, url.rump), a, &rump))
		abort();
	assert(rump.rump == url.rump && rump.token.n == 0 && rump.access == url.access);
	assert(rump.uid == url.uid && str_eq(rump.mailbox, url.mailbox));
}

/* Bytes end a text, and nothing else does when bytes follow; messages begin before they end. */
static void append_law(struct str text, struct arena *a)
{
	for (int at = APPEND_AT_MESSAGE; at <= APPEND_AT_UTF8; at++)
		for (int literal = 0; literal < 2; literal++) {
			struct imap_append_text out;
			struct cur c = cur_of(text);

			if (!imap_append_text_parse(&c, a, (enum imap_append_at)at, literal, &out))
				continue;
			assert(cur_done(&c));
			for (size_t i = 0; i < out.n; i++)
				assert((out.steps[i].op == APPEND_BYTES) ==
				       (literal && i + 1 == out.n));
		}
}

/* What was accepted prints, and parses to at least itself: "c" and "d" are told for each of the
 * rights that they stand for. */
static void rights_law(struct str text)
{
	enum imap_rights_op op;
	unsigned rights, again;
	struct buf b;

	if (!imap_rights_parse(text, &op, &rights) || !rights)
		return;
	buf_init(&b, 64);
	imap_rights_put(&b, rights);
	if (!imap_rights_parse(buf_str(&b), &op, &again) || (again & rights) != rights)
		abort();
	buf_deinit(&b);
}

static void laws(size_t which, const union imap_args *args, struct arena *a)
{
	if (parsers[which] == imap_parse_uids && !args->set.saved)
		set_law(args->set, a);
	if (parsers[which] == imap_parse_fetch)
		for (size_t i = 0; i < args->fetch.section_n; i++)
			section_law(&args->fetch.sections[i], a);
	if (parsers[which] == imap_parse_search)
		search_law(&args->search, a);
	else if (parsers[which] == imap_parse_sort)
		search_law(&args->sort.search, a);
	else if (parsers[which] == imap_parse_thread)
		search_law(&args->thread.search, a);
	if (parsers[which] == imap_parse_select)
		select_law(&args->select);
	if (parsers[which] == imap_parse_list)
		list_law(&args->list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	union imap_args args = { 0 };
	struct arena a = { 0 };
	struct imap_parse p = { .arena = &a, .args = &args };
	struct imap_command command;
	struct imap_literal literal;
	struct cur c;
	size_t which;

	if (n == 0)
		return 0;
	which = data[0] % COUNT(parsers);
	c = cur_of(str_from((const char *)data + 1, n - 1));
	(void)imap_literal_at_end(cur_rest(&c), &literal);
	url_law(cur_rest(&c), &a);
	append_law(cur_rest(&c), &a);
	rights_law(cur_rest(&c));
	(void)imap_command_parse(&(struct cur){ c.p, c.end }, &command);
	if (parsers[which](&c, &p)) {
		assert(cur_done(&c));
		laws(which, &args, &a);
	}
	arena_deinit(&a);
	return 0;
}
