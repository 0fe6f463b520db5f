/* model/search/words.h: the words of a message, each with its field: for the index, and for FUZZY
 * on messages that are not indexed. */
#ifndef SEARCH_WORDS_H
#define SEARCH_WORDS_H
#include "formats/message/mime.h"
#include "foundation/text/language.h"
#include "model/search/search.h"

/* word: folded (foundation/text/fold.h), at most TOKEN_MAX bytes. False ends the walk. */
typedef bool search_word_fn(void *arg, enum search_field field, struct str word);

/* All words, header first. raw: the message. False: fn returned false. */
bool search_words(struct str raw, size_t header_bytes, const struct message_limits *limits,
                  search_word_fn *fn, void *arg);
/* The words in the values of header fields of that name. */
bool search_field_words(struct str header, struct str name, search_word_fn *fn, void *arg);

/* The language of a message: its Content-Language (RFC 3282), or a guess by the words of its
 * subject and body. Init with the header, take all words, end. */
struct search_language {
	struct language_guess guess;
	enum language declared;
	bool is_declared;
};
void search_language_init(struct search_language *t, struct str header);
/* False: further words make no difference. */
bool search_language_take(struct search_language *t, enum search_field field, struct str word);
enum language search_language_end(const struct search_language *t);
/* The same for a whole message. */
enum language search_language_of(struct str raw, size_t header_bytes,
                               const struct message_limits *limits);

#endif
