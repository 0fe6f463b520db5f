/* model/mailbox/metadata_rows.h: the rows of metadata.h. Private to the folder. */
#ifndef MAILBOX_METADATA_ROWS_H
#define MAILBOX_METADATA_ROWS_H
#include "model/mailbox/metadata.h"

struct kv_iter;

/* The row under an iterator over SPACE_METADATA. False: malformed. */
struct metadata_row {
	uint32_t account, mailbox, user;
	struct str name, value;
};
bool metadata_row_read(const struct kv_iter *it, struct metadata_row *out);

/* Write. Copy the annotations of a mailbox to another: when INBOX is renamed (RFC 5464 4.1). */
enum err metadata_copy(const struct mail_txn *m, uint32_t from, uint32_t to) MUST_USE;
/* Write. Delete the annotations of a deleted mailbox. */
enum err metadata_forget(const struct mail_txn *m, uint32_t mailbox) MUST_USE;
/* Write. Delete the annotations of m->account's mail, and its private entries in other mail. Reads
 * all annotations of the store. */
enum err metadata_erase(const struct mail_txn *m) MUST_USE;

#endif
