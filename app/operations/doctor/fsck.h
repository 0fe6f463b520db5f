/* operations/doctor/fsck.h: can every row of what was found be read? */
#ifndef DOCTOR_FSCK_H
#define DOCTOR_FSCK_H
#include "model/store/fsck.h"

extern const struct fsck_check doctor_fsck;

#endif
