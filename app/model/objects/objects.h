/* model/objects/objects.h: objects of an account that are not mail: identities, submissions, push
 * subscriptions, uploads. Each type has its own numbers and its own change log, so that a new type
 * needs no key space.
 *
 *	OBJECT         account type id        modseqs of creation and last change, due time,
 *	                                      record
 *	OBJECT         account type 0         state of the type: next id, modseq, floor of the log
 *	OBJECT_CHANGE  account type modseq    the id that changed then, and how
 *	OBJECT_DUE     type time account id   nothing: the object is due then (expiry, sending)
 *
 * A record is the owner's: its first number is the version of its form (foundation/base/pack.h),
 * and it has at most OBJECT_MAX bytes. Every write takes one modseq of the type. The log has a row
 * for the creation of each object and one for its last change; an object that is deleted has only
 * the row of its deletion. Beyond LIMIT_objects_gone, the oldest half of these rows is removed,
 * which raises the floor. */
#ifndef OBJECTS_H
#define OBJECTS_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "model/store/kv.h"

/* Stored: these numbers must not change. */
enum object_type {
	OBJECT_IDENTITY = 1,
	OBJECT_SUBMISSION,
	OBJECT_PUSH, /* push subscriptions: account is that of the login */
	/* Blobs that were uploaded and are not yet used. The record has the blob's id (32 bytes, a
	 * string) right after the form, and a reference to the blob, which the owner adds;
	 * object_remove and objects_erase drop it. */
	OBJECT_UPLOAD,
	OBJECT_TYPES
};
enum { OBJECT_MAX = 64 << 10 };

struct object {
	uint64_t id; /* from 1, not reused */
	uint64_t created, changed; /* modseqs */
	int64_t due_ms; /* 0: never */
	struct str record; /* borrowed from the transaction */
};

/* ERR_MISSING. */
enum err object_get(struct txn *t, uint32_t account, enum object_type type, uint64_t id,
                    struct object *out) MUST_USE;
/* Objects with ids above after, in the order of ids. Call end exactly once. */
struct object_walk {
	struct kv_iter it;
	enum err error;
};
void object_walk_init(struct object_walk *w, struct txn *t, uint32_t account, enum object_type type,
                      uint64_t after);
bool object_walk_next(struct object_walk *w, struct object *out);
enum err object_walk_end(struct object_walk *w) MUST_USE;

/* Write. max: of objects of the type in the account: ERR_LIMIT past it, and for a record of more
 * than OBJECT_MAX bytes. due_ms: 0, or when object_due returns it. *id is the new number. */
enum err object_add(struct txn *t, uint32_t account, enum object_type type, size_t max,
                    struct str record, int64_t due_ms, uint64_t *id) MUST_USE;
/* Write. ERR_MISSING, ERR_LIMIT. due_ms replaces the earlier one. */
enum err object_put(struct txn *t, uint32_t account, enum object_type type, uint64_t id,
                    struct str record, int64_t due_ms) MUST_USE;
/* Write. The record stays, but the object counts as changed: clients see values of other rows with
 * it. ERR_MISSING. */
enum err object_touch(struct txn *t, uint32_t account, enum object_type type,
                      uint64_t id) MUST_USE;
/* Write. ERR_MISSING. */
enum err object_remove(struct txn *t, uint32_t account, enum object_type type,
                       uint64_t id) MUST_USE;
/* Write. All objects of an account, which goes. */
enum err objects_erase(struct txn *t, uint32_t account) MUST_USE;

/* The number of objects. One look-up. */
enum err objects_count(struct txn *t, uint32_t account, enum object_type type,
                       uint64_t *count) MUST_USE;
/* The modseq of the type; 1 at first. */
enum err objects_modseq(struct txn *t, uint32_t account, enum object_type type,
                        uint64_t *modseq) MUST_USE;
struct objects_changed {
	uint64_t *created, *updated, *destroyed; /* memory is a's */
	size_t created_count, updated_count, destroyed_count;
	uint64_t modseq; /* complete up to here */
	bool more;
};
/* max: of ids in all lists; 0: all. ERR_MISSING: since is older than the log, or not yet reached.
 * Costs a row for each change since then. */
enum err objects_changed(struct txn *t, uint32_t account, enum object_type type, uint64_t since,
                         size_t max, struct arena *a, struct objects_changed *out) MUST_USE;

/* The first object of the type that is due at now_ms or before, of any account. ERR_MISSING: none;
 * then *next_ms is when the next one is due, 0: never. */
enum err object_due(struct txn *t, enum object_type type, int64_t now_ms, uint32_t *account,
                    uint64_t *id, int64_t *next_ms) MUST_USE;

/* All objects of the type that have a due time, of any account, by time. Call end exactly once. */
struct object_due_walk {
	struct kv_iter it;
};
void object_due_walk_init(struct object_due_walk *w, struct txn *t, enum object_type type);
bool object_due_walk_next(struct object_due_walk *w, uint32_t *account, uint64_t *id);
enum err object_due_walk_end(struct object_due_walk *w) MUST_USE;

/* Call fn after each commit that has changed objects of the account, under the rules of txn_after.
 * One function for the process, set at its start; NULL: none. */
typedef void objects_watch_fn(void *arg, uint32_t account);
void objects_watch(objects_watch_fn *fn, void *arg);

extern const struct fsck_check objects_fsck;

#endif
