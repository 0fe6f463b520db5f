/* trace/fsck.h: can every trace be read, and has every step its trace? */
#ifndef TRACE_FSCK_H
#define TRACE_FSCK_H
#include "store/fsck.h"

extern const struct fsck_check trace_fsck;

#endif
