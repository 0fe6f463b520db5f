/* report/out_failure_wanted.h: is anybody to be told of a message that failed? For this folder
 * only. */
#ifndef REPORT_OUT_FAILURE_WANTED_H
#define REPORT_OUT_FAILURE_WANTED_H
#include "report/out_failure.h"

struct live;

/* report_out_failure_kinds: by the setting, and by the record. */
unsigned out_failure_wanted(struct live *live, const struct report_failure *f);

#endif
