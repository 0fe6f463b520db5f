/* model/directory/login/rehash.h: what is kept of a password follows what is usual now: the cost of
 * hashing, and what SCRAM needs.
 *
 * Only a login that sends the password knows it, so the one that proves it has it hashed anew, on
 * a thread of its own: the login does not wait. */
#ifndef DIRECTORY_REHASH_H
#define DIRECTORY_REHASH_H
#include "foundation/base/str.h"

struct rehash;
struct store;

/* s is borrowed and outlives it. */
struct rehash *rehash_new(struct store *s) MUST_USE;
/* Waits for the one under way. NULL is a no-op; clears *r. */
void rehash_free(struct rehash **r);

/* A password that was right, and where it is kept. Borrowed. */
struct rehash_of {
	uint32_t account, number; /* of the credential                                     */
	struct str stored;        /* the text it was verified against                      */
	struct str password;      /* prepared; an app password as it was shown             */
	struct str address;       /* the account's                                         */
	bool stale;               /* the hash as well, not only SCRAM's words              */
};

/* Make it and put it in place, unless another text than stored is there meanwhile. Copies
 * what it needs. Does nothing while another one is under way, and a failure changes
 * nothing: a later login comes here again. Not inside a transaction. */
void rehash_start(struct rehash *r, const struct rehash_of *of);

#endif
