/* imap/rights.h: the MYRIGHTS response, shared by MYRIGHTS and LIST-MYRIGHTS (RFC 8440). */
#ifndef IMAP_RIGHTS_H
#define IMAP_RIGHTS_H
#include "mailbox/rights.h"

struct imap;

/* One of these is needed to ask for one's rights (RFC 4314 4, MYRIGHTS). */
enum {
	RIGHTS_MYRIGHTS = RIGHT_LOOKUP | RIGHT_READ | RIGHT_INSERT | RIGHT_CREATE | RIGHT_DELETE |
	                  RIGHT_ADMINISTER,
};

/* Append "* MYRIGHTS name rights". */
void imap_myrights_put(struct imap *s, struct str name, unsigned rights);

#endif
