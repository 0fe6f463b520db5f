/* model/mailbox/lease.h: reading one email over several transactions.
 *
 * What goes out slowly is read in many transactions, and between two of them anybody may
 * expunge the email. Who wants to read it to its end takes a lease. An email under a lease
 * that is expunged leaves its mailbox like any other, but its record and its bytes stay, in
 * limbo (limbo.h), until its last lease ends; so long it counts for the quota.
 *
 * Leases are in the memory of this process. What was in limbo when it was killed goes with
 * the account's next expunge. Thread-safe. */
#ifndef MAILBOX_LEASE_H
#define MAILBOX_LEASE_H
#include "foundation/base/util.h"

struct lease;
struct leases;
struct mailboxes;
struct store;

struct leases *leases_new(void);
/* Every lease must have ended. NULL is a no-op; clears *l. */
void leases_free(struct leases **l);
/* Does anybody have a lease on it? ls may be NULL: nobody has. */
bool leases_hold(struct leases *ls, uint32_t account, uint64_t email);

/* mb and s outlive it; NULL when mb has no leases. Expunges that did not know of the lease
 * are over when it returns: so the email, if a transaction that begins now still has it, can
 * be read until lease_end. (Unless the store fails in this moment: then perhaps not.)
 * Waits for the writes that are under way. Not inside a transaction. */
struct lease *lease_take(struct store *s, const struct mailboxes *mb, uint32_t account,
                         uint64_t email);
/* Not inside a transaction: what nobody reads any more leaves the limbo, which is a write.
 * NULL is a no-op; clears *l. */
void lease_end(struct lease **l);

#endif
