/* model/mailbox/mail.h: the mail of one account, and the only door to it.
 *
 * mailbox/ is the one mail model of Roost: IMAP, JMAP, POP3, delivery and webmail change
 * what an account holds through these functions and no others. So every change gets its
 * modseq, its row in the change log, the counters, the quota and the announcement in one
 * transaction, whoever made it.
 *
 *	account's state   modseq, sums, next ids               mail.h
 *	  mailbox         a tree of names with counters        mailbox.h, name.h
 *	    row           UID -> email, flags, modseq          email.h, flags.h, uids.h
 *	  email           what never changes: blob, structure  email.h, email_new.h
 *	  keyword         names of flags above the known ones  keywords.h
 *	  change          what happened at each modseq         changes.h
 *	rights            what others may do with a mailbox    rights.h, acl.h
 *	metadata          what is noted at a mailbox           metadata.h
 *	watches           sessions that want to hear of it     watch.h
 *	leases            emails that are being read           lease.h
 *
 * Rules for all functions that take a struct mail_txn:
 * - They run inside store_read or store_write and never commit. Those that change
 *   something say so by the word "write" in their contract, can run again from the start,
 *   and must be followed by a rollback when they fail: return the error from the
 *   transaction's function.
 * - Failures are explained in txn_why. ERR_MISSING means that the account, mailbox or email
 *   is not there, or not there for who; ERR_DENIED that he lacks a right that the contract
 *   names. ERR_FULL, ERR_IO and ERR_CORRUPT of the store may come from any of them
 *   and are not repeated in each contract.
 * - Strings they hand out are borrowed from the transaction unless an arena is given: until
 *   it ends or, if it writes, until its next write (model/store/kv.h). */
#ifndef MAILBOX_MAIL_H
#define MAILBOX_MAIL_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/store/kv.h"

struct leases;
struct watches;

/* Made once in server/ and passed down: what writers need beside the store. */
struct mailboxes {
	struct watches *watches; /* told after each commit; NULL in commands: nobody is */
	struct leases *leases;   /* on emails that are being read; NULL: nobody reads   */
	uint32_t mailboxes_max;  /* per account: LIMIT_mailboxes                       */
	uint32_t keywords_max;   /* per account, known ones included: LIMIT_keywords    */
	uint32_t name_max;       /* bytes of a full mailbox name: LIMIT_mailbox_name    */
	uint32_t acl_max;        /* entries of a mailbox's list of rights: LIMIT_acl   */
	uint32_t metadata_max; /* entries of a mailbox for all, and for each user: LIMIT_metadata */
	uint32_t changes_kept; /* modseqs that the change log reaches back at least:
	                          * LIMIT_changes_kept; 0: all                          */
};

/* One account's mail inside one transaction. A plain value: make one where it is needed,
 *
 *	struct mail_txn m = { s->mailboxes, t, account, who }; */
struct mail_txn {
	const struct mailboxes *mailboxes; /* may be NULL in read transactions */
	struct txn *t;
	uint32_t account; /* whose mail: an account or, of directory/group.h, a group        */
	uint32_t who;     /* the account that acts, with its rights (rights.h); 0: the server */
};

struct mail_quota {
	uint64_t used_bytes; /* sum of the sizes of all emails, copies included */
	uint64_t emails;
	uint64_t max_bytes;  /* of the account in the directory; 0: no quota    */
	uint64_t max_emails; /* likewise                                       */
	uint32_t mailboxes;
};

/* Write. Make the account's state and its first mailboxes: INBOX, Drafts, Sent, Trash,
 * Junk, Archive, with their roles, all subscribed. OK and nothing done when the account
 * has its state already. */
enum err mail_provision(const struct mail_txn *m) MUST_USE;

/* Write, a txn_fn; arg is NULL. For a store that comes back from a backup: numbers that were
 * given out since must not be given out again for something else. In every account each
 * mailbox gets a new UIDVALIDITY (RFC 9051 2.3.1.1), the ids of emails and mailboxes (RFC 8474
 * 4) go on far behind where they stood, and no session can catch up from a modseq before. */
enum err mail_renew(struct txn *t, void *arg) MUST_USE;

/* Write, a txn_fn; arg is NULL. When the server starts: if a power cut may have taken back flags
 * (store_recovered_take), each account and its mailboxes go on above every modseq that a client
 * may have seen, so that no other change gets it again (RFC 7162 3.1). Else it does nothing. */
enum err mail_modseqs_raise(struct txn *t, void *arg) MUST_USE;

/* Write. The same for a group, whose mail begins without any mailbox. */
enum err mail_provision_group(const struct mail_txn *m) MUST_USE;

/* Write. Remove everything the account or group holds, the change log included, and what others
 * allow it to do with theirs. Linear. OK when there is nothing. */
enum err mail_erase(const struct mail_txn *m) MUST_USE;

/* Write. Remove the group of that address (model/directory/group.h), and all that it holds. */
enum err mail_group_rm(struct txn *t, struct str address, struct why *why) MUST_USE;

/* The account's modseq: what every write raises by one; never 0. */
enum err mail_modseq(const struct mail_txn *m, uint64_t *modseq) MUST_USE;

enum err mail_quota_get(const struct mail_txn *m, struct mail_quota *out) MUST_USE;
/* Is there room for bytes more? OK or ERR_LIMIT. For an early answer; the functions that
 * add emails check again. */
enum err mail_quota_check(const struct mail_txn *m, uint64_t bytes) MUST_USE;

#endif
