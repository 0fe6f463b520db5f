/* formats/imap_wire/rights.h: rights and identifiers as RFC 4314 writes them. */
#ifndef IMAP_WIRE_RIGHTS_H
#define IMAP_WIRE_RIGHTS_H
#include "foundation/base/cur.h"

struct buf;

/* Bits in the order of "lrswipkxtea", which is that of enum right (model/mailbox/rights.h): a
 * row of the unit test holds them together. */
enum { IMAP_RIGHTS = 11 };

enum imap_rights_op { RIGHTS_REPLACE, RIGHTS_ADD, RIGHTS_REMOVE };

/* mod-rights, whole: "+lr", "-w", "lrs". "c" is k and x, "d" is t and e (RFC 4314 2.1.1).
 * False: a letter that is no right, or a capital one. */
bool imap_rights_parse(struct str text, enum imap_rights_op *op, unsigned *rights);

/* rights: the letters, with "c" and "d" behind those that they stand for (RFC 4314 2.1.1); "" when
 * there are none. */
void imap_rights_put(struct buf *out, unsigned rights);

/* identifier: "-" before it takes rights away. False: not UTF-8, or empty (RFC 4314 3). */
struct imap_identifier {
	struct str name; /* without "-" */
	bool negative;
};
bool imap_identifier_parse(struct str text, struct imap_identifier *out);

#endif
