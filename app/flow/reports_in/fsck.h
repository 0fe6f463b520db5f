/* flow/reports_in/fsck.h: checks the consistency of the rows of incoming reports. */
#ifndef REPORTS_IN_FSCK_H
#define REPORTS_IN_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check report_in_fsck;

#endif
