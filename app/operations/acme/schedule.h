/* operations/acme/schedule.h: times of renewals and retries. Pure: time and chance are
 * arguments. */
#ifndef ACME_SCHEDULE_H
#define ACME_SCHEDULE_H
#include "foundation/base/util.h"

enum { SCHEDULE_CHANCES = 1000 };
/* chance: uniform in [0, SCHEDULE_CHANCES), so that servers started together diverge. All
 * times in ms of the real clock. */

/* When to renew a certificate: at a third of its life left, or half for a life of ten
 * days or less, and randomly up to a twentieth of its life earlier. */
int64_t schedule_renewal_ms(int64_t not_before_ms, int64_t not_after_ms, uint64_t chance);

/* When to retry after failures (at least 1) in a row: after ten minutes, doubled each
 * time up to a day, a fifth more or less at random; not before asked_ms of the CA. */
int64_t schedule_retry_ms(int64_t now_ms, uint64_t failures, int64_t asked_ms, uint64_t chance);

#endif
