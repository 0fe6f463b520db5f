/* operations/acme/schedule.h: when something is done again. Pure: time and chance come as
 * arguments. */
#ifndef ACME_SCHEDULE_H
#define ACME_SCHEDULE_H
#include "foundation/base/util.h"

enum { SCHEDULE_CHANCES = 1000 };
/* chance: uniform in [0, SCHEDULE_CHANCES), so that servers which began together do not stay so.
 * All times in ms of the real clock. */

/* When to renew a certificate: when a third of its life is left, half of one that lives no
 * longer than ten days, and up to a twentieth of its life earlier by chance. */
int64_t schedule_renewal_ms(int64_t not_before_ms, int64_t not_after_ms, uint64_t chance);

/* When to try again after so many failures in a row (at least 1): ten minutes, twice that, and so
 * on up to a day, a fifth more or less by chance; not before what the CA asked for. */
int64_t schedule_retry_ms(int64_t now_ms, uint64_t failures, int64_t asked_ms, uint64_t chance);

#endif
