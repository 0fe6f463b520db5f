/* formats/message/authors.h: the addresses of From, Sender and their like, strictly: for who has
 * to know in whose name a message is. formats/message/address.h forgives, so that nothing
 * vanishes from sight; here what could be read in two ways is refused, and what is taken, both
 * read alike. */
#ifndef MESSAGE_AUTHORS_H
#define MESSAGE_AUTHORS_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;

struct authors {
	struct mailaddr *items; /* in normal form */
	size_t n;
};

/* mailbox-list = mailbox *("," mailbox), folded or not (RFC 5322 3.4), in UTF-8 too (RFC 6532
 * 3.2), with dots in names, which programs write without quotes (RFC 5322 4.1). Not taken are
 *
 *	groups              RFC 6854 allows them, and 3 warns: they are nobody whom to ask
 *	obsolete forms      routes, empty members, white space and comments around "@" and "."
 *	encoded-words       in an address (RFC 2047 5 (3)); in names they are fine
 *	what is not seen    control bytes, spaces beyond ASCII and invisible characters in an
 *	                    address, and bytes that are no UTF-8 anywhere
 *
 * items live in a or borrow from value. ERR_SYNTAX, also for an empty value; ERR_LIMIT for more
 * than max. Linear. */
enum err authors_parse(struct arena *a, struct str value, size_t max, struct authors *out) MUST_USE;

#endif
