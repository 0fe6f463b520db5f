/* protocols/imap/notify/notify_catching.h: the list of mailboxes that a client hears of, while
 * it is brought up to date. Private to notify_boxes.c, which keeps and marks it, and
 * notify_catch.c, which reads what happened. The list holds all that the client may look up, for
 * a name may become one it asks for. */
#ifndef IMAP_NOTIFY_CATCHING_H
#define IMAP_NOTIFY_CATCHING_H
#include "model/mailbox/changes.h"
#include "protocols/imap/notify/notifying.h"

struct catching {
	struct imap *s;
	struct notify *n;
	const struct mail_txn *m; /* of the user's own mail */
	struct arena *arena;
	struct listing *list;
	bool first;    /* nothing is told */
	size_t sorted; /* so many boxes were there before */
};

/* Among the first sorted ones; NULL: it is not there. */
struct notify_box *notify_box_find(struct notify *n, size_t sorted, uint32_t owner, uint32_t id);
/* tell: TELL_..., may be none. */
void notify_box_mark(struct notify *n, struct notify_box *box, unsigned tell);
/* What a change of rows is told by, of those events. */
unsigned notify_asked(enum change_kind kind, unsigned events);
/* Bring the list into the state of c->list, and mark the differences. */
void notify_boxes_compare(struct catching *c);

#endif
