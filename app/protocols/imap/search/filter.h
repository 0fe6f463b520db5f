/* protocols/imap/search/filter.h: does a mailbox match a filter of mailboxes
 * (imap_wire/filter.h)? Pure. */
#ifndef IMAP_FILTER_H
#define IMAP_FILTER_H
#include "formats/imap_wire/filter.h"

/* A mailbox as the client sees it. */
struct imap_filtered {
	struct str name; /* full, with the namespace and owner (place.h) */
	bool foreign;    /* in another user's or a group's mail          */
	bool subscribed;
};

/* False for the selected mailbox, which is matched by identity, not by name. Costs the
 * filter's names. */
bool imap_filter_has(const struct imap_filter *f, const struct imap_filtered *box);

/* Do two names denote one mailbox? INBOX and addresses compare without case. */
bool imap_filter_same(struct str a, struct str b);

#endif
