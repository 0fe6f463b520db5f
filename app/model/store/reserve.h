/* model/store/reserve.h: room on the disk that is ours already.
 *
 * Deleting needs room too: a commit writes changed pages to new places before the old ones
 * are free. So blocks past the end of the file stay allocated; while that works out there
 * is nothing to do. When the disk refuses more, or the file nears the most it can grow to,
 * what a function may add is limited, by how much is left of the reserve and of pages freed
 * inside the file:
 *
 *	left, in reserves    a function may add
 *	1 or more            anything: pages freed inside the file count too
 *	1/4 to 1             a little: flags and log rows, but no message
 *	less                 nothing: only what shrinks the store, or keeps its size
 *
 * Each commit asks anew, so it ends by itself when there is room. Where commits wait for
 * their place in the file, what they will take there comes before the reserve. Only store/
 * includes this. */
#ifndef STORE_RESERVE_H
#define STORE_RESERVE_H
#include "foundation/base/util.h"

enum {
	RESERVE_DEFAULT = 16 << 20,
	RESERVE_LITTLE = 1024, /* bytes that count as a little */
};

struct reserve {
	int fd;         /* of the store's file; -1: nothing to reserve */
	uint64_t bytes; /* to keep past the end                            */
	uint64_t most;  /* the file never gets longer                      */
	uint64_t until; /* blocks are allocated up to this offset             */
	bool blind;     /* the file system does not reserve: look at its free ones */
};

void reserve_init(struct reserve *r, int fd, size_t bytes, uint64_t most);

/* Keep room for what waits, and the reserve, past the used bytes of the file; false when
 * there is none for at least half of the reserve. Cheap while there is. Room of rows
 * that wait no more is given back. In a write transaction: nobody else makes the file longer. */
bool reserve_keep(struct reserve *r, uint64_t used_bytes, uint64_t waiting_bytes);

/* How much is left of the reserve when what waits has taken its room. */
uint64_t reserve_left(const struct reserve *r, uint64_t used_bytes, uint64_t waiting_bytes);

/* The bytes a function may add when so many are left: see the table above. */
int64_t reserve_growth(const struct reserve *r, uint64_t left);

#endif
