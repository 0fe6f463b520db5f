/* model/search/fsck.h: what must hold within the index, for model/store/fsck.h. Not that it says
 * the truth of the messages: that would be to make it again. */
#ifndef SEARCH_FSCK_H
#define SEARCH_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check search_fsck;

#endif
