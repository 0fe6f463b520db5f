/* model/history/fsck.h: can every trace be read, and has every step its trace? */
#ifndef HISTORY_FSCK_H
#define HISTORY_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check trace_fsck;

#endif
