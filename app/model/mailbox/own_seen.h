/* model/mailbox/own_seen.h: per-user \Seen in shared mailboxes (RFC 9051 2.3.2, 7.1). Private to
 * the folder, except for struct email_rows, which contains one.
 *
 * A mailbox can have this property (struct mailbox, own_seen). Then \Seen in its rows is that of
 * the account that owns the mail (for a group's mail: of no one); every other user has a set of
 * seen UIDs. Emails that were seen when it was turned on are seen for all users, also for later
 * ones: the set of user 0 is the default of all others, block by block.
 *
 *	SEEN  account mailbox user block	UIDs of the 4096 of that block
 *
 * Sets contain existing UIDs only, so the unseen emails can be counted. A change of a user's \Seen
 * is a change of the row: it gets a modseq and is logged, for the user's other sessions:
 * CHANGE_SEEN, which for all other users changes no flags (changes.h).
 *
 * Readers of rows get the user's \Seen (email_rows); within an edit rows are as stored, and these
 * functions combine both. They cost nothing in a user's own mailboxes. */
#ifndef MAILBOX_OWN_SEEN_H
#define MAILBOX_OWN_SEEN_H
#include "model/mailbox/flags.h"
#include "model/mailbox/mail.h"

struct change_run;
struct mailbox;
struct uids;

enum {
	SEEN_BLOCK = 4096,
	SEEN_ALL = 0, /* the user whose set is the default of all others */
};

/* One user's set of one mailbox; a block of it is in memory. */
struct own_seen {
	bool on; /* false: rows have the flag; the other fields are unused */
	bool loaded, changed;
	struct txn *t;
	uint32_t account, mailbox, user;
	uint32_t block;
	uint64_t bits[SEEN_BLOCK / 64];
};

/* The set of a user, for any mailbox. */
void own_seen_init(struct own_seen *s, const struct mail_txn *m, uint32_t mailbox, uint32_t user);
/* The set of m->who, on only when it has one; _box: with the mailbox's record. */
enum err own_seen_open(struct own_seen *s, const struct mail_txn *m, uint32_t mailbox) MUST_USE;
void own_seen_open_box(struct own_seen *s, const struct mail_txn *m, const struct mailbox *box);

enum err own_seen_has(struct own_seen *s, uint32_t uid, bool *yes) MUST_USE;
/* For the block of the last look-up: its number of UIDs if all of them are in the set (and exist),
 * else 0. */
uint32_t own_seen_all(const struct own_seen *s);
/* Write; must be followed by own_seen_flush, also a write. */
enum err own_seen_put(struct own_seen *s, uint32_t uid, bool yes) MUST_USE;
enum err own_seen_flush(struct own_seen *s) MUST_USE;

/* Adjust the flags of a row to the set. A no-op when it is not on. */
enum err own_seen_show(struct own_seen *s, uint32_t uid, struct flags *flags) MUST_USE;
/* Write. *flags are requested by the user: store its \Seen in the set, and set *flags to the flags
 * of the row, whose present flags are was. A no-op when it is not on. */
enum err own_seen_note(struct own_seen *s, uint32_t uid, struct flags was,
                       struct flags *flags) MUST_USE;

/* The number of UIDs in the user's set. Reads a row for each 4096 UIDs. */
enum err own_seen_count(const struct mail_txn *m, uint32_t mailbox, uint32_t user,
                        uint32_t *n) MUST_USE;

/* --- For all users; write --- */

/* Remove the UIDs of runs. Each user's rows are read and written once, for any number of runs. */
enum err own_seen_vanish(const struct mail_txn *m, uint32_t mailbox, const struct change_run *runs,
                         size_t n) MUST_USE;
/* The n-th of uids was copied to the n-th of to_uids in another such mailbox of the account. */
enum err own_seen_copy(const struct mail_txn *m, uint32_t from, const struct uids *uids,
                       uint32_t to, const struct uids *to_uids) MUST_USE;
/* Delete the sets of a mailbox that was deleted, or has no per-user \Seen any more. */
enum err own_seen_forget(const struct mail_txn *m, uint32_t mailbox) MUST_USE;
/* Delete the sets of a deleted m->account in the mail of others. Reads all sets of the store. */
enum err own_seen_erase(const struct mail_txn *m) MUST_USE;

/* --- Rows, for fsck --- */

struct own_seen_row {
	uint32_t account, mailbox, user, block;
	uint32_t count;
	uint64_t bits[SEEN_BLOCK / 64];
};
struct kv_iter;
/* The row under an iterator over SPACE_SEEN. False: malformed. */
bool own_seen_row_read(const struct kv_iter *it, struct own_seen_row *out);
bool own_seen_unpack(struct str record, uint32_t *count, uint64_t bits[SEEN_BLOCK / 64]);

#endif
