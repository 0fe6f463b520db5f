/* protocols/imap/view.h: the messages of the selected mailbox with their numbers, as the
 * client sees them.
 *
 * A message's sequence number is its place among the UIDs. It may change only when the
 * client is notified, so a session has its own view, which follows the mailbox when the
 * protocol allows. UIDs without gaps are kept as runs:
 *
 *	seq    1 2 3   4 5   6
 *	uid    1 2 3   7 8   12      runs: {uid 1, seq 1} {uid 7, seq 4} {uid 12, seq 6}
 *
 * A mailbox with few expunged messages costs nearly nothing, the worst one 8 bytes a
 * message. The UIDs are loaded when a command needs them (sync.h). Until then a view has
 * only the number of messages, which is enough for SELECT and IDLE. Pure data: no store,
 * no connection. */
#ifndef IMAP_VIEW_H
#define IMAP_VIEW_H
#include "formats/imap_wire/seq.h"
#include "model/mailbox/uids.h"

struct view_run {
	uint32_t uid; /* of the first message */
	uint32_t seq; /* its number, from 1 */
};

struct view {
	uint32_t exists;  /* messages                     */
	uint32_t uidnext; /* greater than every UID in it */
	bool known;       /* runs are loaded              */
	struct view_run *runs;
	size_t n, cap;
};

/* Set the number of messages; uidnext is the mailbox's. If no UID below it is missing,
 * the view is known at once. */
void view_init(struct view *v, uint32_t exists, uint32_t uidnext);
/* Free everything. Idempotent. */
void view_deinit(struct view *v);

/* Make it known and empty: then view_add all. */
void view_begin(struct view *v);
/* Append lo to hi. lo is greater than every UID in it. */
void view_add(struct view *v, uint32_t lo, uint32_t hi);
/* count unknown messages were added. Only while !known. */
void view_grow(struct view *v, uint32_t count, uint32_t uidnext);

/* The following only if known. */

/* The number of uid; 0 if it is not in the view. */
uint32_t view_seq(const struct view *v, uint32_t uid);
/* The UID of number seq, 1 to exists. */
uint32_t view_uid(const struct view *v, uint32_t seq);
/* The greatest UID, 0 when empty. */
uint32_t view_last(const struct view *v);
/* Iterate over the runs of UIDs in lo to hi: the first run at or after *uid, cut to hi.
 * False if there is none. */
bool view_next(const struct view *v, uint32_t *uid, uint32_t hi, uint32_t *run_hi);

/* UIDs of set, which is resolved, below uidnext that are not in the view. out is empty
 * before. */
void view_missing(const struct view *v, const struct imap_seq *set, struct uids *out);

/* Remove uids; the numbers behind them move down. UIDs not in the view are ignored.
 * on_remove is called with each number just before its message is removed, the greatest
 * first: these are the numbers for EXPUNGE. It may be NULL. */
void view_remove(struct view *v, const struct uids *uids,
                 void (*on_remove)(uint32_t seq, void *arg), void *arg);

/* The UIDs of the view that a set names, by UID or by number. out is empty before. False:
 * the set has a number without a message, an error of the client (RFC 3501 section 9,
 * sequence-set), except 1:* of an empty view. UIDs that do not exist are ignored (RFC
 * 9051 6.4.9). Resolves the set. */
bool view_select(const struct view *v, struct imap_seq *set, bool by_uid, struct uids *out);

#endif
