/* foundation/observe/event.h: the structured log.
 *
 * One event per line on standard error:
 *
 *     2026-01-31T12:00:00.123Z info smtp_rcpt_refused id=k3v7q peer=192.0.2.1 code=550
 *
 * Every event is a row of events.def (name, level, field names, the operator's action). Values are
 * escaped, so a peer cannot forge a line. Events contain no secrets and no message contents.
 * Thread-safe; a line is written with one write(2). From level info on, the latest events are also
 * in memory (recent.h).
 *
 *     event(smtp_rcpt_refused, conn_id(c), ev_str(rcpt), ev_int(550), ev_z(why.text));
 */
#ifndef OBSERVE_EVENT_H
#define OBSERVE_EVENT_H
#include "foundation/base/str.h"

enum event_level { EVENT_DEBUG, EVENT_INFO, EVENT_WARN, EVENT_ERROR };

enum event_name {
#define EVENT(name, level, fields, action) EVENT_NAME_##name,
#include "foundation/observe/events.def"
#undef EVENT
	EVENT_NAMES
};

struct event_value {
	bool is_number;
	int64_t number;
	struct str text;
};

static inline struct event_value ev_str(struct str s)
{
	return (struct event_value){ .text = s };
}
static inline struct event_value ev_z(const char *z)
{
	return (struct event_value){ .text = str_of(z) };
}
static inline struct event_value ev_int(int64_t n)
{
	return (struct event_value){ .is_number = true, .number = n };
}

/* id is the session's (empty for none); then exactly as many values as the row has field
 * names (asserted). A debug event that is not logged costs one comparison. */
#define event(name, id, ...)                                                             \
	event_emit(EVENT_NAME_##name, (id), (const struct event_value[]){ __VA_ARGS__ }, \
	           sizeof((const struct event_value[]){ __VA_ARGS__ }) /                 \
	                   sizeof(struct event_value))

void event_emit(enum event_name name, struct str id, const struct event_value *values, size_t n);

/* Lines below this level are dropped; EVENT_INFO at first. */
void event_level_set(enum event_level level);
bool event_level_parse(struct str name, enum event_level *out);
const char *event_level_name(enum event_level level);

/* Where lines go; standard error at first. fd is borrowed; -1 drops everything. */
void event_fd_set(int fd);

#endif
