/* model/queue/fsck.h: checks the consistency of the queue's two spaces and the blobs. */
#ifndef QUEUE_FSCK_H
#define QUEUE_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check queue_fsck;

#endif
