/* model/filters/fsck.h: check of scripts, filters and what filters remember. */
#ifndef FILTERS_FSCK_H
#define FILTERS_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check filters_fsck;

#endif
