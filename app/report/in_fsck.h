/* report/in_fsck.h: what must hold between the rows of reports that came in. */
#ifndef REPORT_IN_FSCK_H
#define REPORT_IN_FSCK_H
#include "store/fsck.h"

extern const struct fsck_check report_in_fsck;

#endif
