/* model/mailbox/row_walk.h: the rows of a set of UIDs, for the functions that change them. Private
 * to the folder. */
#ifndef MAILBOX_ROW_WALK_H
#define MAILBOX_ROW_WALK_H
#include "model/mailbox/email.h"

struct row_walk {
	const struct mail_txn *m;
	uint32_t mailbox;
	const struct uids *uids;
	uint32_t end; /* UIDs from here on are not looked at */
	size_t at;    /* next range of uids                  */
	bool open;    /* rows is to be ended                 */
	enum err error;
	struct email_rows rows;
};

/* end: usually UIDNEXT from before, so that rows added while walking are not met. Rows may be
 * changed and removed while walking. uids is borrowed. */
void row_walk_init(struct row_walk *w, const struct mail_txn *m, uint32_t mailbox,
                   const struct uids *uids, uint32_t end);
bool row_walk_next(struct row_walk *w, struct email_row *row);
/* Exactly once; the error that stopped the walk. */
enum err row_walk_end(struct row_walk *w) MUST_USE;

#endif
