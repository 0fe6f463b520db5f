/* model/mailbox/mailbox.h: the mailboxes of an account.
 *
 * Mailboxes form a tree: each has a parent (0 at the top) and a name within it, so a rename
 * changes one row for any number of mailboxes below. Every parent exists: creation adds missing
 * parents, deletion is refused while there are children; so Roost has no \Noselect or \NonExistent
 * names. */
#ifndef MAILBOX_H
#define MAILBOX_H
#include "model/mailbox/mail.h"

struct arena;

/* RFC 6154 2 and RFC 8621 2; each at most once per account. Stored: these numbers must not
 * change. */
enum mailbox_role {
	ROLE_NONE,
	ROLE_INBOX,
	ROLE_DRAFTS,
	ROLE_SENT,
	ROLE_TRASH,
	ROLE_JUNK,
	ROLE_ARCHIVE,
	ROLES
};

struct mailbox {
	uint32_t account; /* its owner */
	uint32_t id;      /* never 0, not reused */
	uint32_t parent;  /* 0: top level                                                  */
	struct str leaf;  /* name within the parent                                        */
	enum mailbox_role role;
	bool subscribed;
	bool own_seen; /* users other than account have their own \Seen (RFC 9051 2.3.2):
		        * own_seen.h */
	uint32_t uidvalidity; /* constant; no other mailbox of the account had it */
	uint32_t uidnext;
	uint32_t exists;  /* rows in it, and of these:                                 */
	uint32_t unseen;  /* without \Seen                                             */
	uint32_t deleted; /* with \Deleted                                             */
	/* Counted without rows that have \Deleted (RFC 8621 2). A second copy of an email counts
	 * again. With own_seen they follow the account's own \Seen. */
	uint32_t unread;  /* without \Seen and \Draft */
	uint32_t threads; /* threads of which it has an email */
	uint32_t unread_threads; /* threads of which it has an unread email */
	uint64_t size_bytes;
	/* IMAP4rev1's [UNSEEN n] (RFC 3501 6.3.1) without a scan: */
	uint32_t first_unseen_uid; /* 0: all are seen                                      */
	uint32_t first_unseen_seq; /* its message sequence number; undefined when all seen */
	uint32_t first_recent_uid; /* UIDs from here on were not claimed as \Recent */
	uint64_t modseq;           /* of the last change to a row of it: HIGHESTMODSEQ     */
	int64_t created_ms;
	uint32_t sort_order; /* RFC 8621 2, below 2^31 */
};

enum err mailbox_get(const struct mail_txn *m, uint32_t id, struct mailbox *out) MUST_USE;
/* Adjust unseen and, if first, first_unseen_... of a mailbox to the \Seen of who; unread and
 * unread_threads become upper bounds, because the sets of seen UIDs do not have threads. Free when
 * who has no own \Seen; otherwise first costs the rows up to the nearer end of the mailbox, by
 * blocks that are not all seen (own_seen_count.c). */
enum err mailbox_unseen(const struct mail_txn *m, struct mailbox *box, bool first) MUST_USE;
/* By full name. who needs RIGHT_READ, or all of needed (rights.h). */
enum err mailbox_find(const struct mail_txn *m, struct str name, struct mailbox *out) MUST_USE;
enum err mailbox_find_for(const struct mail_txn *m, struct str name, unsigned needed,
                          struct mailbox *out) MUST_USE;
/* The mailbox with that role. Scans the mailboxes in the order of creation. */
enum err mailbox_find_role(const struct mail_txn *m, enum mailbox_role role,
                           struct mailbox *out) MUST_USE;
/* The full name of id; lives in a. */
enum err mailbox_name(const struct mail_txn *m, uint32_t id, struct arena *a,
                      struct str *out) MUST_USE;

/* "\Drafts" for ROLE_DRAFTS, empty for ROLE_NONE and ROLE_INBOX. Static storage. */
struct str mailbox_role_attribute(enum mailbox_role role);

