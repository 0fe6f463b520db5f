/* model/search/segment.h: a segment being written. Private to the folder.
 *
 *	segment_begin(&w, store, account)	takes a number
 *	segment_doc(&w, ...)			each document, in the order of email ids
 *	segment_word(&w, ...)			each word, in the order of fields and bytes
 *	segment_flush(&w)			regularly: writes finished rows
 *	segment_commit(&w, ...)			makes it part of the index
 *	segment_end(&w)				always
 *
 * Rows are written in separate transactions, so that no commit is large; readers ignore them until
 * the state lists the segment. */
#ifndef SEARCH_SEGMENT_H
#define SEARCH_SEGMENT_H
#include "foundation/base/arena.h"
#include "foundation/text/language.h"
#include "model/search/keys.h"
#include "model/search/posting.h"
#include "model/search/rows.h"

struct store;

enum { SEGMENT_COLUMN_MAX = 32 << 10 /* bytes of a block of a column, unpacked */ };

struct segment_row {
	struct str key, value;
};

struct segment_writer {
	struct store *store;
	uint32_t account;
	struct segment segment;
	/* finished rows */
	struct arena arena;
	struct segment_row *rows;
	size_t count, cap, bytes;
	/* the present block of words */
	enum search_field field;
	uint32_t words_count;
	struct buf first, last; /* words */
	struct buf shared, own; /* lengths of words: shared with the previous one, and the rest */
	struct buf letters, lengths, postings;
	/* the present block of documents */
	uint32_t docs_first;
	uint64_t docs_email; /* the last one */
	struct buf ids, columns[SEARCH_COLUMNS];
	struct buf look, languages;
	struct posting_writer look_writer;
};

/* A document. */
struct segment_entry {
	uint64_t email;
	bool look; /* it must be read */
	enum language language;
};

/* ERR_MISSING: the account has no mail. */
enum err segment_begin(struct segment_writer *w, struct store *s, uint32_t account) MUST_USE;
void segment_doc(struct segment_writer *w, const struct segment_entry *doc,
                 const struct search_keys *keys);
/* posting: compressed (posting.h), not empty. */
void segment_word(struct segment_writer *w, enum search_field field, struct str word,
                  struct str posting);
/* Are there enough finished rows to be written? */
bool segment_full(const struct segment_writer *w);
/* Not inside a transaction. */
enum err segment_flush(struct segment_writer *w) MUST_USE;

/* Replace those segments in the list by this one, if it has documents; all up to known_to is
 * indexed then. Not inside a transaction. */
enum err segment_commit(struct segment_writer *w, uint64_t known_to, const uint32_t *instead,
                        size_t count) MUST_USE;
void segment_end(struct segment_writer *w);

/* Delete rows of segments that are not in the state; no segment may be being written. All rows when
 * there is no state. In steps. Not inside a transaction. */
enum err segments_sweep(struct store *s, uint32_t account) MUST_USE;

/* --- Reading documents ------------------------------------------------------------------ */

/* The documents that must be read, as a list (posting.h), empty for none. */
enum err segment_look(const struct mail_txn *m, const struct segment *g, struct str *out) MUST_USE;
/* Their languages, a byte each. */
enum err segment_languages(const struct mail_txn *m, const struct segment *g,
                         struct str *out) MUST_USE;

/* Walk over documents, with their values of the columns in mask. Borrowed from the transaction. */
struct segment_docs {
	const struct mail_txn *m;
	const struct segment *segment;
	unsigned mask; /* BIT(enum search_column) */
	enum err error;
	uint32_t doc;   /* the next one */
	uint64_t email; /* the last one */
	struct cur ids, columns[SEARCH_COLUMNS];
};
struct segment_doc {
	uint32_t doc;
	uint64_t email;
	struct str values[SEARCH_COLUMNS]; /* those in mask */
};
/* doc: the first one: 0, or the first of a block. */
void segment_docs_init(struct segment_docs *d, const struct mail_txn *m, const struct segment *g,
                       unsigned mask, uint32_t doc);
bool segment_docs_next(struct segment_docs *d, struct segment_doc *out);
/* Is the next one the first of a block? Then the walk can continue in another transaction. */
bool segment_docs_block(const struct segment_docs *d);
/* OK, or the error before the end; ERR_CORRUPT when rows are malformed. */
enum err segment_docs_end(const struct segment_docs *d) MUST_USE;

#endif
