/* model/store/spool.h: a message being received.
 *
 * Bytes stay in memory up to SPOOL_MEMORY and then move to an unnamed file in the data folder, so a
 * crash leaves nothing. Owned by one connection; not thread-safe. */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

struct store;

enum { SPOOL_MEMORY = 256 << 10 };

struct spool {
	struct buf memory; /* all bytes until there is a file, then empty       */
	uint64_t size;     /* bytes held                                        */
	uint64_t max;
	int folder_fd; /* the store's                                       */
	int fd;        /* -1 while in memory                                */
	void *map;     /* of the file, made by spool_view                   */
	size_t map_n;
	enum err error; /* sticky                                            */
};

/* Empty, without resources. max is in bytes. s must outlive sp. */
void spool_init(struct spool *sp, const struct store *s, uint64_t max);
/* Release everything; again is a no-op. sp must be initialised before its next use. */
void spool_deinit(struct spool *sp);
/* Drop the bytes, keep the maximum: for the next message of the connection. */
void spool_reset(struct spool *sp);

/* Open a new unnamed file in the data folder, for other uses; -1. */
int spool_file_open(const struct store *s);

/* Append. ERR_LIMIT past max; ERR_FULL, ERR_IO. Errors are sticky until spool_reset: further bytes
 * are accepted and ignored, so that a reader can check at the end only. */
enum err spool_put(struct spool *sp, struct str bytes) MUST_USE;

/* All bytes as one string, borrowed until the next change of sp. ERR_IO, or the sticky error. */
enum err spool_view(struct spool *sp, struct str *out) MUST_USE;

#endif
