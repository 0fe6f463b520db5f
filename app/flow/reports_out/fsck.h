/* flow/reports_out/fsck.h: can every row of what was counted or is to be told of, and of what
 * became of reports, be read? */
#ifndef REPORTS_OUT_FSCK_H
#define REPORTS_OUT_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check report_out_fsck;

#endif
