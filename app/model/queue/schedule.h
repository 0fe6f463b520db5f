/* model/queue/schedule.h: when to try again, when to give up. Pure: times come in, times go out,
 * all in milliseconds; those of day since 1970. */
#ifndef QUEUE_SCHEDULE_H
#define QUEUE_SCHEDULE_H
#include "foundation/config/settings.h"

enum { SCHEDULE_WAITS_MAX = 16 };

struct schedule {
	int64_t retry_ms;     /* wait after the first attempt; doubles with each         */
	int64_t retry_max_ms; /* until it has this length                                */
	int64_t expire_ms;    /* age at which a message is given up                      */
	int64_t waits_ms[SCHEDULE_WAITS_MAX]; /* of a named queue: the wait after each attempt, */
	size_t wait_count;    /* the last for all that follow; 0: the two above          */
	int64_t notice_ms;    /* age at which the sender is told of the delay; 0: never  */
};

/* Every default is RFC 5321 4.5.4.1's: try again soon, then a few times a day, for 4 to 5
 * days. */
#define SCHEDULE_DEFAULT                              \
	((struct schedule){ .retry_ms = 300000,       \
	                    .retry_max_ms = 14400000, \
	                    .expire_ms = 432000000,   \
	                    .notice_ms = 14400000 })

/* What the settings say. */
struct schedule schedule_of(const struct settings *s);

/* The wait after so many attempts (1 or more), spread over +-10 % by chance, any 64 bits:
 * so that what failed together is not tried together for ever. */
int64_t schedule_wait_ms(const struct schedule *s, uint32_t attempts, uint64_t chance);

/* The longest wait schedule_wait_ms can give. */
int64_t schedule_wait_max_ms(const struct schedule *s);

/* When to try next: after that wait, but once more at the moment of expiry, so that the
 * last try is not hours before it. */
int64_t schedule_next_ms(const struct schedule *s, uint32_t attempts, int64_t now_ms,
                         int64_t expires_ms, uint64_t chance);

/* A failed attempt at now_ms was the last. */
bool schedule_expired(int64_t now_ms, int64_t expires_ms);

/* Old enough to tell the sender. */
bool schedule_notice_due(const struct schedule *s, int64_t created_ms, int64_t now_ms);

#endif
