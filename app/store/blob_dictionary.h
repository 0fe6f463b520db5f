/* store/blob_dictionary.h: what is often said in this store's mail. Only store/ includes this.
 *
 * A message alone repeats little, but messages repeat each other: fields of headers, signatures,
 * phrases. So pieces of up to some ten KiB are compressed with a dictionary of 64 KiB that zstd
 * trains from a sample of the store's own blobs, for the first time after DICTIONARY_FIRST blobs,
 * then each time there are DICTIONARY_TIMES as many.
 *
 *	dictionary: id (1 byte) -> form, number of the last blob at its making, bytes of zstd
 *
 * The frame of a chunk names its dictionary, so old chunks stay readable. A dictionary is never
 * removed. It holds pieces of messages that it was made from, which may have been expunged
 * since. */
#ifndef STORE_BLOB_DICTIONARY_H
#define STORE_BLOB_DICTIONARY_H
#include "base/err.h"
#include "base/str.h"

#include <stdatomic.h>

struct store;
struct txn;

enum {
	DICTIONARY_FIRST = 400,
	DICTIONARY_TIMES = 16,
};

struct dictionary_state {
	atomic_ullong last; /* a blob's number, about the greatest */
	atomic_ullong next; /* train when there is such a one       */
	atomic_bool training;
};

/* When the store is opened: pack with the newest. */
enum err dictionary_open(struct store *s) MUST_USE;
/* A blob was put under this number. */
void dictionary_count(struct store *s, uint64_t number);
/* Train one if it is time: some tenths of a second, some five times in the life of a store. What
 * fails is tried again later. Not inside a transaction. */
void dictionary_keep_up(struct store *s);
/* Before a chunk is unpacked: its dictionary is in the pool. ERR_CORRUPT: there is none. */
enum err dictionary_need(struct txn *t, struct str chunk) MUST_USE;

#endif
