/* flow/policy/fsck.h: is every stored access rule readable and valid? */
#ifndef POLICY_FSCK_H
#define POLICY_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check policy_fsck;

#endif
