/* model/directory/normal.h: the normal form in which local addresses are stored and compared. */
#ifndef DIRECTORY_NORMAL_H
#define DIRECTORY_NORMAL_H
#include "formats/message/mailaddr.h"

struct arena;

/* The address in normal form: local part in NFC with ASCII letters in lower case, the domain in
 * lower case. For local addresses only: a remote domain may distinguish "A" and "a". Lives in a. */
struct mailaddr normal_fold(struct arena *a, struct mailaddr address);

/* Parse an address as people type it, maybe with blanks around it. Only the domain is folded.
 * False: not an address. */
bool normal_address(struct arena *a, struct str text, struct mailaddr *out);
/* The same for a domain name: the result has A-labels. */
bool normal_domain(struct arena *a, struct str text, struct str *out);

/* Is it UTF-8 without control characters (C0, DEL, C1), so one line? For names and labels. */
bool normal_line(struct str text);

#endif
