/* foundation/observe/recent.h: the latest events in memory, for people who look at what goes on.
 *
 * A ring beside the log: each event from level info on, with its fields as values, until
 * RECENT_EVENTS newer ones or RECENT_BYTES of them have come. Lost when the process ends.
 * Numbers begin at 1 and leave none out. Nobody is woken while nobody waits. Thread-safe. */
#ifndef OBSERVE_RECENT_H
#define OBSERVE_RECENT_H
#include "foundation/observe/event.h"

enum { RECENT_EVENTS = 2000, RECENT_BYTES = 1 << 20, RECENT_FIELDS_MAX = 8 };

struct recent_field {
	struct str name;
	struct event_value value;
};

struct recent_event {
	uint64_t seq;
	int64_t time_ms;
	enum event_level level;
	const char *name; /* static */
	struct str id;    /* of the session, or empty */
	struct recent_field fields[RECENT_FIELDS_MAX];
	size_t field_count;
};

/* What to show; an empty text is for everything. Letters' case does not count. */
struct recent_filter {
	enum event_level level; /* and what is more important                             */
	struct str session;     /* this session's                                         */
	struct str address;     /* any field has this in it: mail or network address      */
	struct str account;     /* the field "account" or "login" is this                 */
};
bool recent_matches(const struct recent_filter *f, const struct recent_event *e);

/* Remember an event; fields are the names in its row of events.def. */
void recent_put(const struct recent_event *e);

/* Call fn for the events after that number which match, oldest first, until it says false;
 * what it is shown is borrowed, and it must be quick: a lock is held. Returns the number to go
 * on with: of the last event looked at, or after when there is none. An after that was never
 * given out (the process is another one) counts as 0. */
uint64_t recent_each(uint64_t after, const struct recent_filter *f,
                     bool (*fn)(const struct recent_event *e, void *arg), void *arg);

/* Wait until there is an event after that number, which may not match; false when
 * deadline_ms (clock_mono_ms) passes, recent_stop was called, or RECENT_WAITERS_MAX wait
 * already. */
enum { RECENT_WAITERS_MAX = 16 };
bool recent_wait(uint64_t after, int64_t deadline_ms);
/* Who waits goes on now, and nobody waits any more (true) or may again (false). */
void recent_stop(bool stop);

#endif
