/* formats/imap_wire/rights.h: the syntax of rights and identifiers (RFC 4314). */
#ifndef IMAP_WIRE_RIGHTS_H
#define IMAP_WIRE_RIGHTS_H
#include "foundation/base/cur.h"

struct buf;

/* Bits in the order of "lrswipkxtea", the order of enum right (model/mailbox/rights.h); a unit test
 * checks that they agree. */
enum { IMAP_RIGHTS = 11 };

enum imap_rights_op { RIGHTS_REPLACE, RIGHTS_ADD, RIGHTS_REMOVE };

/* mod-rights, all of text: "+lr", "-w", "lrs". "c" is k and x, "d" is t and e (RFC 4314 2.1.1).
 * False: an unknown letter, or a capital one. */
bool imap_rights_parse(struct str text, enum imap_rights_op *op, unsigned *rights);

/* rights: the letters, with "c" and "d" after the rights that they contain (RFC 4314 2.1.1); "" for
 * none. */
void imap_rights_put(struct buf *out, unsigned rights);

/* identifier: a leading "-" denies rights. False: not UTF-8, or empty (RFC 4314 3). */
struct imap_identifier {
	struct str name; /* without "-" */
	bool negative;
};
bool imap_identifier_parse(struct str text, struct imap_identifier *out);

#endif
