/* model/queue/schedule.c: see schedule.h. */
#include "model/queue/schedule.h"

enum {
	SPREAD_PERMILLE = 100, /* +-10 % */
	DOUBLINGS_MAX = 40,    /* a second doubled so often exceeds any maximum */
};

/* Without the random spread. */
static int64_t wait_ms(const struct schedule *s, uint32_t attempts)
{
	int64_t wait = MAX(s->retry_ms, 1);
	int64_t max = MAX(s->retry_max_ms, wait);

	assert(attempts != 0);
	if (s->wait_count != 0)
		return s->waits_ms[MIN(attempts, s->wait_count) - 1];
	for (uint32_t i = 1; i < MIN(attempts, DOUBLINGS_MAX) && wait < max; i++)
		wait = wait > max / 2 ? max : 2 * wait;
	return wait;
}

struct schedule schedule_of(const struct settings *s)
{
	return (struct schedule){
		.retry_ms = (int64_t)s->queue_retry_s * 1000,
		.retry_max_ms = (int64_t)s->queue_retry_max_s * 1000,
		.expire_ms = (int64_t)s->queue_expire_s * 1000,
		.notice_ms = (int64_t)s->queue_notice_s * 1000,
	};
}

int64_t schedule_wait_ms(const struct schedule *s, uint32_t attempts, uint64_t chance)
{
	int64_t wait = wait_ms(s, attempts);
	int64_t spread = wait / 1000 * SPREAD_PERMILLE;

	return wait - spread + (int64_t)(chance % (uint64_t)(2 * spread + 1));
}

int64_t schedule_wait_max_ms(const struct schedule *s)
{
	int64_t wait = wait_ms(s, DOUBLINGS_MAX);

	for (size_t i = 0; i < s->wait_count; i++)
		wait = MAX(wait, s->waits_ms[i]);
	return wait + wait / 1000 * SPREAD_PERMILLE;
}

int64_t schedule_next_ms(const struct schedule *s, uint32_t attempts, int64_t now_ms,
                         int64_t expires_ms, uint64_t chance)
{
	int64_t next = now_ms + schedule_wait_ms(s, attempts, chance);

	return now_ms < expires_ms ? MIN(next, expires_ms) : next;
}

bool schedule_expired(int64_t now_ms, int64_t expires_ms)
{
	return now_ms >= expires_ms;
}

bool schedule_notice_due(const struct schedule *s, int64_t created_ms, int64_t now_ms)
{
	return s->notice_ms > 0 && now_ms - created_ms >= s->notice_ms;
}
