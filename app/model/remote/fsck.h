/* model/remote/fsck.h: is every policy and every day's evidence well-formed? */
#ifndef REMOTE_FSCK_H
#define REMOTE_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check remote_fsck;

#endif
