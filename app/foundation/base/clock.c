/* foundation/base/clock.c: see clock.h. */
#include "foundation/base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t real_shift_ms;
static _Atomic int64_t mono_shift_ms;

static int64_t read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_real_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000 + atomic_load(&real_shift_ms);
}

int64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC) + atomic_load(&mono_shift_ms) * 1000;
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

void clock_sleep_ms(int64_t ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		continue;
}

void clock_shift_real(int64_t ms)
{
	atomic_fetch_add(&real_shift_ms, ms);
}

void clock_shift_mono(int64_t ms)
{
	atomic_fetch_add(&mono_shift_ms, ms);
}
