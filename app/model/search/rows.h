/* model/search/rows.h: the rows of the index in the store. Private to the folder.
 *
 *	SEARCH  account 0                          the list of segments: struct search_state
 *	SEARCH  account segment TERMS field word   a block of words, from that word on
 *	SEARCH  account segment LOOK               documents that must be read
 *	SEARCH  account segment LANGUAGES          enum language of each document, a byte
 *	SEARCH  account segment IDS doc            email ids of documents, from that one on
 *	SEARCH  account segment COLUMN+n doc       their values of a column (columns.h), packed
 *
 * Documents are numbered from 0 within a segment, in the order of email ids. Rows of a segment that
 * is not in the state belong to a segment that a kill left unfinished. */
#ifndef SEARCH_ROWS_H
#define SEARCH_ROWS_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "foundation/base/err.h"
#include "model/mailbox/mail.h"
#include "model/search/search.h"

enum search_row { ROW_TERMS = 1, ROW_LOOK, ROW_IDS, ROW_LANGUAGES, ROW_COLUMN = 16 };

enum {
	SEARCH_SEGMENTS = 64, /* of an account, at most; ensured by merges */
	SEARCH_KEY_MAX = 4 + 4 + 1 + 1 + 80,
	SEGMENT_DOCS_MAX = 1 << 19,
};

struct segment {
	uint32_t number;
	uint32_t docs;
	uint64_t first, last; /* email ids */
};

struct search_state {
	uint64_t known_to; /* emails up to this id are in a segment, or deleted */
	uint32_t segment_next;
	uint32_t count;
	struct segment segments[SEARCH_SEGMENTS]; /* ascending by ids, not overlapping */
};

struct search_key {
	size_t n;
	char p[SEARCH_KEY_MAX];
};

struct str search_key_str(const struct search_key *k);
/* The common prefix of all rows of a segment. */
void search_key_segment(struct search_key *k, uint32_t account, uint32_t segment);
void search_key_kind(struct search_key *k, uint32_t account, uint32_t segment, unsigned kind);
void search_key_doc(struct search_key *k, uint32_t account, uint32_t segment, unsigned kind,
                    uint32_t doc);
void search_key_term(struct search_key *k, uint32_t account, uint32_t segment,
                     enum search_field field, struct str word);

/* All-zero when there is no state; ERR_CORRUPT: drop the index. */
enum err search_state_get(const struct mail_txn *m, struct search_state *out) MUST_USE;
enum err search_state_put(const struct mail_txn *m, const struct search_state *s) MUST_USE;
bool search_state_unpack(struct str record, struct search_state *out);
/* Was it written by an older Roost? Then it is intact, but useless. */
bool search_state_older(struct str record);

/* --- A block of words: a row of
 *
 *	field, count		varints
 *	shapes			packed (store/packed.h): for each word the bytes that it shares with
 *				the start of the previous one, then for each the other bytes
 *	letters			packed: the other bytes of all words
 *	lists			packed: for each word the length of its postings, then all postings
 *
 * Each is preceded by its length. After reading, the words are contiguous, so that a part of one is
 * found by one scan. */
enum {
	BLOCK_WORDS = 1 << 14, /* words in a block, at most           */
	BLOCK_WORD_MAX = 64,   /* bytes of a word: TOKEN_MAX          */
};

struct block {
	enum search_field field;
	uint32_t count;
	struct str words; /* NUL word NUL word NUL ... NUL */
	/* private */
	struct txn *t;
	struct str packed;          /* lists; borrowed from the transaction         */
	bool listed;                /* lists are unpacked */
	size_t postings_at;         /* the offset of the postings */
	struct cur lengths, postings; /* of the remaining words */
	uint32_t taken;
	struct buf shapes, letters, expanded, lists;
};
/* Memory is reused from row to row. */
void block_init(struct block *b);
void block_deinit(struct block *b);
/* False: malformed. The row stays borrowed until the next one is read. */
bool block_read(struct block *b, struct txn *t, struct str row);
/* The postings of word i; i ascends from call to call, until a rewind. False: malformed. Borrowed
 * from b. */
bool block_posting(struct block *b, uint32_t i, struct str *out);
void block_rewind(struct block *b);

#endif
