/* model/directory/fsck.h: what must hold between domains, accounts, addresses and credentials. */
#ifndef DIRECTORY_FSCK_H
#define DIRECTORY_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check directory_fsck;

#endif
