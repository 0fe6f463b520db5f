/* model/store/backend/journal.h: the file of commits that are not in the tree yet. Only
 * store/ includes this.
 *
 * One record for each commit, in sequence from the beginning of the file. A sync includes all
 * records before:
 *
 *	"rstj", length of the changes (be32), epoch (be64), number (be64),
 *	BLAKE2b-256 of the head so far and the changes, the changes, zeros up to 8
 *
 *	a change: 1 and key and value, or 2 and key (foundation/base/pack.h)
 *
 * A record that was begun before all earlier ones were synced has a prefix before its changes: 3
 * and the number of the last synced one.
 *
 * Records have a common epoch, a random number for each time the file is begun, and count from 1.
 * The tree has the epoch that continues it, so the file is never emptied: data after the last
 * record of the epoch is from an earlier epoch, or was not synced and so not acknowledged: a
 * truncated record, or records after a gap, since a disk writes in any order until it is synced. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

enum {
	JOURNAL_BYTES = 16 << 20,     /* of the file */
	JOURNAL_RECORD_MAX = 1 << 20, /* larger commits go directly into the tree */
};

struct journal {
	int fd; /* -1: not open */
	uint64_t epoch;
	uint64_t number; /* of the next record */
	uint64_t at;     /* its offset in the file */
	uint64_t synced; /* the last record that is certainly on the disk */
	struct buf record;
	bool reserved; /* its blocks are allocated */
};

void journal_init(struct journal *j);
void journal_deinit(struct journal *j);

/* Open the file, creating an empty one if missing. */
enum err journal_open(struct journal *j, const char *path, struct why *why) MUST_USE;

/* Were its blocks never allocated? */
bool journal_empty(const struct journal *j);
/* Allocate the blocks of the whole file, so that a record never fails for space. ERR_FULL. */
enum err journal_reserve(struct journal *j, struct why *why) MUST_USE;

/* The next record is the first of this epoch, at the beginning of the file. */
void journal_begin(struct journal *j, uint64_t epoch);
/* No record follows for now: free memory. */
void journal_end(struct journal *j);
/* No record follows for longer, and none is referred to: free the blocks on the disk. */
void journal_release(struct journal *j);

/* --- A record --------------------------------------------------------------------------- */

void journal_put(struct journal *j, struct str key, struct str val);
void journal_del(struct journal *j, struct str key);
/* Drop the changes since the last record. */
void journal_drop(struct journal *j);
/* Is it small enough for a record? */
bool journal_fits(const struct journal *j);
/* Has the file room for any record? Call it before journal_append. */
bool journal_room(const struct journal *j);
/* Write a record of the changes since the last one, and sync unless soon is set. After an error the
 * record does not count, as far as the disk still works, and the next one replaces it; unsynced
 * records must then be written to the tree. */
enum err journal_append(struct journal *j, bool soon, struct why *why) MUST_USE;
/* Is there a record that was not synced? */
bool journal_lags(const struct journal *j);
enum err journal_sync(struct journal *j, struct why *why) MUST_USE;

/* --- Replay ----------------------------------------------------------------------------- */

/* Called by a replay for each change, in order; an error ends it. */
struct journal_target {
	enum err (*put)(void *arg, struct str key, struct str val);
	enum err (*del)(void *arg, struct str key);
	void *arg;
};

/* Pass all changes of the epoch to the target, up to a gap. ERR_CORRUPT: synced records are
 * missing; ERR_IO; otherwise the target's errors. Memory: the file's size. */
enum err journal_replay(const struct journal *j, uint64_t epoch, const struct journal_target *to,
                        struct why *why) MUST_USE;

#endif
