/* protocols/imap/search/filter.h: is a mailbox among those that a filter means
 * (imap_wire/filter.h)? Pure. */
#ifndef IMAP_FILTER_H
#define IMAP_FILTER_H
#include "formats/imap_wire/filter.h"

/* A mailbox as the client sees it. */
struct imap_filtered {
	struct str name; /* full, with whose mail it is in (place.h) */
	bool foreign;    /* that of others                           */
	bool subscribed;
};

/* False for the selected mailbox, which goes by what it is and not by its name. Costs the
 * filter's names. */
bool imap_filter_has(const struct imap_filter *f, const struct imap_filtered *box);

/* Do two names mean one mailbox? INBOX and addresses compare without case. */
bool imap_filter_same(struct str a, struct str b);

#endif
