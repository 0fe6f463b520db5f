/* formats/imap_wire/filter.h: sets of mailboxes (RFC 5465 6 and 8, filter-mailboxes; RFC 7377 4).
 * protocols/imap/filter.h finds the mailboxes of a set. */
#ifndef IMAP_WIRE_FILTER_H
#define IMAP_WIRE_FILTER_H
#include "formats/imap_wire/search.h"

struct arena;

enum { IMAP_FILTER_NAMES = 1000 }; /* of one filter: each mailbox is compared with all of them */

enum imap_filter_by {
	FILTER_SELECTED,
	FILTER_SELECTED_DELAYED,
	FILTER_INBOXES,
	FILTER_PERSONAL,
	FILTER_SUBSCRIBED,
	FILTER_SUBTREE,     /* names and all mailboxes below them */
	FILTER_SUBTREE_ONE, /* names and their children (RFC 7377 2.2)  */
	FILTER_MAILBOXES,   /* names                                    */
};

struct imap_filter {
	enum imap_filter_by by;
	struct imap_strs names; /* of the last three */
};

/* The mailboxes that ESEARCH searches (RFC 7377 4). */
enum { IMAP_SOURCES = 32 };
struct imap_esearch {
	struct imap_filter *filters; /* neither empty nor FILTER_SELECTED_DELAYED */
	size_t n;
	struct imap_search search; /* extended                                    */
};
/* [SP "IN" SP "(" filter-mailboxes *(SP filter-mailboxes) ")"] [SP "RETURN" ...] ..., to the end of
 * the command. No scope-options are defined yet. */
bool imap_esearch_parse(struct cur *c, struct arena *a, bool utf8, unsigned depth,
                        struct imap_esearch *out);

/* filter-mailboxes of any kind; the command checks which kinds it allows. */
bool imap_filter_parse(struct cur *c, struct arena *a, bool utf8, struct imap_filter *out);

#endif
