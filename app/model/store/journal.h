/* model/store/journal.h: the file of commits that are not in the tree yet. Only store/ includes
 * this.
 *
 * One record for each commit, one after the other from the beginning of the file. A sync
 * takes all before it along:
 *
 *	"rstj", length of the changes (be32), epoch (be64), number (be64),
 *	BLAKE2b-256 of the head so far and the changes, the changes, zeros up to 8
 *
 *	a change: 1 and key and value, or 2 and key (foundation/base/pack.h)
 *
 * A record that was begun before all earlier ones were synced says so in front of its changes:
 * 3 and the number of the last that was.
 *
 * Records belong together by their epoch, a number drawn at random each time the file is
 * begun anew, and count from 1. The tree holds the epoch that continues it, so the file is
 * never emptied: what lies behind the last record of the epoch is from an earlier one, or
 * was never synced and so never acknowledged: a record that was cut short, or those behind
 * a gap, since a disk writes in whatever order until it is asked to sync. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

enum {
	JOURNAL_BYTES = 16 << 20,     /* of the file */
	JOURNAL_RECORD_MAX = 1 << 20, /* bigger commits go into the tree: once is cheaper */
};

struct journal {
	int fd; /* -1: not open */
	uint64_t epoch;
	uint64_t number; /* of the next record */
	uint64_t at;     /* where it goes      */
	uint64_t synced; /* the last record that surely is on the disk */
	struct buf record;
	bool reserved; /* its blocks are ours */
};

void journal_init(struct journal *j);
void journal_deinit(struct journal *j);

/* Open the file, making an empty one when there is none. */
enum err journal_open(struct journal *j, const char *path, struct why *why) MUST_USE;

/* Nobody ever reserved it. */
bool journal_empty(const struct journal *j);
/* Take the blocks of the whole file, so that a record never waits for room. ERR_FULL. */
enum err journal_reserve(struct journal *j, struct why *why) MUST_USE;

/* The next record is the first of this epoch, at the beginning of the file. */
void journal_begin(struct journal *j, uint64_t epoch);
/* No record follows for now: give memory back. */
void journal_end(struct journal *j);
/* Nor for a while, and nothing refers to those that were written: give the disk's blocks back. */
void journal_release(struct journal *j);

/* --- A record --------------------------------------------------------------------------- */

void journal_put(struct journal *j, struct str key, struct str val);
void journal_del(struct journal *j, struct str key);
/* Forget what was put since the last record. */
void journal_drop(struct journal *j);
/* Is it small enough for a record? */
bool journal_fits(const struct journal *j);
/* Is there room in the file for any record? Ask before journal_append. */
bool journal_room(const struct journal *j);
/* Write what was put since the last record, and unless it is to be so soon only, sync: one sync.
 * After an error the record does not count, as far as the disk still obeys, and the next takes
 * its place; those that were not synced then must be brought elsewhere. */
enum err journal_append(struct journal *j, bool soon, struct why *why) MUST_USE;
/* Is there a record that was not synced? */
bool journal_lags(const struct journal *j);
enum err journal_sync(struct journal *j, struct why *why) MUST_USE;

/* --- Replay ----------------------------------------------------------------------------- */

/* What a replay calls for each change, in order; an error ends it. */
struct journal_target {
	enum err (*put)(void *arg, struct str key, struct str val);
	enum err (*del)(void *arg, struct str key);
	void *arg;
};

/* Hand out all changes of the epoch, up to a gap. ERR_CORRUPT: records are missing that were
 * synced; ERR_IO; else the target's. Memory: the file's size. */
enum err journal_replay(const struct journal *j, uint64_t epoch, const struct journal_target *to,
                        struct why *why) MUST_USE;

#endif
