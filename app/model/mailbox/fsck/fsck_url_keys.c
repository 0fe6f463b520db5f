/* model/mailbox/fsck/fsck_url_keys.c: mailbox access keys (url_key.h). */
#include "foundation/base/arena.h"
#include "model/mailbox/fsck/fsck_account.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/url_key_rows.h"
#include "model/store/store.h"

enum err fsck_url_keys(struct txn *t, struct fsck_report *r)
{
	struct url_key_row row;
	struct mailbox box;
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_URLKEY, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		struct mail_txn m = { .t = t };

		if (!url_key_row_read(&it, &row)) {
			fsck_found(r, "an access key of %" PRIu32 " is damaged", row.who);
			continue;
		}
		m.account = row.account;
		e = mailbox_get(&m, row.mailbox, &box);
		if (e == ERR_MISSING)
			fsck_found(r,
			           "%" PRIu32 " has an access key for mailbox %" PRIu32
			           " of account %" PRIu32 ", which does not exist",
			           row.who, row.mailbox, row.account);
		if (e == ERR_MISSING || e == ERR_CORRUPT) /* fsck_mailboxes reports it */
			e = OK;
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}
