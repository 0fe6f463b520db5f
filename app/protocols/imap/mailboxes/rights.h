/* protocols/imap/mailboxes/rights.h: the MYRIGHTS response, shared by MYRIGHTS and LIST-MYRIGHTS
 * (RFC 8440), and rights that change while a mailbox is selected (RFC 4314 5.1.1). */
#ifndef IMAP_RIGHTS_H
#define IMAP_RIGHTS_H
#include "foundation/base/err.h"
#include "model/mailbox/rights.h"

struct imap;

/* One of these is needed to ask for one's rights (RFC 4314 4, MYRIGHTS). */
enum {
	RIGHTS_MYRIGHTS = RIGHT_LOOKUP | RIGHT_READ | RIGHT_INSERT | RIGHT_CREATE | RIGHT_DELETE |
	                  RIGHT_ADMINISTER,
};

/* Append "* MYRIGHTS name rights". */
void imap_myrights_put(struct imap *s, struct str name, unsigned rights);

/* Another's mailbox is selected and something happened: tell the client if it may change more or
 * less than it was told, by READ-ONLY or READ-WRITE, FLAGS and PERMANENTFLAGS. Free in one's own
 * mail. ERR_DENIED and ERR_MISSING: it may no longer read the mailbox. */
enum err imap_rights_again(struct imap *s) MUST_USE;

#endif
