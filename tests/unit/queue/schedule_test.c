/* Times of attempts. */
#include "harness/check.h"

#include "model/queue/schedule.h"

enum { MIN_MS = 60000, HOUR_MS = 3600000 };

static const struct schedule usual = {
	.retry_ms = 5 * MIN_MS,
	.retry_max_ms = 4 * HOUR_MS,
	.expire_ms = 120 * (int64_t)HOUR_MS,
	.notice_ms = 4 * HOUR_MS,
};

static void waits(void **state)
{
	static const struct {
		struct schedule s;
		uint32_t attempts;
		int64_t wait; /* in the middle of the spread */
	} rows[] = {
		{ { .retry_ms = 1000, .retry_max_ms = 60000 }, 1, 1000 },
		{ { .retry_ms = 1000, .retry_max_ms = 60000 }, 2, 2000 },
		{ { .retry_ms = 1000, .retry_max_ms = 60000 }, 6, 32000 },
		{ { .retry_ms = 1000, .retry_max_ms = 60000 }, 7, 60000 },
		{ { .retry_ms = 1000, .retry_max_ms = 60000 }, UINT32_MAX, 60000 },
		{ { .retry_ms = 9000, .retry_max_ms = 1000 }, 3, 9000 }, /* settings that clash */
		{ { .retry_ms = 0, .retry_max_ms = 0 }, 3, 1 },
		{ { .retry_ms = INT64_MAX / 4, .retry_max_ms = INT64_MAX / 4 }, 9, INT64_MAX / 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t spread = rows[i].wait / 1000 * 100;

		check_at(i, schedule_wait_ms(&rows[i].s, rows[i].attempts, 0) ==
		                    rows[i].wait - spread);
		check_at(i, schedule_wait_ms(&rows[i].s, rows[i].attempts,
		                             (uint64_t)(2 * spread)) == rows[i].wait + spread);
		check_at(i, schedule_wait_ms(&rows[i].s, rows[i].attempts, UINT64_MAX) >=
		                    rows[i].wait - spread);
		check_at(i, schedule_wait_ms(&rows[i].s, rows[i].attempts, UINT64_MAX) <=
		                    schedule_wait_max_ms(&rows[i].s));
	}
}

/* A message that is never taken: when it is tried, from first to last. */
static void a_whole_life(void **state)
{
	int64_t now = 1000, expires = now + usual.expire_ms;
	uint32_t attempts = 0;

	(void)state;
	while (!schedule_expired(now, expires)) {
		int64_t next;

		attempts++;
		next = schedule_next_ms(&usual, attempts, now, expires, attempts * 77777);
		check_at(attempts, next > now && next <= expires);
		check_at(attempts, next - now <= schedule_wait_max_ms(&usual));
		now = next;
	}
	assert_true(now == expires); /* the last try is at the very end */
	assert_in_range(attempts, 30, 45);
	assert_true(schedule_next_ms(&usual, 3, expires + 5, expires, 0) > expires + 5);
}

static void notice(void **state)
{
	struct schedule never = usual;

	(void)state;
	never.notice_ms = 0;
	assert_false(schedule_notice_due(&usual, 1000, 999 + usual.notice_ms));
	assert_true(schedule_notice_due(&usual, 1000, 1000 + usual.notice_ms));
	assert_false(schedule_notice_due(&never, 1000, INT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits),
		cmocka_unit_test(a_whole_life),
		cmocka_unit_test(notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
