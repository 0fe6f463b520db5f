/* report/out_fsck.h: can every row of what was counted or is to be told of, and of what became of
 * reports, be read? */
#ifndef REPORT_OUT_FSCK_H
#define REPORT_OUT_FSCK_H
#include "store/fsck.h"

extern const struct fsck_check report_out_fsck;

#endif
