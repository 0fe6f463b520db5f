/* model/directory/fsck.h: the invariants of domains, accounts, addresses and credentials. */
#ifndef DIRECTORY_FSCK_H
#define DIRECTORY_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check directory_fsck;

#endif
