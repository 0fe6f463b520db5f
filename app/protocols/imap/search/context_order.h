/* protocols/imap/search/context_order.h: where results of a SORT lie while they come and go (RFC
 * 5267 4.3.3, 4.3.4). The order of a context is an array of UIDs; what they are compared by is
 * read when it is needed, from the few messages that a search by halves meets. Private to the
 * contexts. */
#ifndef IMAP_CONTEXT_ORDER_H
#define IMAP_CONTEXT_ORDER_H
#include "foundation/base/err.h"
#include "protocols/imap/search/context.h"

struct mail_txn;

struct context_place {
	uint32_t uid;
	uint32_t position; /* from 1                                                */
	bool follows;      /* the place of the one before is just before: one set with it */
};

/* All-zero to begin. */
struct context_places {
	struct context_place *items;
	size_t n, cap;
};
void context_places_deinit(struct context_places *p);

/* Take x->removed out of x->order, the last first. One walk over the order. */
void context_order_remove(struct imap_context *x, struct context_places *out);
/* Put x->added into it. A message that is gone meanwhile is put anywhere: the log will say so.
 * Each costs the reading of a logarithm of the results. On an error those that are
 * not in are taken out of x->added. */
enum err context_order_add(const struct mail_txn *m, uint32_t mailbox, struct imap_context *x,
                           struct context_places *out) MUST_USE;

/* "*" of the program's sets is this UID; 0: the mailbox is empty. */
void context_resolve(struct imap_context *x, uint32_t last);

#endif
