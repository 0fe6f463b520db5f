/* model/mailbox/url_key_rows.h: the rows of url_key.h. Private to the folder. */
#ifndef MAILBOX_URL_KEY_ROWS_H
#define MAILBOX_URL_KEY_ROWS_H
#include "model/mailbox/url_key.h"

struct kv_iter;

/* The row under an iterator over SPACE_URLKEY. False: malformed. */
struct url_key_row {
	uint32_t who, account, mailbox;
	const char *key; /* URL_KEY_BYTES, borrowed */
};
bool url_key_row_read(const struct kv_iter *it, struct url_key_row *out);

/* Write. Delete all keys for a deleted mailbox. Reads all keys of the store; there are few, because
 * only GENURLAUTH creates them. */
enum err url_keys_forget(const struct mail_txn *m, uint32_t mailbox) MUST_USE;
/* Write. Delete the keys of m->account, and those of others for its mailboxes. The same cost. */
enum err url_keys_forget_account(const struct mail_txn *m) MUST_USE;

#endif
