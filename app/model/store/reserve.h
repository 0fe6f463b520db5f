/* model/store/reserve.h: reserved space on the disk.
 *
 * Deleting needs space too: a commit writes changed pages to new places before the old ones are
 * free. So blocks past the end of the file stay allocated. When the disk is full, or the file is
 * near its maximum size, the growth of a write is limited, depending on the rest of the reserve and
 * of free pages inside the file:
 *
 *	left, in reserves    a write may add
 *	1 or more            anything: free pages inside the file count too
 *	1/4 to 1             a little: flags and log rows, but no message
 *	less                 nothing: it must shrink the store, or keep its size
 *
 * Each commit checks again, so the limit ends when there is space. Pending commits (kv_journal.h)
 * have priority over the reserve. Only store/ includes this. */
#ifndef STORE_RESERVE_H
#define STORE_RESERVE_H
#include "foundation/base/util.h"

enum {
	RESERVE_DEFAULT = 16 << 20,
	RESERVE_LITTLE = 1024, /* maximum bytes of a small write */
};

struct reserve {
	int fd;         /* of the store's file; -1: no reserve */
	uint64_t bytes; /* of the reserve, past the end */
	uint64_t most;  /* maximum size of the file */
	uint64_t until; /* blocks are allocated up to this offset             */
	bool blind;     /* the file system cannot allocate: use its free space instead */
};

void reserve_init(struct reserve *r, int fd, size_t bytes, uint64_t most);

/* Allocate room for pending commits and the reserve, past the used bytes of the file; false when
 * less than half of the reserve is available. Cheap when nothing changes. Room of completed commits
 * is freed. In a write transaction: no other writer extends the file. */
bool reserve_keep(struct reserve *r, uint64_t used_bytes, uint64_t waiting_bytes);

/* The rest of the reserve after the room for pending commits. */
uint64_t reserve_left(const struct reserve *r, uint64_t used_bytes, uint64_t waiting_bytes);

/* The bytes that a write may add when `left` remain: see the table above. */
int64_t reserve_growth(const struct reserve *r, uint64_t left);

#endif
