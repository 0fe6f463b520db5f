/* protocols/imap/search/context_order.h: positions of results in a SORT as they are added
 * and removed (RFC 5267 4.3.3, 4.3.4). The order of a context is an array of UIDs. The
 * values to compare are read on demand, for the few messages that a binary search visits.
 * Private to the contexts. */
#ifndef IMAP_CONTEXT_ORDER_H
#define IMAP_CONTEXT_ORDER_H
#include "foundation/base/err.h"
#include "protocols/imap/search/context.h"

struct mail_txn;

struct context_place {
	uint32_t uid;
	uint32_t position; /* from 1                                               */
	bool follows;      /* directly after the previous place: both form one set */
};

/* All-zero to begin. */
struct context_places {
	struct context_place *items;
	size_t n, cap;
};
void context_places_deinit(struct context_places *p);

/* Remove x->removed from x->order, the last first. One pass over the order. */
void context_order_remove(struct imap_context *x, struct context_places *out);
/* Insert x->added. An expunged message may be put anywhere: the log will report it. Each
 * costs the reading of log2(results) messages. On an error the messages not inserted are
 * removed from x->added. */
enum err context_order_add(const struct mail_txn *m, uint32_t mailbox, struct imap_context *x,
                           struct context_places *out) MUST_USE;

/* Resolve "*" in the program's sets to this UID; 0: the mailbox is empty. */
void context_resolve(struct imap_context *x, uint32_t last);

#endif
