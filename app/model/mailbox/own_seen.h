/* model/mailbox/own_seen.h: \Seen of those who share a mailbox, each his own (RFC 9051 2.3.2, 7.1).
 * Private to the folder, but for struct email_rows, which has one.
 *
 * A mailbox can be set so (struct mailbox, own_seen). Then the flag \Seen in its rows is that of
 * the account whose mail it is, or, where a group's is, nobody's; everybody else has a set of the
 * UIDs that he has seen. What had been seen when it was set so is so for all, also for those who
 * come later: that is the set of user 0, on which the others lie, block by block.
 *
 *	SEEN  account mailbox user block	UIDs of the 4096 of that block
 *
 * Sets have only UIDs that are there, so that how many are unseen is a matter of counting. A change
 * of somebody's own \Seen is a change of the row: it gets a modseq and is logged, so that his other
 * sessions hear of it: CHANGE_SEEN, whose flags are as they were for all others (changes.h).
 *
 * Who reads rows sees his own (email_rows); within an edit they are as they are stored, and what
 * is here brings both together. All of it costs nothing in one's own mailboxes. */
#ifndef MAILBOX_OWN_SEEN_H
#define MAILBOX_OWN_SEEN_H
#include "model/mailbox/flags.h"
#include "model/mailbox/mail.h"

struct change_run;
struct mailbox;
struct uids;

enum {
	SEEN_BLOCK = 4096,
	SEEN_ALL = 0, /* the user on whose set those of all others lie */
};

/* One user's set of one mailbox; a block of it is in memory. */
struct own_seen {
	bool on; /* false: rows say it themselves; then nothing else is filled in */
	bool loaded, changed;
	struct txn *t;
	uint32_t account, mailbox, user;
	uint32_t block;
	uint64_t bits[SEEN_BLOCK / 64];
};

/* The set of a user, whatever the mailbox is. */
void own_seen_init(struct own_seen *s, const struct mail_txn *m, uint32_t mailbox, uint32_t user);
/* That of m->who, on only when he has one; _box: of a record that was read. */
enum err own_seen_open(struct own_seen *s, const struct mail_txn *m, uint32_t mailbox) MUST_USE;
void own_seen_open_box(struct own_seen *s, const struct mail_txn *m, const struct mailbox *box);

enum err own_seen_has(struct own_seen *s, uint32_t uid, bool *yes) MUST_USE;
/* Of the block that was looked at last: how many UIDs it has, if all of them are in the set (then
 * all are there), else 0. */
uint32_t own_seen_all(const struct own_seen *s);
/* Write; also own_seen_flush, which must follow. */
enum err own_seen_put(struct own_seen *s, uint32_t uid, bool yes) MUST_USE;
enum err own_seen_flush(struct own_seen *s) MUST_USE;

/* Flags of a row as the set says. Nothing when it is not on. */
enum err own_seen_show(struct own_seen *s, uint32_t uid, struct flags *flags) MUST_USE;
/* Write. The other way: *flags are as the user wants them; \Seen goes into his set, and *flags are
 * then what the row is to have, whose flags are was. Nothing when it is not on. */
enum err own_seen_note(struct own_seen *s, uint32_t uid, struct flags was,
                       struct flags *flags) MUST_USE;

/* How many UIDs are in the user's set. Reads a row for each 4096 UIDs. */
enum err own_seen_count(const struct mail_txn *m, uint32_t mailbox, uint32_t user,
                        uint32_t *n) MUST_USE;

/* --- For all users; write --- */

/* The UIDs of runs are no more. Each user's rows are read and written once, however many runs. */
enum err own_seen_vanish(const struct mail_txn *m, uint32_t mailbox, const struct change_run *runs,
                         size_t n) MUST_USE;
/* The n-th of uids has become the n-th of to_uids in another such mailbox of the account. */
enum err own_seen_copy(const struct mail_txn *m, uint32_t from, const struct uids *uids,
                       uint32_t to, const struct uids *to_uids) MUST_USE;
/* The mailbox goes, or is set otherwise. */
enum err own_seen_forget(const struct mail_txn *m, uint32_t mailbox) MUST_USE;
/* m->account goes: what he has seen in the mail of others. Reads all sets of the store. */
enum err own_seen_erase(const struct mail_txn *m) MUST_USE;

/* --- Rows, for fsck --- */

struct own_seen_row {
	uint32_t account, mailbox, user, block;
	uint32_t count;
	uint64_t bits[SEEN_BLOCK / 64];
};
struct kv_iter;
/* The row under an iterator over SPACE_SEEN. False: it is damaged. */
bool own_seen_row_read(const struct kv_iter *it, struct own_seen_row *out);
bool own_seen_unpack(struct str record, uint32_t *count, uint64_t bits[SEEN_BLOCK / 64]);

#endif
