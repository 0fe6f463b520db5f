/* Words, postings, sets of ids: the parts of the index without a store. */
#include "harness/check.h"

#include "foundation/base/buf.h"
#include "model/search/ids.h"
#include "model/search/merge.h"
#include "model/search/posting.h"
#include "model/search/token.h"

#include <stdlib.h>

static void word_put(void *arg, struct str word)
{
	struct buf *out = arg;

	buf_put(out, word);
	buf_byte(out, '|');
}

static struct str words_of(struct buf *out, struct str text, size_t piece)
{
	struct tokenizer t = { .fn = word_put, .arg = out };

	buf_reset(out);
	for (; text.n; text = str_sub(text, piece, text.n))
		tokenizer_take(&t, str_sub(text, 0, piece));
	tokenizer_end(&t);
	return buf_str(out);
}

static void test_words(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "" },
		{ " ., ", "" },
		{ "one two-three", "one|two|three|" },
		{ "stra\xc3\x9f"
		  "e caf\xc3\xa9",
		  "stra\xc3\x9f"
		  "e|caf\xc3\xa9|" },
		{ "a\xe6\xbc\xa2z", "a|\xe6\xbc\xa2|z|" },
		{ "\xe6\xbc\xa2\xe5\xad\x97\xe8\xaa\x9e",
		  "\xe6\xbc\xa2\xe5\xad\x97|\xe5\xad\x97\xe8\xaa\x9e|" },
		{ "\xe2\x80\x9cquoted\xe2\x80\x9d", "quoted|" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, words_of(&out, str_of(rows[i].text), SIZE_MAX),
		             str_of(rows[i].words));
	check_str(words_of(&out, STR("some words"), 3), STR("some|words|"));
	buf_deinit(&out);
}

struct within {
	struct str part;
	bool found;
};

static void word_has(void *arg, struct str word)
{
	struct within *w = arg;

	assert_true(word.n <= TOKEN_MAX);
	w->found = w->found || str_find(word, w->part) >= 0;
}

/* Every part of up to TOKEN_WITHIN bytes is whole in a piece of a long word. */
static void test_long_words(void **state)
{
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + (i * i / 7 + i) % 26);
	for (size_t from = 0; from + TOKEN_WITHIN <= sizeof(text); from++) {
		struct within w = { .part = str_from(text + from, TOKEN_WITHIN) };
		struct tokenizer t = { .fn = word_has, .arg = &w };

		tokenizer_take(&t, str_from(text, sizeof(text)));
		tokenizer_end(&t);
		check_at(from, w.found);
	}
}

static void test_patterns(void **state)
{
	static const struct {
		const char *pattern;
		size_t count;
		enum token_part first, last;
		bool exact;
	} rows[] = {
		{ "", 0, 0, 0, false },
		{ "@ -", 0, 0, 0, false },
		{ "word", 1, TOKEN_CONTAINS, TOKEN_CONTAINS, true },
		{ " word", 1, TOKEN_PREFIX, TOKEN_PREFIX, false },
		{ "word.", 1, TOKEN_SUFFIX, TOKEN_SUFFIX, false },
		{ "a b c", 3, TOKEN_SUFFIX, TOKEN_PREFIX, false },
		{ "\xe6\xbc\xa2", 1, TOKEN_CONTAINS, TOKEN_CONTAINS, true },
		{ "\xe6\xbc\xa2\xe5\xad\x97", 1, TOKEN_WHOLE, TOKEN_WHOLE, true },
		{ "\xe6\xbc\xa2\xe5\xad\x97\xe8\xaa\x9e", 2, TOKEN_WHOLE, TOKEN_WHOLE, false },
		{ "0123456789012345678901234567890123456789", 1, TOKEN_CONTAINS, TOKEN_CONTAINS,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct token t[PATTERN_TOKENS];
		bool exact;
		size_t n = token_pattern(str_of(rows[i].pattern), t, &exact);

		check_at(i, n == rows[i].count);
		check_at(i, exact == rows[i].exact);
		check_at(i, n == 0 || t[0].part == rows[i].first);
		check_at(i, n == 0 || t[n - 1].part == rows[i].last);
	}
}

static void test_postings(void **state)
{
	static const uint32_t docs[] = { 0, 1, 2, 3, 9, 11, 12, 500, 70000, 70001 };
	struct posting_writer w = { 0 };
	struct buf out;
	uint32_t before = 0, lo, end;
	size_t n = 0;
	struct cur c;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < COUNT(docs); i++)
		posting_put(&w, &out, docs[i]);
	posting_put_end(&w, &out);
	c = cur_of(buf_str(&out));
	while (posting_next(&c, 70002, &before, &lo, &end))
		for (; lo < end; lo++)
			assert_int_equal(lo, docs[n++]);
	assert_int_equal(n, COUNT(docs));
	assert_true(cur_done(&c));
	c = cur_of(buf_str(&out));
	before = 0;
	while (posting_next(&c, 70001, &before, &lo, &end))
		;
	assert_false(cur_done(&c)); /* a number past the maximum */
	buf_deinit(&out);
}

static void test_ids(void **state)
{
	struct ids a = { 0 }, b = { 0 };
	uint64_t id;

	(void)state;
	for (uint64_t i = 1; i < 5000; i += 3)
		ids_add(&a, i);
	ids_add(&a, (uint64_t)1 << 60);
	for (uint64_t i = 1; i < 9000; i += 5)
		ids_add(&b, i);
	ids_intersect(&a, &b);
	for (uint64_t i = 0; i < 10000; i++)
		check_at(i, ids_has(&a, i) == (i < 5000 && i % 15 == 1));
	assert_true(ids_next(&a, 2, &id) && id == 16);
	assert_false(ids_next(&a, 5000, &id));
	ids_unite(&a, &b);
	assert_int_equal(ids_count(&a), ids_count(&b));
	ids_deinit(&a);
	ids_deinit(&b);
}

/* However many batches come, there are few segments. */
static void test_plan(void **state)
{
	struct search_state *s = calloc(1, sizeof(*s));
	size_t first, n;

	(void)state;
	for (unsigned batch = 0; batch < 3000; batch++) {
		assert_true(s->count < SEARCH_SEGMENTS);
		s->segments[s->count++] = (struct segment){ .docs = 1 + batch % 600 };
		while ((n = search_merge_plan(s, &first)) != 0) {
			for (size_t i = 1; i < n; i++)
				s->segments[first].docs += s->segments[first + i].docs;
			for (size_t i = first + n; i < s->count; i++)
				s->segments[i - n + 1] = s->segments[i];
			s->count -= (uint32_t)n - 1;
			assert_true(s->segments[first].docs <= SEGMENT_DOCS_MAX);
		}
	}
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),    cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_patterns), cmocka_unit_test(test_postings),
		cmocka_unit_test(test_ids),      cmocka_unit_test(test_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
