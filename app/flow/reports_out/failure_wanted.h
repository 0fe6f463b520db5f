/* flow/reports_out/failure_wanted.h: is anybody to be told of a message that failed? For this
 * folder only. */
#ifndef REPORTS_OUT_FAILURE_WANTED_H
#define REPORTS_OUT_FAILURE_WANTED_H
#include "flow/reports_out/failure.h"

struct live;

/* report_out_failure_kinds: by the setting, and by the record. */
unsigned out_failure_wanted(struct live *live, const struct report_failure *f);

#endif
