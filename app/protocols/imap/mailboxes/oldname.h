/* protocols/imap/mailboxes/oldname.h: mailboxes whose stored name differs from the
 * client's spelling (RFC 9051 6.3.9.7).
 *
 * Names are stored in NFC (model/mailbox/name.h), and any spelling finds them. Clients of
 * IMAP4rev2 receive LIST with OLDNAME, which links the two names. */
#ifndef IMAP_OLDNAME_H
#define IMAP_OLDNAME_H
#include "foundation/base/str.h"

struct imap;

/* Does the stored name differ from supplied? *real is set in either case, in the
 * command's arena. Free for names in NFC; no transaction may be open. */
bool imap_name_differs(struct imap *s, struct str supplied, struct str *real);

/* Append "* LIST (attributes) "/" real ("OLDNAME" (supplied))"; only for clients of
 * IMAP4rev2. */
void imap_oldname_put(struct imap *s, const char *attributes, struct str real, struct str supplied);
/* The same for an existing mailbox, if its name differs. */
void imap_oldname_tell(struct imap *s, struct str supplied);

#endif
