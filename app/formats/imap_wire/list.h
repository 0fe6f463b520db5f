/* formats/imap_wire/list.h: LIST and LSUB, with the options of LIST-EXTENDED (RFC 9051 6.3.9, RFC
 * 5258, RFC 5819, RFC 6154), and the matching of their patterns. */
#ifndef IMAP_WIRE_LIST_H
#define IMAP_WIRE_LIST_H
#include "formats/imap_wire/metadata.h"

struct arena;

enum imap_list_option {
	LIST_SUBSCRIBED = BIT(0),
	LIST_REMOTE = BIT(1),
	LIST_RECURSIVEMATCH = BIT(2),
	LIST_SPECIAL_USE = BIT(3),
	LIST_CHILDREN = BIT(4), /* only to be returned */
	LIST_STATUS = BIT(5),   /* only to be returned */
	LIST_MYRIGHTS = BIT(6), /* only to be returned (RFC 8440) */
	LIST_METADATA = BIT(7), /* only to be returned (RFC 9590) */
};

enum {
	IMAP_PATTERN_MAX = 2000,    /* bytes of reference and pattern; bounds the cost of
				     * matching */
	IMAP_PATTERNS_MAX = 64,     /* patterns of a command */
	IMAP_PATTERNS_BYTES = 8000, /* of all of them */
};

struct imap_list {
	bool extended;                 /* an option or a list of patterns was given */
	unsigned select;               /* enum imap_list_option: which mailboxes       */
	unsigned returns;              /* the returned attributes */
	unsigned status;               /* enum imap_status, of LIST_STATUS             */
	struct imap_metadata metadata; /* entries of LIST_METADATA          */
	/* Reference and pattern joined, UTF-8. An empty pattern stays empty: it requests the
	 * hierarchy delimiter and not a mailbox (RFC 9051 6.3.9). */
	struct imap_strs patterns;
};

bool imap_list_parse(struct cur *c, struct arena *a, bool utf8, struct imap_list *out);
/* mailbox SP list-mailbox, nothing else: LSUB. */
bool imap_lsub_parse(struct cur *c, struct arena *a, bool utf8, struct imap_list *out);

/* "*" matches anything, "%" anything but the delimiter "/". The letters of INBOX at the
 * beginning of name match in any case. Both UTF-8. O(pattern.n * name.n), no recursion;
 * false when pattern is longer than IMAP_PATTERN_MAX. */
bool imap_list_match(struct str pattern, struct str name);

#endif
