/* directory/rehash.h: stored passwords follow the usual cost of hashing.
 *
 * Only a login knows the password, so the one that proves it has it hashed anew when the
 * stored text is stale (password_stale), on a thread of its own: the login does not wait. */
#ifndef DIRECTORY_REHASH_H
#define DIRECTORY_REHASH_H
#include "base/str.h"

struct rehash;
struct store;

/* s is borrowed and outlives it. */
struct rehash *rehash_new(struct store *s) MUST_USE;
/* Waits for the one under way. NULL is a no-op; clears *r. */
void rehash_free(struct rehash **r);

/* Hash the password of this account at the usual cost and put that in place of stored, the
 * text it was verified against, unless another text has taken its place meanwhile. Copies
 * what it needs. Does nothing while another one is under way, and a failure changes
 * nothing: a later login comes here again. Not inside a transaction. */
void rehash_start(struct rehash *r, uint32_t account, struct str stored, struct str password);

#endif
