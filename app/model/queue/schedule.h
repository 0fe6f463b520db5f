/* model/queue/schedule.h: times of retries and of expiry. Pure: times are arguments and
 * results, in milliseconds; those of the clock since 1970. */
#ifndef QUEUE_SCHEDULE_H
#define QUEUE_SCHEDULE_H
#include "foundation/config/settings.h"

enum { SCHEDULE_WAITS_MAX = 16 };

struct schedule {
	int64_t retry_ms;     /* wait after the first attempt; doubles with each */
	int64_t retry_max_ms; /* until it has this length                        */
	int64_t expire_ms;    /* age at which a message is given up              */
	int64_t waits_ms[SCHEDULE_WAITS_MAX]; /* of a named queue: the wait after each attempt, */
	size_t wait_count;    /* the last for all further ones; 0: the two above */
	int64_t notice_ms;    /* age at which a delay notice is sent; 0: never   */
};

/* Every default is that of RFC 5321 4.5.4.1: retry soon, then a few times a day, for 4 to
 * 5 days. */
#define SCHEDULE_DEFAULT                              \
	((struct schedule){ .retry_ms = 300000,       \
	                    .retry_max_ms = 14400000, \
	                    .expire_ms = 432000000,   \
	                    .notice_ms = 14400000 })

/* The schedule in the settings. */
struct schedule schedule_of(const struct settings *s);

/* The wait after so many attempts (1 or more), +-10 % at random by chance, any 64 bits:
 * so that messages that failed together are not always retried together. */
int64_t schedule_wait_ms(const struct schedule *s, uint32_t attempts, uint64_t chance);

/* The longest wait schedule_wait_ms can give. */
int64_t schedule_wait_max_ms(const struct schedule *s);

/* The next attempt: after that wait, but also at the moment of expiry, so that the last
 * attempt is not hours before it. */
int64_t schedule_next_ms(const struct schedule *s, uint32_t attempts, int64_t now_ms,
                         int64_t expires_ms, uint64_t chance);

/* A failed attempt at now_ms was the last. */
bool schedule_expired(int64_t now_ms, int64_t expires_ms);

/* Is a delay notice due? */
bool schedule_notice_due(const struct schedule *s, int64_t created_ms, int64_t now_ms);

#endif
