/* model/mailbox/placement.h: where an email is. The other direction is email_rows (email.h).
 *
 * An email has one or more placements. Each is a row of a mailbox: a UID with flags of its own.
 *
 *	IMAP COPY     adds a placement; the email stays the same, and so does its EMAILID (RFC 8474
 *	              5.1). A second copy in the same mailbox is a second placement.
 *	STORE         changes the flags of one placement: reading a message in one folder leaves it
 *	              unread in the other, as IMAP users expect.
 *	MOVE          replaces a placement.
 *	EXPUNGE       removes a placement; the last one takes the email with it.
 *	quota         an email counts its bytes once. Its placements count as messages; copies are
 *	              limited by the quota of messages and by LIMIT_placements.
 *	change log    has placements: changed.h derives changes of emails from them.
 *	backup        copies rows, so it needs no rule.
 *
 * JMAP shows one email (RFC 8621 4.1.1) in the set of its mailboxes. A placement with \Deleted is
 * not shown, and an email that has no other placement is not shown at all. */
#ifndef MAILBOX_PLACEMENT_H
#define MAILBOX_PLACEMENT_H
#include "model/mailbox/email.h"

struct placement {
	uint32_t mailbox;
	uint32_t uid;
};
struct placement_list {
	struct placement *items; /* by mailbox, then UID */
	size_t n;
};

/* All placements, also those that m->who may not see; memory is a's. ERR_MISSING: the email does
 * not exist. */
enum err placements_get(const struct mail_txn *m, uint64_t email, struct arena *a,
                        struct placement_list *out) MUST_USE;
/* Their number. ERR_MISSING: the email does not exist. */
enum err placements_count(const struct mail_txn *m, uint64_t email, uint32_t *n) MUST_USE;
/* The first placement: for readers that need any. ERR_MISSING. */
enum err placement_first(const struct mail_txn *m, uint64_t email, struct placement *out) MUST_USE;
/* The lowest UID of the email in the mailbox. ERR_MISSING: it is not there. */
enum err placement_in(const struct mail_txn *m, uint64_t email, uint32_t mailbox,
                      uint32_t *uid) MUST_USE;

/* The account's placements of emails with ids above after, in the order of ids, which is the order
 * of arrival: an email with two placements comes twice in a row. Call end exactly once. */
struct placements {
	struct kv_iter it;
};
void placements_init(struct placements *s, const struct mail_txn *m, uint64_t after);
bool placements_next(struct placements *s, uint64_t *email, struct placement *out);
enum err placements_end(struct placements *s) MUST_USE;

/* An email as JMAP shows it to m->who: only placements without \Deleted in mailboxes that m->who
 * may read count.
 * flags      \Seen and \Draft of all of them, other flags of any of them */
struct email_view {
	uint64_t id;
	uint64_t thread;
	uint64_t modseq; /* the highest of its placements */
	uint32_t size_bytes;
	int64_t internal_ms;
	struct flags flags;
	struct placement_list placements;
};
/* The flags of two placements as those of one email. */
struct flags email_flags_join(struct flags a, struct flags b);
struct email_viewer; /* rights and records of mailboxes, read once per transaction */
enum err email_viewer_new(const struct mail_txn *m, struct arena *a,
                          struct email_viewer **out) MUST_USE;
/* ERR_MISSING: it does not exist, or is not shown. Memory is a's. Costs one range and one row for
 * each placement; the record of the email is not read. */
enum err email_view_get(struct email_viewer *v, uint64_t email, struct arena *a,
                        struct email_view *out) MUST_USE;
/* May who read that mailbox? */
bool email_viewer_may_read(const struct email_viewer *v, uint32_t mailbox);
/* Rights of who in it: enum right. */
unsigned email_viewer_rights(const struct email_viewer *v, uint32_t mailbox);

/* The lowest number above after that has mail: an account or a group. 0: none. */
enum err mail_next(struct txn *t, uint32_t after, uint32_t *account) MUST_USE;

/* An id above all assigned ids of emails. */
enum err emails_limit(const struct mail_txn *m, uint64_t *id) MUST_USE;

#endif
