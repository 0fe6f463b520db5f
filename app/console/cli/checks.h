/* console/cli/checks.h: the checks of every folder that owns key spaces, for fsck and restore. */
#ifndef CLI_CHECKS_H
#define CLI_CHECKS_H
#include "model/store/fsck.h"

/* All of them; static storage. */
const struct fsck_check *checks_all(size_t *count);

#endif