struct mailbox_entry {
	struct mailbox box;
	struct str name; /* full */
	bool has_children;
	unsigned rights; /* of who: enum right */
};
struct mailbox_list {
	struct mailbox_entry *entries; /* sorted by name, bytewise: a parent before its children */
	size_t n;
};
/* All mailboxes that are visible to who, with their counters: LIST and STATUS of all in one read.
 * All memory is a's. */
enum err mailbox_list(const struct mail_txn *m, struct arena *a, struct mailbox_list *out) MUST_USE;

/* All writes below may refuse a name with ERR_SYNTAX or ERR_LIMIT (name.h). */

struct mailbox_create {
	struct str name;        /* one "/" at the end is ignored (RFC 9051 6.3.4); converted to
				 * NFC */
	enum mailbox_role role; /* ROLE_INBOX is for mail_provision only */
	bool subscribed;
};
/* Write. Create a mailbox and its missing parents, which get no role. *id may be NULL. who needs
 * RIGHT_CREATE on the nearest existing parent, whose access list they inherit (RFC 4314 4), or is
 * the owner. ERR_CONFLICT: the name or the role exists; ERR_LIMIT: the account has its maximum of
 * mailboxes. */
enum err mailbox_create(const struct mail_txn *m, const struct mailbox_create *what,
                        uint32_t *id) MUST_USE;

/* Write. Give a mailbox another full name; its children move with it, missing parents are created.
 * UIDs, UIDVALIDITY, role and subscription are kept. Renaming INBOX moves all its emails to a new
 * mailbox; INBOX and its children stay (RFC 9051 6.3.6). who needs RIGHT_DELETE on it, and the
 * rights for mailbox_create; access lists move with the mailbox. ERR_MISSING: no from;
 * ERR_CONFLICT: to exists; ERR_SYNTAX also: to is below from. */
enum err mailbox_rename(const struct mail_txn *m, struct str from, struct str to) MUST_USE;

/* Write. Give a mailbox another role or place among its siblings; -1 leaves it. who needs
 * RIGHT_DELETE. ERR_CONFLICT: another mailbox has the role. ERR_SYNTAX: INBOX keeps its role, and
 * no other mailbox gets it. */
struct mailbox_present {
	int role; /* enum mailbox_role */
	int64_t sort_order;
};
enum err mailbox_present(const struct mail_txn *m, uint32_t id,
                         const struct mailbox_present *what) MUST_USE;

/* Write. Delete a mailbox and its emails; linear in them. A subscription to its name stays (RFC
 * 9051 6.3.7). ERR_SYNTAX: INBOX; ERR_CONFLICT: it has children (IMAP: HASCHILDREN). who needs
 * RIGHT_DELETE. */
enum err mailbox_delete(const struct mail_txn *m, uint32_t id) MUST_USE;

/* Write. Subscribe or unsubscribe a name; idempotent. The mailbox need not exist (RFC 9051 6.3.7):
 * when it is created later it is subscribed. ERR_LIMIT also: too many subscriptions without a
 * mailbox. */
enum err mailbox_subscribe(const struct mail_txn *m, struct str name, bool subscribe) MUST_USE;
struct subscription_list {
	struct str *names;
	size_t n;
};
/* Subscribed names without a mailbox, in no order; all memory is a's. Those with a mailbox are in
 * mailbox_list. */
enum err mailbox_subscriptions(const struct mail_txn *m, struct arena *a,
                               struct subscription_list *out) MUST_USE;

/* Write. Turn per-user \Seen on or off. The present \Seen at first applies to all users; at the
 * end the account's own \Seen remains. Turning off is linear in the emails: each gets a modseq.
 * who needs RIGHT_ADMINISTER. */
enum err mailbox_own_seen_set(const struct mail_txn *m, uint32_t id, bool on) MUST_USE;

/* Write. Claim the emails with UIDs below end as \Recent. *first is the first UID that is recent
 * for the caller; end or more: another session has claimed all of them, and nothing is written.
 * Takes no modseq. */
enum err mailbox_claim_recent(const struct mail_txn *m, uint32_t id, uint32_t end,
                              uint32_t *first) MUST_USE;

#endif
