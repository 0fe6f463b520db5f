/* console/api/access/audit.h: the audit trail: every change that somebody made, the last
 * LIMIT_audit_kept of them. Only this file's source reads and writes the space AUDIT. */
#ifndef API_AUDIT_H
#define API_AUDIT_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/store/fsck.h"

struct arena;
struct kv_iter;
struct txn;

/* The author of a change made on the machine itself. */
#define AUDIT_COMMAND_LINE "command line"

struct audit {
	uint64_t id; /* grows */
	int64_t time_ms;
	struct str who;           /* an address; "command line", "setup"                    */
	struct str from;          /* where he was: an IP address; empty: on the machine     */
	struct str what;          /* "account.create"                                       */
	struct str target;        /* the address or name it was done to                     */
	struct str before, after; /* one-line JSON; empty: nothing; cut when too long */
};

/* In the transaction that makes the change, so that neither is without the other. The id is
 * given here. */
enum err audit_add(struct txn *t, const struct audit *entry) MUST_USE;

struct audit_list {
	struct audit *items; /* newest first */
	size_t count;
};

/* At most limit of those with an id below before (0: all) in which q occurs anywhere, in ASCII
 * letters of any case; in a. */
enum err audit_list(struct txn *t, uint64_t before, struct str q, size_t limit, struct arena *a,
                    struct audit_list *out) MUST_USE;

/* The row under an iterator over SPACE_AUDIT; its strings are borrowed. False when it cannot be
 * read. */
bool audit_read(const struct kv_iter *it, struct audit *out);

/* fsck.c: is every session and token that of an account, and is the audit trail whole? */
extern const struct fsck_check admin_fsck;

#endif
