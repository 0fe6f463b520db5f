/* operations/transfer/memory.h: the progress of imports from each mailbox of each server,
 * space IMPORT. Private to the folder except for removal. */
#ifndef TRANSFER_MEMORY_H
#define TRANSFER_MEMORY_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/store/fsck.h"

struct txn;

struct memory_key {
	uint32_t account;
	struct str host, user, mailbox; /* as the server names it */
};
enum { MEMORY_LEFT = 500 };
struct memory {
	uint32_t uidvalidity; /* 0: nothing was imported */
	uint32_t uid;         /* all up to here were imported, except these skipped ones: */
	uint32_t left[MEMORY_LEFT]; /* further ones are not stored */
	size_t left_count;
};
/* All zero when there is none. */
enum err memory_get(struct txn *t, const struct memory_key *key, struct memory *out) MUST_USE;
/* Write. */
enum err memory_put(struct txn *t, const struct memory_key *key, const struct memory *m) MUST_USE;
/* Write. Remove all of an account. */
enum err memory_erase(struct txn *t, uint32_t account) MUST_USE;

extern const struct fsck_check transfer_fsck;

#endif
