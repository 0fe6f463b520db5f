/* store/reserve.h: room on the disk that is ours already.
 *
 * Deleting needs room too: a commit writes changed pages to new places before the old ones
 * are free. So blocks past the end of the file stay allocated; while that works out there
 * is nothing to do. When the disk refuses more, the store is tight: functions that would
 * make it grow are refused, and those that shrink it, or change a little, live on the
 * reserve and on pages freed inside the file. Each commit asks again, so it ends by
 * itself. Only store/ includes this. */
#ifndef STORE_RESERVE_H
#define STORE_RESERVE_H
#include "base/util.h"

enum {
	RESERVE_DEFAULT = 16 << 20,
	/* What a function may add while tight: enough for flags and log rows, too little
	 * for a message. */
	RESERVE_GROWTH = 2048,
};

struct reserve {
	int fd;         /* of the store's file; -1: nothing to reserve */
	uint64_t bytes; /* to keep past the end */
	uint64_t until; /* blocks are allocated up to this offset */
};

void reserve_init(struct reserve *r, int fd, size_t bytes);

/* Keep the reserve past the used bytes of the file; false when the disk has no room for
 * at least half of it. Cheap while there is. */
bool reserve_keep(struct reserve *r, uint64_t used_bytes);

#endif
