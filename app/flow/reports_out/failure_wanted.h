/* flow/reports_out/failure_wanted.h: is a failure report requested for a message? For
 * this folder only. */
#ifndef REPORTS_OUT_FAILURE_WANTED_H
#define REPORTS_OUT_FAILURE_WANTED_H
#include "flow/reports_out/failure.h"

struct live;

/* The kinds for report_out_failure_kinds: by the setting and the record. */
unsigned out_failure_wanted(struct live *live, const struct report_failure *f);

#endif
