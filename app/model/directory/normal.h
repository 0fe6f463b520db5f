/* model/directory/normal.h: the one form in which addresses of ours are kept and compared. */
#ifndef DIRECTORY_NORMAL_H
#define DIRECTORY_NORMAL_H
#include "formats/message/mailaddr.h"

struct arena;

/* The address in normal form: local part in NFC with ASCII letters in lower case, the
 * domain in lower case. For addresses of ours only: a domain elsewhere may tell "A" from
 * "a". Lives in a. */
struct mailaddr normal_fold(struct arena *a, struct mailaddr address);

/* Read an address as people type it, with blanks around it at most. Not folded, but for
 * the domain. False: that is no address. */
bool normal_address(struct arena *a, struct str text, struct mailaddr *out);
/* The same for a domain name: A-labels, whatever people typed. */
bool normal_domain(struct arena *a, struct str text, struct str *out);

/* Is it UTF-8 without control characters (C0, DEL, C1), so one line? What names and labels are. */
bool normal_line(struct str text);

#endif
