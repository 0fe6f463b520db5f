/* model/mailbox/url_key_rows.h: the rows of url_key.h. Private to the folder. */
#ifndef MAILBOX_URL_KEY_ROWS_H
#define MAILBOX_URL_KEY_ROWS_H
#include "model/mailbox/url_key.h"

struct kv_iter;

/* A row under an iterator over SPACE_URLKEY. False: it is damaged. */
struct url_key_row {
	uint32_t who, account, mailbox;
	const char *key; /* URL_KEY_BYTES, borrowed */
};
bool url_key_row_read(const struct kv_iter *it, struct url_key_row *out);

/* Write. The mailbox goes, and with it everybody's keys for it. Reads all keys of the store, of
 * which there are few: they are made by GENURLAUTH only. */
enum err url_keys_forget(const struct mail_txn *m, uint32_t mailbox) MUST_USE;
/* Write. m->account goes: its keys, and those of others for its mailboxes. As costly. */
enum err url_keys_forget_account(const struct mail_txn *m) MUST_USE;

#endif
