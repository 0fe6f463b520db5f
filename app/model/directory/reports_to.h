/* model/directory/reports_to.h: addresses for incoming reports, by ROOST_REPORTS_TO. */
#ifndef DIRECTORY_REPORTS_TO_H
#define DIRECTORY_REPORTS_TO_H
#include "formats/message/mailaddr.h"

/* Is address in the list? A local part in it applies to every domain; case is ignored. */
bool reports_to_has(struct str list, const struct mailaddr *address);

#endif
