/* model/history/fsck.h: is every trace well-formed, and does every step belong to a trace? */
#ifndef HISTORY_FSCK_H
#define HISTORY_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check trace_fsck;

#endif
