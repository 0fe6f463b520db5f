/* model/search/fsck.h: the invariants of the index, for model/store/fsck.h. The contents are not
 * compared with the messages, which would cost a rebuild. */
#ifndef SEARCH_FSCK_H
#define SEARCH_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check search_fsck;

#endif
