/* operations/acme/schedule.c: see acme_private.h. */
#include "operations/acme/acme_private.h"

static const int64_t minute_ms = 60000, day_ms = INT64_C(86400000);

int64_t schedule_renewal_ms(int64_t not_before_ms, int64_t not_after_ms, uint64_t chance)
{
	int64_t life_ms = MAX(not_after_ms - not_before_ms, 0);
	int64_t left_ms = life_ms <= 10 * day_ms ? life_ms / 2 : life_ms / 3;

	return not_after_ms - left_ms - life_ms / 20 * (int64_t)chance / 1000;
}

int64_t schedule_retry_ms(int64_t now_ms, uint64_t failures, int64_t asked_ms, uint64_t chance)
{
	uint64_t doublings = MIN(failures - 1, UINT64_C(8));
	int64_t wait_ms = MIN(10 * minute_ms << doublings, day_ms);

	wait_ms += wait_ms / 5 * ((int64_t)chance - 500) / 500;
	return now_ms + MAX(wait_ms, asked_ms);
}
