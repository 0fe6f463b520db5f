/* model/store/blob_dictionary.h: compression dictionaries for messages and for rows about them.
 * Only store/ includes this.
 *
 * A single message has little repetition, but messages resemble each other: header fields,
 * signatures, phrases. So pieces of up to some ten KiB are compressed with a dictionary of 64 KiB
 * that zstd trains from a sample of the store's own blobs, first after DICTIONARY_FIRST blobs, then
 * each time their number has grown DICTIONARY_TIMES.
 *
 *	dictionary: id (1 byte) -> kind + 1, number of the last blob at its creation, bytes of zstd
 *
 * Values of rows (packed.h) have dictionaries of their own, created at the same times, from values
 * that were packed before.
 *
 * The frame of a chunk names its dictionary, so old chunks stay readable. Dictionaries are not
 * removed. A dictionary contains parts of the messages in its sample, which may have been expunged
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
	struct buf bytes; /* concatenated */
	size_t sizes[DICTIONARY_SAMPLES];
	unsigned n;
};

struct dictionary_state {
	atomic_ullong last;             /* approximately the greatest number of a blob */
	atomic_ullong next[PACK_KINDS]; /* train at this number */
	atomic_bool training;
	pthread_mutex_t lock;
	struct samples *records; /* values of rows; NULL: not collected; under lock */
};

/* Initialise the dictionaries of a store that is all-zero. */
void dictionary_init(struct store *s);
void dictionary_deinit(struct store *s);
/* At the opening of the store: load the newest for packing. */
enum err dictionary_open(struct store *s) MUST_USE;
/* A blob was put under this number. */
void dictionary_count(struct store *s, uint64_t number);
/* A value of a row was packed: add it to the sample. */
void dictionary_sample(struct store *s, struct str value);
/* Train a dictionary if it is due: half a second, about five times in the life of a store. After a
 * failure it is tried again later. Not inside a transaction. */
void dictionary_keep_up(struct store *s);
/* Before a chunk is unpacked: load its dictionary. ERR_CORRUPT: there is none. */
enum err dictionary_need(struct txn *t, struct str chunk) MUST_USE;

#endif
