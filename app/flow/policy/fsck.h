/* flow/policy/fsck.h: can every access rule be read, and is it one? */
#ifndef POLICY_FSCK_H
#define POLICY_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check policy_fsck;

#endif
