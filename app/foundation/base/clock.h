/* foundation/base/clock.h: the only source of time, so that tests can turn it. Thread-safe. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H
#include "foundation/base/util.h"

/* Milliseconds since 1970 (UTC): for what is stored, printed or compared with a peer's
 * clock. May jump. */
int64_t clock_real_ms(void);
/* Milliseconds that only move forward: for deadlines and intervals. */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);

/* Block the calling thread. */
void clock_sleep_ms(int64_t ms);

/* Tests only: add ms to the real / monotonic clock from now on. */
void clock_shift_real(int64_t ms);
void clock_shift_mono(int64_t ms);

#endif
