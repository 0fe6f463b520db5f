/* model/mailbox/metadata.h: annotations of mailboxes, and of the server (RFC 5464).
 *
 * An entry has a name, "/shared/comment", and a value of any bytes. Those below /private belong to
 * each user, those below /shared to all. They are stored under the mailbox's id: renaming keeps
 * them, deleting removes them, and so does deleting the account that created them.
 *
 *	METADATA  account mailbox user name     value; user 0: shared
 *
 * account 0 and mailbox 0 are the server.
 *
 * One entry is a setting: METADATA_SEEN of a mailbox is "own" for per-user \Seen, otherwise
 * "shared" or NIL. It is stored in the mailbox's record (own_seen.h). */
#ifndef MAILBOX_METADATA_H
#define MAILBOX_METADATA_H
#include "model/mailbox/mail.h"

struct arena;

enum { METADATA_NAME_MAX = 200 }; /* bytes: the maximum for a key of the store */

#define METADATA_SEEN STR("/shared/vendor/roost/seen")
/* The script of the mailbox's owner that runs for its events (RFC 6785 2.3.1). Setting it needs
 * RIGHT_ADMINISTER: it acts as the owner. */
#define METADATA_SCRIPT STR("/shared/imapsieve/script")

/* Valid names (RFC 5464 3.2): at least two levels below "/private" or "/shared", four for vendors;
 * prefix: also a parent of such names. Not case-sensitive. */
bool metadata_name_valid(struct str name, bool prefix);
bool metadata_name_private(struct str name);

struct metadata_entry {
	struct str name; /* lower case                                   */
	struct str value;
	bool nil; /* to be removed; false in results */
};

struct metadata {
	struct metadata_entry *entries; /* by name */
	size_t n;
};

/* All entries of a mailbox that m->who may read, or of the server if m->account and mailbox are 0;
 * in a. who needs RIGHT_LOOKUP and one of r, s, w, i, p (RFC 5464 3.3). */
enum err metadata_read(const struct mail_txn *m, uint32_t mailbox, struct arena *a,
                       struct metadata *out) MUST_USE;

/* One of these entries; name in lower case; not METADATA_SEEN. value is borrowed from m->t.
 * ERR_MISSING: no such entry. */
enum err metadata_get(const struct mail_txn *m, uint32_t mailbox, struct str name,
                      struct str *value) MUST_USE;

/* Write. Set or remove entries with valid names, all or none. who needs the same rights, for
 * METADATA_SEEN RIGHT_ADMINISTER; ERR_SYNTAX: another value of METADATA_SEEN. ERR_LIMIT: more than
 * mailboxes.metadata_max entries of the mailbox for all, or for who. */
enum err metadata_set(const struct mail_txn *m, uint32_t mailbox,
                      const struct metadata_entry *entries, size_t n) MUST_USE;

#endif
