/* model/directory/login/rehash.h: updating the stored forms of a password to the present cost of
 * hashing and the present needs of SCRAM.
 *
 * Only a login that sends the password makes that possible. After its success the password is
 * hashed again on another thread, so the login does not wait. */
#ifndef DIRECTORY_REHASH_H
#define DIRECTORY_REHASH_H
#include "foundation/base/str.h"

struct rehash;
struct store;

/* s is borrowed and outlives it. */
struct rehash *rehash_new(struct store *s) MUST_USE;
/* Waits for the one under way. NULL is a no-op; clears *r. */
void rehash_free(struct rehash **r);

/* A verified password and its place. Borrowed. */
struct rehash_of {
	uint32_t account, number; /* of the credential                                     */
	struct str stored;        /* the text against which it was verified */
	struct str password;      /* prepared; an app password as it was shown             */
	struct str address;       /* the account's                                         */
	bool stale;               /* replace the hash as well, not only SCRAM's words */
};

/* Make the new forms and store them, unless the stored text has changed meanwhile. Copies its data.
 * Does nothing while another rehash is under way; after a failure a later login tries again. Not
 * inside a transaction. */
void rehash_start(struct rehash *r, const struct rehash_of *of);

#endif
