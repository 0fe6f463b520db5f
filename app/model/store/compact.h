/* model/store/compact.h: the store's file without the pages that nothing uses.
 *
 * Commits use pages again that were freed, so a file only grows by what is more than there ever
 * was; but it never shrinks by itself. */
#ifndef STORE_COMPACT_H
#define STORE_COMPACT_H
#include "foundation/base/err.h"

struct compacted {
	uint64_t before, after; /* bytes of the file */
};

/* Write the store of the folder anew and put it in the place of the old one, in one step: a kill at
 * any moment leaves one of the two, which hold the same. Needs room for both.
 * ERR_CONFLICT: a server is running there, or a command. ERR_MISSING: there is no store;
 * ERR_FULL, ERR_IO: the old store is as it was. */
enum err store_compact(const char *folder, struct compacted *done, struct why *why) MUST_USE;

#endif
