/* protocols/imap/mailboxes/status.h: the STATUS response, shared by STATUS and LIST-STATUS (RFC
 * 5819). */
#ifndef IMAP_STATUS_H
#define IMAP_STATUS_H
#include "foundation/base/err.h"

struct imap;
struct mail_txn;
struct mailbox;
struct str;

/* The number of messages that are \Recent to the next session. */
enum err imap_status_recent(const struct mail_txn *m, const struct mailbox *box, uint32_t first,
                            uint32_t *out) MUST_USE;

/* Counts that are not in a mailbox's record, as far as items requests them. */
struct status_counts {
	uint32_t recent;
	uint32_t unseen; /* to the user (mailbox_unseen) */
	uint64_t deleted_bytes; /* of messages with \Deleted (RFC 9208 4.1.4) */
};
/* Reads message rows only if necessary; items is of enum imap_status. */
enum err imap_status_count(const struct mail_txn *m, const struct mailbox *box, unsigned items,
                           struct status_counts *out) MUST_USE;

/* Append "* STATUS name (...)". */
void imap_status_put(struct imap *s, struct str name, unsigned items, const struct mailbox *box,
                     const struct status_counts *counts);

#endif
