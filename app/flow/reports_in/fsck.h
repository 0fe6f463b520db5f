/* flow/reports_in/fsck.h: what must hold between the rows of reports that came in. */
#ifndef REPORTS_IN_FSCK_H
#define REPORTS_IN_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check report_in_fsck;

#endif
