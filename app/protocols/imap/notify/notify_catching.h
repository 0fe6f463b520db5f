/* protocols/imap/notify/notify_catching.h: the list of a client's mailboxes during an
 * update. Private to notify_boxes.c, which keeps and marks the list, and notify_catch.c,
 * which reads the changes. The list has all mailboxes that the user may look up, since a
 * rename may give one a requested name. */
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
	bool first;    /* first update: nothing is reported */
	size_t sorted; /* so many boxes existed before */
};

/* Searches the first sorted ones. NULL: not found. */
struct notify_box *notify_box_find(struct notify *n, size_t sorted, uint32_t owner, uint32_t id);
/* tell: TELL_..., may be 0. */
void notify_box_mark(struct notify *n, struct notify_box *box, unsigned tell);
/* The TELL_... bits for a changed row of that kind, if events requests it. */
unsigned notify_asked(enum change_kind kind, unsigned events);
/* Update the list to the state of c->list, and mark the differences. */
void notify_boxes_compare(struct catching *c);

#endif
