/* model/directory/reports_to.h: addresses to which others send reports, by ROOST_REPORTS_TO. */
#ifndef DIRECTORY_REPORTS_TO_H
#define DIRECTORY_REPORTS_TO_H
#include "formats/message/mailaddr.h"

/* Is it one of the list? A name stands for every domain, a whole address for itself; case is
 * ignored. */
bool reports_to_has(struct str list, const struct mailaddr *address);

#endif
