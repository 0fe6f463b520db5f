/* model/mailbox/mail.h: the mail of one account, and its only interface.
 *
 * mailbox/ is the one mail model of Roost: IMAP, JMAP, POP3, delivery and webmail change the mail
 * of an account only through these functions. So every change has its modseq, its row in the change
 * log, the counters, the quota and the announcement in one transaction, for every caller.
 *
 *	account's state   modseq, sums, next ids               mail.h
 *	  mailbox         a tree of names with counters        mailbox.h, name.h
 *	    row           UID -> email, flags, modseq          email.h, flags.h, uids.h
 *	  email           immutable: blob, structure           email.h, email_new.h
 *	  keyword         names of flags from FLAG_CUSTOM on   keywords.h
 *	  change          the changes at each modseq           changes.h
 *	rights            access of others to a mailbox        rights.h, acl.h
 *	metadata          annotations of a mailbox             metadata.h
 *	watches           sessions to be notified              watch.h
 *	leases            emails that are being read           lease.h
 *
 * Rules for all functions that take a struct mail_txn:
 * - They run inside store_read or store_write and never commit. Those that change
 *   data have the word "write" in their contract, can run again from the start,
 *   and must be followed by a rollback when they fail: return the error from the
 *   transaction's function.
 * - Failures are explained in txn_why. ERR_MISSING means that the account, mailbox or email
 *   does not exist, or is not visible to who; ERR_DENIED that it lacks a right that the contract
 *   names. ERR_FULL, ERR_IO and ERR_CORRUPT of the store may come from any of them
 *   and are not repeated in each contract.
 * - Returned strings are borrowed from the transaction unless an arena is given: until
 *   it ends or, if it writes, until its next write (model/store/kv.h). */
#ifndef MAILBOX_MAIL_H
#define MAILBOX_MAIL_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/store/kv.h"

struct group;
struct leases;
struct store;
struct watches;

/* Created once in console/server and passed down: the needs of writers in addition to the store. */
struct mailboxes {
	struct watches *watches; /* notified after each commit; NULL in commands: none */
	struct leases *leases;   /* on emails that are being read; NULL: none */
	uint32_t mailboxes_max;  /* per account: LIMIT_mailboxes                       */
	uint32_t keywords_max;   /* per account, FLAG_CUSTOM included: LIMIT_keywords */
	uint32_t name_max;       /* bytes of a full mailbox name: LIMIT_mailbox_name    */
	uint32_t acl_max;        /* entries of a mailbox's list of rights: LIMIT_acl   */
	uint32_t metadata_max; /* annotations of a mailbox for all, and for each user:
			        * LIMIT_metadata */
	uint32_t changes_kept; /* minimum modseqs in the change log: LIMIT_changes_kept; 0: all */
};

/* One account's mail inside one transaction. A plain value: create one where needed,
 *
 *	struct mail_txn m = { s->mailboxes, t, account, who }; */
struct mail_txn {
	const struct mailboxes *mailboxes; /* may be NULL in read transactions */
	struct txn *t;
	uint32_t account; /* owner of the mail: an account or a group (model/directory/group.h) */
	uint32_t who;     /* the acting account, with its rights (rights.h); 0: the server */
};

struct mail_quota {
	uint64_t used_bytes; /* sum of the sizes of all emails; copies add nothing */
	uint64_t emails;     /* their placements: a copy counts as another one */
	uint64_t max_bytes;  /* of the account in the directory; 0: no quota    */
	uint64_t max_emails; /* likewise                                       */
	uint32_t mailboxes;
};

/* Write. Create the account's state and its first mailboxes: INBOX, Drafts, Sent, Trash, Junk,
 * Archive, with their roles, all subscribed. OK without effect when the account has its state
 * already. */
enum err mail_provision(const struct mail_txn *m) MUST_USE;

/* Write, a txn_fn; arg is NULL. For a restored backup: numbers that were assigned after the backup
 * must not be assigned again. In every account each mailbox gets a new UIDVALIDITY (RFC 9051
 * 2.3.1.1), the ids of emails and mailboxes (RFC 8474 4) continue far above their present values,
 * and no session can synchronise from an earlier modseq. */
enum err mail_renew(struct txn *t, void *arg) MUST_USE;

/* Write, a txn_fn; arg is NULL. At the start of the server: if a power cut may have reverted flags
 * (store_recovered_take), each account and its mailboxes continue above every modseq that a client
 * may have seen, so that no other change gets it again (RFC 7162 3.1). Otherwise a no-op. */
enum err mail_modseqs_raise(struct txn *t, void *arg) MUST_USE;

/* At the start of the server, before all other functions: upgrade the mail of a store that was
 * written before threads (upgrade.c). at_once: emails in one transaction; 0: 100,000. Costs a
 * read of each account's state when nothing is to be done. */
enum err mail_upgrade(struct store *s, uint32_t at_once, struct why *why) MUST_USE;

/* Write. The same for a group, whose mail begins without mailboxes. */
enum err mail_provision_group(const struct mail_txn *m) MUST_USE;

/* Write. Delete all mail of the account or group, the change log included, and its access to the
 * mail of others. Linear. OK when there is none. */
enum err mail_erase(const struct mail_txn *m) MUST_USE;

/* Write. Create or change a group (group_set), and end the states of JMAP of those whose access
 * changes with it. */
enum err mail_group_set(struct txn *t, const struct group *to, struct why *why) MUST_USE;
/* Write. Delete the group of that address (model/directory/group.h), and all its mail. */
enum err mail_group_rm(struct txn *t, struct str address, struct why *why) MUST_USE;

/* The account's modseq, which every write increases by one; never 0. */
enum err mail_modseq(const struct mail_txn *m, uint64_t *modseq) MUST_USE;

enum err mail_quota_get(const struct mail_txn *m, struct mail_quota *out) MUST_USE;
/* Does the quota allow bytes more? OK or ERR_LIMIT. For an early reply; the functions that add
 * emails check again. */
enum err mail_quota_check(const struct mail_txn *m, uint64_t bytes) MUST_USE;

#endif
