/* model/store/compact.h: compaction of the store's file.
 *
 * Commits reuse freed pages, so the file grows only beyond the highest use so far; but it does not
 * shrink by itself. */
#ifndef STORE_COMPACT_H
#define STORE_COMPACT_H
#include "foundation/base/err.h"

struct compacted {
	uint64_t before, after; /* bytes of the file */
};

/* Rewrite the store of the folder and replace the old file atomically: a kill at any moment leaves
 * one of the two, with equal contents. Needs room for both. ERR_CONFLICT: a server or a command
 * uses the store. ERR_MISSING: there is no store; ERR_FULL, ERR_IO: the old store is unchanged. */
enum err store_compact(const char *folder, struct compacted *done, struct why *why) MUST_USE;

#endif
