/* model/store/spool.h: a message while it is being received.
 *
 * Bytes stay in memory up to SPOOL_MEMORY and then move to a file without a name in the
 * data folder, so a crash leaves nothing. Owned by one connection; not thread-safe. */
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

/* Empty; holds nothing to release yet. max is in bytes. s must outlive sp. */
void spool_init(struct spool *sp, const struct store *s, uint64_t max);
/* Release everything; again is a no-op. sp must be initialised before its next use. */
void spool_deinit(struct spool *sp);
/* Forget the bytes, keep the maximum: for the next message of the connection. */
void spool_reset(struct spool *sp);

/* A new file without a name in the data folder, for bytes that somebody else gathers; -1. */
int spool_file_open(const struct store *s);

/* Append. ERR_LIMIT past max; ERR_FULL, ERR_IO. Errors stick until spool_reset: the rest
 * of the message may be put and is ignored, so that a reader can look at the end only. */
enum err spool_put(struct spool *sp, struct str bytes) MUST_USE;

/* All bytes as one string, borrowed until the next change of sp. ERR_IO, or the error
 * that stuck. */
enum err spool_view(struct spool *sp, struct str *out) MUST_USE;

#endif
