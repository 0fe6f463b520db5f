/* protocols/imap/mailboxes/oldname.h: mailboxes that are not called quite as the client calls them
 * (RFC 9051 6.3.9.7).
 *
 * Names are kept in NFC (model/mailbox/name.h), and any spelling finds them. A client of
 * IMAP4rev2 is told by LIST with OLDNAME, so that it can tell that the two are one. */
#ifndef IMAP_OLDNAME_H
#define IMAP_OLDNAME_H
#include "foundation/base/str.h"

struct imap;

/* Has the mailbox that the client called supplied another name? *real, in the command's arena, is
 * what it is called in any case. Free for names in NFC; no transaction may be open. */
bool imap_name_differs(struct imap *s, struct str supplied, struct str *real);

/* "* LIST (attributes) "/" real ("OLDNAME" (supplied))"; only to clients of IMAP4rev2. */
void imap_oldname_put(struct imap *s, const char *attributes, struct str real, struct str supplied);
/* That of a mailbox that there is, if it differs. */
void imap_oldname_tell(struct imap *s, struct str supplied);

#endif
