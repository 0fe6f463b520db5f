/* model/mailbox/row_walk.h: a walk over the rows of a set of UIDs, for changes. Private to the
 * folder. */
#ifndef MAILBOX_ROW_WALK_H
#define MAILBOX_ROW_WALK_H
#include "model/mailbox/email.h"

struct row_walk {
	const struct mail_txn *m;
	uint32_t mailbox;
	const struct uids *uids;
	uint32_t end; /* UIDs from here on are ignored */
	size_t at;    /* next range of uids                  */
	bool open;    /* rows must be ended */
	enum err error;
	struct email_rows rows;
};

/* end: usually the earlier UIDNEXT, which excludes rows that are added during the walk. Rows may be
 * changed and removed during the walk. uids is borrowed. */
void row_walk_init(struct row_walk *w, const struct mail_txn *m, uint32_t mailbox,
                   const struct uids *uids, uint32_t end);
bool row_walk_next(struct row_walk *w, struct email_row *row);
/* Call exactly once; returns the error that stopped the walk. */
enum err row_walk_end(struct row_walk *w) MUST_USE;

#endif
