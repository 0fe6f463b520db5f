/* protocols/imap/view.h: which messages the client believes the selected mailbox holds, and by
 * which numbers.
 *
 * A message's sequence number is its place among the UIDs, and it may change only when the
 * client is told: so a session has a view of its own, which follows the mailbox when the
 * protocol allows. Numbers without gaps between UIDs are kept as runs:
 *
 *	seq    1 2 3   4 5   6
 *	uid    1 2 3   7 8   12      runs: {uid 1, seq 1} {uid 7, seq 4} {uid 12, seq 6}
 *
 * so a mailbox where little was deleted costs nearly nothing, and the worst one 8 bytes for
 * a message. Which UIDs there are is only found out when a command needs it (sync.h): until
 * then a view knows how many there are, which is all that SELECT and IDLE want.
 *
 * Pure data: no store, no connection. */
#ifndef IMAP_VIEW_H
#define IMAP_VIEW_H
#include "formats/imap_wire/seq.h"
#include "model/mailbox/uids.h"

struct view_run {
	uint32_t uid; /* of the first message */
	uint32_t seq; /* its number, from 1 */
};

struct view {
	uint32_t exists;  /* messages                                             */
	uint32_t uidnext; /* greater than every UID in it                        */
	bool known;       /* runs are there                                       */
	struct view_run *runs;
	size_t n, cap;
};

/* Messages there are, not which; uidnext as the mailbox has it. If no UID is missing below
 * it, which ones is known at once. */
void view_init(struct view *v, uint32_t exists, uint32_t uidnext);
/* Forget everything. Again is a no-op. */
void view_deinit(struct view *v);

/* Make it known, empty at first: then view_add all. */
void view_begin(struct view *v);
/* Add lo to hi at the end. lo is greater than every UID in it. */
void view_add(struct view *v, uint32_t lo, uint32_t hi);
/* count messages came; which is not known. Only while !known. */
void view_grow(struct view *v, uint32_t count, uint32_t uidnext);

/* The following only when known. */

/* The number of uid; 0 when it is not in the view. */
uint32_t view_seq(const struct view *v, uint32_t uid);
/* The UID of number seq, 1 to exists. */
uint32_t view_uid(const struct view *v, uint32_t seq);
/* The greatest UID, 0 when empty. */
uint32_t view_last(const struct view *v);
/* Numbers of the runs of UIDs that lie in lo to hi: the first run at or after *uid, cut to
 * hi. False when there is none. */
bool view_next(const struct view *v, uint32_t *uid, uint32_t hi, uint32_t *run_hi);

/* UIDs of set, which is resolved, below uidnext that are not in the view. out is empty before. */
void view_missing(const struct view *v, const struct imap_seq *set, struct uids *out);

/* Take uids out, all numbers behind them move down. Those not in the view are ignored.
 * told is called with each number as it is just before the message is taken out, the
 * greatest first, so that they are what EXPUNGE responses must say; NULL: nobody. */
void view_remove(struct view *v, const struct uids *uids, void (*told)(uint32_t seq, void *arg),
                 void *arg);

/* The UIDs of the view that a set names, by UID or by number. out is empty before.
 * False: the set has a number that no message has, which is the client's error (RFC 3501
 * section 9, sequence-set), but for 1:* of nothing; UIDs that do not exist are ignored
 * (RFC 9051 6.4.9). Resolves the set. */
bool view_select(const struct view *v, struct imap_seq *set, bool by_uid, struct uids *out);

#endif
