/* protocols/imap/mailboxes/rights.h: the MYRIGHTS response, shared by MYRIGHTS and
 * LIST-MYRIGHTS (RFC 8440), and changes of rights while a mailbox is selected (RFC 4314
 * 5.1.1). */
#ifndef IMAP_RIGHTS_H
#define IMAP_RIGHTS_H
#include "foundation/base/err.h"
#include "model/mailbox/rights.h"

struct imap;

/* MYRIGHTS requires one of these (RFC 4314 4). */
enum {
	RIGHTS_MYRIGHTS = RIGHT_LOOKUP | RIGHT_READ | RIGHT_INSERT | RIGHT_CREATE | RIGHT_DELETE |
	                  RIGHT_ADMINISTER,
};

/* Append "* MYRIGHTS name rights". */
void imap_myrights_put(struct imap *s, struct str name, unsigned rights);

/* Check the rights on a selected mailbox of another user again, and report changes by
 * READ-ONLY or READ-WRITE, FLAGS and PERMANENTFLAGS. Free in the user's own mail.
 * ERR_DENIED and ERR_MISSING: the user may no longer read the mailbox. */
enum err imap_rights_again(struct imap *s) MUST_USE;

#endif
