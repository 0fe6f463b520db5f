/* flow/reports_in/count.h: limits how many reports are accepted each day, since anybody
 * can send them. */
#ifndef REPORTS_IN_COUNT_H
#define REPORTS_IN_COUNT_H
#include "flow/reports_in/store.h"

/* Count d, whose head is complete but for its id. *how: REPORT_PUT_TAKEN; or
 * REPORT_PUT_FULL or REPORT_PUT_FLOOD if a limit is reached, and it is not counted. */
enum err report_in_count(struct txn *t, const struct report_draft *d,
                         enum report_put *how) MUST_USE;

/* For fsck: is such a row valid? */
bool report_in_count_ok(struct str key, struct str val);

#endif
