/* flow/reports_in/count.h: how many reports come of a day. Anybody can send them, so there are
 * limits. */
#ifndef REPORTS_IN_COUNT_H
#define REPORTS_IN_COUNT_H
#include "flow/reports_in/store.h"

/* Count d, whose head is known but for its id. *how: REPORT_PUT_TAKEN; REPORT_PUT_FULL or
 * REPORT_PUT_FLOOD when there is no room, and it is not counted. */
enum err report_in_count(struct txn *t, const struct report_draft *d,
                         enum report_put *how) MUST_USE;

/* For fsck: may such a row be? */
bool report_in_count_ok(struct str key, struct str val);

#endif
