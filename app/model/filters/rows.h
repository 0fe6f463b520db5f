/* model/filters/rows.h: keys and rows of this folder. Private to it.
 *
 *	SCRIPT         owner, BLAKE2b-128 of the name   form, when it was changed, name, text,
 *	                                                program, id
 *	SCRIPT         account                          the end of the key of its active script
 *	FILTER         account, kind                    form, settings, script, program
 *	FILTER_MEMORY  account                          number of keys
 *	FILTER_MEMORY  account 'k' hash                 until when, in ms
 *	FILTER_MEMORY  account 'u' until hash           nothing: the order in which they end
 *
 * An owner is the account as 4 bytes; for a domain or the server these are 0, followed by the
 * domain and a NUL. A name may be longer than a key, so keys have its hash. */
#ifndef FILTERS_ROWS_H
#define FILTERS_ROWS_H
#include "foundation/base/buf.h"
#include "model/filters/filter.h"
#include "model/filters/scripts.h"
#include "model/store/kv.h"

enum { FILTERS_FORM = 1, FILTERS_HASH = 16, FILTERS_KEY_MAX = 4 + 255 + 1 + FILTERS_HASH };

struct filters_key {
	char room[FILTERS_KEY_MAX];
	struct buf b; /* over room */
};

void filters_key_init(struct filters_key *k, uint32_t account);
void filters_key_owner(struct filters_key *k, const struct script_owner *owner);
void filters_key_hash(struct filters_key *k, struct str s);

/* Write. */
enum err filters_rows_del(struct txn *t, enum space space, struct str prefix) MUST_USE;
/* Write, and frees the row. */
enum err filters_row_put(struct txn *t, enum space space, struct str key, struct buf *row) MUST_USE;

/* Borrowed. False: the row cannot be read. active is not set. */
bool script_row_read(struct str row, struct script *out);
bool filter_row_read(struct str row, struct filter *out);

/* A row of FILTER_MEMORY. */
struct filter_memory_row {
	uint32_t account;
	char kind; /* 'k', 'u', or 0: the number of keys of the account */
	uint64_t until; /* of 'u' */
	struct str hash; /* borrowed from the key */
};
/* False: it cannot be read. */
bool filter_memory_row_read(struct str key, struct filter_memory_row *out);

#endif
