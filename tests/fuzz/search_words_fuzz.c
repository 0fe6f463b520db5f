/* Words of texts and rows of the index. The first byte says how long the pattern is; what follows
 * is pattern and text. A text that contains the pattern has the words that token_pattern names. */
#include "foundation/text/fold.h"
#include "model/search/posting.h"
#include "model/search/rows.h"
#include "model/search/token.h"
#include "model/store/store.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct wanted {
	const struct token *token;
	bool found;
};

static void on_word(void *arg, struct str word)
{
	struct wanted *w = arg;
	struct str want = w->token->word;
	ptrdiff_t at = str_find(word, want);
	bool begins = str_starts(word, want), ends = str_ends(word, want);

	if (word.n > TOKEN_MAX || word.n == 0)
		abort();
	switch (w->token->part) {
	case TOKEN_CONTAINS:
		w->found |= at >= 0;
		break;
	case TOKEN_SUFFIX:
		w->found |= ends;
		break;
	case TOKEN_PREFIX:
		w->found |= begins;
		break;
	case TOKEN_WHOLE:
		w->found |= begins && word.n == want.n;
		break;
	}
}

static void words_check(struct str text, struct str pattern)
{
	struct token tokens[PATTERN_TOKENS];
	bool exact, contains = str_find(text, pattern) >= 0;
	size_t n = token_pattern(pattern, tokens, &exact);

	for (size_t i = 0; i < n; i++) {
		struct wanted w = { .token = &tokens[i] };
		struct tokenizer t = { .fn = on_word, .arg = &w };

		tokenizer_take(&t, text);
		tokenizer_end(&t);
		if (contains && !w.found)
			abort();
		if (exact && w.found && !contains)
			abort();
	}
}

static enum err block_check(struct txn *t, void *arg)
{
	const struct str *row = arg;
	struct str posting;
	struct block b;

	block_init(&b);
	if (block_read(&b, t, *row)) {
		if (b.words.p[0] != '\0' || b.words.p[b.words.n - 1] != '\0')
			abort();
		for (uint32_t i = 0; i < b.count && block_posting(&b, i, &posting); i++)
			;
	}
	block_deinit(&b);
	return OK;
}

static void rows_check(struct str row)
{
	static const struct store_config config = { .backend = STORE_MEMORY };
	static struct store *store;
	struct search_state *s = malloc(sizeof(*s));
	struct cur c = cur_of(row);
	uint32_t before = 0, lo, end;

	while (posting_next(&c, 1000, &before, &lo, &end))
		if (lo >= end || end > 1000)
			abort();
	if (!store && store_open(&store, &config, NULL) != OK)
		abort();
	(void)!store_read(store, block_check, &row);
	(void)search_state_unpack(row, s);
	free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_from((const char *)data, size);
	struct buf text, pattern;

	rows_check(in);
	if (size == 0)
		return 0;
	buf_init(&text, FOLD_GROWTH * size + 1);
	buf_init(&pattern, FOLD_GROWTH * size + 1);
	fold_put(&pattern, str_sub(in, 1, 1 + (size_t)data[0]));
	fold_put(&text, str_sub(in, 1 + (size_t)data[0], size));
	words_check(buf_str(&text), buf_str(&pattern));
	buf_deinit(&text);
	buf_deinit(&pattern);
	return 0;
}
