/* model/store/blob_dictionary.h: what is often said in this store's mail and in rows about it. Only
 * store/ includes this.
 *
 * A message alone repeats little, but messages repeat each other: fields of headers, signatures,
 * phrases. So pieces of up to some ten KiB are compressed with a dictionary of 64 KiB that zstd
 * trains from a sample of the store's own blobs, for the first time after DICTIONARY_FIRST blobs,
 * then each time there are DICTIONARY_TIMES as many.
 *
 *	dictionary: id (1 byte) -> kind + 1, number of the last blob at its making, bytes of zstd
 *
 * Values of rows (packed.h) have dictionaries of their own, made at the same times, of values that
 * were packed before.
 *
 * The frame of a chunk names its dictionary, so old chunks stay readable. A dictionary is never
 * removed. It holds pieces of messages that it was made from, which may have been expunged
 * since. */
#ifndef STORE_BLOB_DICTIONARY_H
#define STORE_BLOB_DICTIONARY_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "model/store/blob_pack.h"

#include <stdatomic.h>

struct store;
struct txn;

enum {
	DICTIONARY_FIRST = 150,
	DICTIONARY_TIMES = 8,
	DICTIONARY_SAMPLES = 1024, /* at most */
};

/* Input of the training. */
struct samples {
	struct buf bytes; /* one after the other */
	size_t sizes[DICTIONARY_SAMPLES];
	unsigned n;
};

struct dictionary_state {
	atomic_ullong last;             /* a blob's number, about the greatest         */
	atomic_ullong next[PACK_KINDS]; /* train when there is such a one              */
	atomic_bool training;
	pthread_mutex_t lock;
	struct samples *records; /* values of rows; NULL: none are wanted; under lock */
};

/* The store is all-zero. */
void dictionary_init(struct store *s);
void dictionary_deinit(struct store *s);
/* When the store is opened: pack with the newest. */
enum err dictionary_open(struct store *s) MUST_USE;
/* A blob was put under this number. */
void dictionary_count(struct store *s, uint64_t number);
/* A value of a row that was packed: learn from it later. */
void dictionary_sample(struct store *s, struct str value);
/* Train one if it is time: half a second, some five times in the life of a store. A
 * failure is tried again later. Not inside a transaction. */
void dictionary_keep_up(struct store *s);
/* Before a chunk is unpacked: its dictionary is in the pool. ERR_CORRUPT: there is none. */
enum err dictionary_need(struct txn *t, struct str chunk) MUST_USE;

#endif
