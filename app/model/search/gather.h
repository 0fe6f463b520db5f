/* model/search/gather.h: a batch of messages in memory: their words, each with the documents that
 * contain it. */
#ifndef SEARCH_GATHER_H
#define SEARCH_GATHER_H
#include "formats/message/mime.h"
#include "foundation/base/arena.h"
#include "foundation/text/language.h"
#include "model/search/keys.h"
#include "model/search/search.h"

struct gather_word {
	struct str word;
	enum search_field field;
	uint32_t count, cap;
	uint32_t *docs; /* ascending */
};

struct gather_doc {
	uint64_t email;
	bool look; /* not all of its words are here: it must be read */
	enum language language;
	struct search_keys keys;
};

struct gather {
	struct arena arena;
	struct gather_word **words; /* a hash table until gather_sort */
	size_t slots, count;
	uint64_t seed;
	struct gather_doc *docs;
	uint32_t doc_count, doc_cap;
	uint32_t doc_words_max; /* words of a document; one with more must be read */
	/* private: of the message being added */
	uint32_t doc_words;
};

void gather_init(struct gather *g, uint32_t doc_words_max);
void gather_deinit(struct gather *g);

/* Add a document, in ascending order of ids. raw: the message; empty: unreadable, or too big. keys
 * are copied. */
void gather_add(struct gather *g, uint64_t email, struct str raw, size_t header_bytes,
                const struct message_limits *limits, const struct search_keys *keys);

/* Sort the words in the order of the store: by field, then word. No additions afterwards. */
void gather_sort(struct gather *g);

/* The approximate memory in bytes. */
size_t gather_bytes(const struct gather *g);

#endif
