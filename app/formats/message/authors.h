/* formats/message/authors.h: strict parsing of From, Sender and the like, for authentication of the
 * author. formats/message/address.h is lenient for display; this parser refuses ambiguous values,
 * so that for an accepted value both give the same addresses. */
#ifndef MESSAGE_AUTHORS_H
#define MESSAGE_AUTHORS_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;

struct authors {
	struct mailaddr *items; /* in normal form */
	size_t n;
};

/* mailbox-list = mailbox *("," mailbox), folded or not (RFC 5322 3.4), also in UTF-8 (RFC 6532
 * 3.2), with unquoted dots in names, which are common (RFC 5322 4.1). Refused are
 *
 *	groups              RFC 6854 allows them, and 3 warns: they identify no author
 *	obsolete forms      routes, empty members, white space and comments around "@" and "."
 *	encoded-words       in an address (RFC 2047 5 (3)); allowed in names
 *	invisible text      control bytes, spaces beyond ASCII and invisible characters in an
 *	                    address, and bytes that are not UTF-8 anywhere
 *
 * items live in a or borrow from value. ERR_SYNTAX, also for an empty value; ERR_LIMIT for more
 * than max. Linear. */
enum err authors_parse(struct arena *a, struct str value, size_t max, struct authors *out) MUST_USE;

#endif
