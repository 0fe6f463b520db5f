/* flow/reports_out/fsck.h: are all rows of counts, pending reports and sent reports
 * readable? */
#ifndef REPORTS_OUT_FSCK_H
#define REPORTS_OUT_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check report_out_fsck;

#endif
