/* model/mailbox/lease.h: reading one email over several transactions.
 *
 * A slow reader uses many transactions, and between two of them any session may expunge the email.
 * A lease prevents that the data disappears. An expunged email under a lease leaves its mailbox
 * like any other, but its record and its bytes stay, pending deletion (pending_deletion.h), until
 * its last lease ends; until then it counts for the quota.
 *
 * Leases are in the memory of this process. After a kill, pending deletions are completed by the
 * account's next expunge. Thread-safe. */
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
/* Is there a lease on it? ls may be NULL: no. */
bool leases_hold(struct leases *ls, uint32_t account, uint64_t email);

/* mb and s outlive it; NULL when mb has no leases. Expunges that did not see the lease have ended
 * when it returns: so if a transaction that begins now finds the email, it can be read until
 * lease_end. (Not guaranteed if the store fails at this moment.) Waits for writes under way. Not
 * inside a transaction. */
struct lease *lease_take(struct store *s, const struct mailboxes *mb, uint32_t account,
                         uint64_t email);
/* Not inside a transaction: completes a pending deletion without leases, which is a write. NULL is
 * a no-op; clears *l. */
void lease_end(struct lease **l);

#endif
