/* model/mailbox/metadata_rows.h: the rows of metadata.h. Private to the folder. */
#ifndef MAILBOX_METADATA_ROWS_H
#define MAILBOX_METADATA_ROWS_H
#include "model/mailbox/metadata.h"

struct kv_iter;

/* A row under an iterator over SPACE_METADATA. False: it is damaged. */
struct metadata_row {
	uint32_t account, mailbox, user;
	struct str name, value;
};
bool metadata_row_read(const struct kv_iter *it, struct metadata_row *out);

/* Write. The annotations of one mailbox also for another: INBOX, when it is renamed (RFC 5464
 * 4.1). */
enum err metadata_copy(const struct mail_txn *m, uint32_t from, uint32_t to) MUST_USE;
/* Write. The mailbox goes. */
enum err metadata_forget(const struct mail_txn *m, uint32_t mailbox) MUST_USE;
/* Write. m->account goes: what lies in its mail, and its private entries elsewhere. Reads all
 * annotations of the store. */
enum err metadata_erase(const struct mail_txn *m) MUST_USE;

#endif
