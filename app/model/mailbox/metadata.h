/* model/mailbox/metadata.h: annotations of mailboxes, and of the server (RFC 5464).
 *
 * An entry has a name, "/shared/comment", and a value of any bytes. Those below /private are each
 * user's own, those below /shared one for all. They lie with the mailbox's id: renaming keeps
 * them, deleting removes them, and so does the end of the account that made them.
 *
 *	METADATA  account mailbox user name     value; user 0: shared
 *
 * account 0 and mailbox 0 are the server.
 *
 * One entry is more than a note: METADATA_SEEN of a mailbox says whether everybody has a \Seen of
 * his own there, "own", or not, "shared" or NIL. It is kept in its record (own_seen.h). */
#ifndef MAILBOX_METADATA_H
#define MAILBOX_METADATA_H
#include "model/mailbox/mail.h"

struct arena;

enum { METADATA_NAME_MAX = 200 }; /* bytes: a key of the store holds it */

#define METADATA_SEEN STR("/shared/vendor/roost/seen")

/* What a name may be (RFC 5464 3.2): at least two levels below "/private" or "/shared", four of a
 * vendor's; prefix: also what only has such names below it. Not case-sensitive. */
bool metadata_name_valid(struct str name, bool prefix);
bool metadata_name_private(struct str name);

struct metadata_entry {
	struct str name; /* lower case                                   */
	struct str value;
	bool nil; /* to be removed; never in what is read         */
};

struct metadata {
	struct metadata_entry *entries; /* by name */
	size_t n;
};

/* All that m->who may read of a mailbox, or, when m->account and mailbox are 0, of the server; in
 * a. who needs RIGHT_LOOKUP and one of r, s, w, i, p (RFC 5464 3.3). */
enum err metadata_read(const struct mail_txn *m, uint32_t mailbox, struct arena *a,
                       struct metadata *out) MUST_USE;

/* One of these, of which name is in lower case; not METADATA_SEEN. value is borrowed from m->t.
 * ERR_MISSING: it is not there. */
enum err metadata_get(const struct mail_txn *m, uint32_t mailbox, struct str name,
                      struct str *value) MUST_USE;

/* Write. Set or remove entries, with names that are valid, all or none. who needs the same rights,
 * for METADATA_SEEN RIGHT_ADMINISTER; ERR_SYNTAX: it has another value than those above.
 * ERR_LIMIT: more than mailboxes.metadata_max entries of the mailbox for all, or for who. */
enum err metadata_set(const struct mail_txn *m, uint32_t mailbox,
                      const struct metadata_entry *entries, size_t n) MUST_USE;

#endif
