/* foundation/observe/recent.h: the latest events in memory, for the console.
 *
 * A ring in addition to the log: it has the last RECENT_EVENTS events from level info on, with
 * their fields, in at most RECENT_BYTES. Lost when the process ends. Numbers begin at 1 and have no
 * gaps. Without waiting readers, recent_put wakes no thread. Thread-safe. */
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

/* The events to select; an empty text selects all. Case is ignored. */
struct recent_filter {
	enum event_level level; /* this level and above */
	struct str session;     /* events of this session */
	struct str address;     /* any field contains this mail or network address */
	struct str account;     /* the field "account" or "login" is this                 */
};
bool recent_matches(const struct recent_filter *f, const struct recent_event *e);

/* Store an event; its fields have the names of its row in events.def. */
void recent_put(const struct recent_event *e);

/* Call fn for the matching events after that number, oldest first, until it returns false. fn gets
 * a borrowed event and must be quick: a lock is held. Returns the number to continue with: of the
 * last event visited, or after when there is none. A number that was never assigned (by an earlier
 * process) counts as 0. */
uint64_t recent_each(uint64_t after, const struct recent_filter *f,
                     bool (*fn)(const struct recent_event *e, void *arg), void *arg);

/* Wait until there is an event after that number, matching or not. False when deadline_ms
 * (clock_mono_ms) passes, recent_stop was called, or RECENT_WAITERS_MAX threads wait already. */
enum { RECENT_WAITERS_MAX = 16 };
bool recent_wait(uint64_t after, int64_t deadline_ms);
/* Wake all waiting threads. true: recent_wait returns at once from now on; false: it waits
 * again. */
void recent_stop(bool stop);

#endif
