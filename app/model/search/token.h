/* model/search/token.h: the words of a folded text (foundation/text/fold.h). Pure.
 *
 * A word is a longest run of letters, digits, marks and symbols above ASCII. In scripts without
 * spaces (Han, Kana, Thai ...) every two adjacent characters are a word, and a single one is a
 * word. A run longer than TOKEN_MAX bytes is split in pieces that overlap: every part of it of up
 * to TOKEN_WITHIN bytes is whole in one of them. */
#ifndef SEARCH_TOKEN_H
#define SEARCH_TOKEN_H
#include "foundation/base/cur.h"

enum { TOKEN_MAX = 64, TOKEN_WITHIN = 32 };

typedef void token_fn(void *arg, struct str word);

struct tokenizer {
	token_fn *fn;
	void *arg;
	/* private: the present word */
	bool pairs; /* of a script without spaces   */
	bool began; /* a part of it was returned */
	size_t n;
	char word[TOKEN_MAX + 4];
};

/* Process a part of a text; words may continue in the next call. */
void tokenizer_take(struct tokenizer *t, struct str folded);
/* End the text. */
void tokenizer_end(struct tokenizer *t);

/* The kinds of characters for that. */
enum token_kind { KIND_NONE, KIND_WORD, KIND_PAIRS /* of a script without spaces */ };
/* Take the longest run of one kind; empty at the end. The text need not be folded. */
struct str token_run_next(struct cur *c, enum token_kind *kind);

/* The position of a pattern's word within a word of a matching text. */
enum token_part { TOKEN_CONTAINS, TOKEN_SUFFIX, TOKEN_PREFIX, TOKEN_WHOLE };

struct token {
	struct str word; /* at most TOKEN_MAX bytes, at most TOKEN_WITHIN unless whole */
	enum token_part part;
	bool pair; /* of a script without spaces */
};

enum { PATTERN_TOKENS = 16 };

/* The words that every text with the pattern (folded) contains; at most PATTERN_TOKENS, borrowed
 * from pattern. *exact: a text with them contains the pattern. 0: the pattern has no word, so
 * nothing is known. */
size_t token_pattern(struct str pattern, struct token out[PATTERN_TOKENS], bool *exact);

#endif
