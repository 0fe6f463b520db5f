/* model/store/packed.h: values of rows, compressed by zstd where that makes them shorter.
 *
 * A packed value is a form byte and then the value itself, or a zstd frame with the value's
 * size. */
#ifndef STORE_PACKED_H
#define STORE_PACKED_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct buf;
struct store;
struct txn;

enum { PACKED_MAX = 4 << 20 /* bytes of a value */ };

enum packed_kind {
	PACKED_PLAIN,
	PACKED_RECORD, /* small and similar to others: with a dictionary (blob_dictionary.h) */
};

/* Append the packed value: at most one byte longer. Thread-safe. */
void packed_put(struct store *s, enum packed_kind kind, struct str value, struct buf *out);
/* The size of the value; false when it is malformed, or longer than PACKED_MAX. */
bool packed_size(struct str packed, size_t *n);
/* Unpack to out, which has room for exactly n bytes. ERR_CORRUPT, ERR_IO. */
enum err packed_get(struct txn *t, struct str packed, char *out, size_t n) MUST_USE;

#endif
