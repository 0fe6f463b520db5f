/* protocols/jmap/push/event_source.c: Server-Sent Events (RFC 8620 7.3). */
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/http_server/stream.h"
#include "protocols/jmap/push/push.h"

#include <string.h>

enum { PING_LEAST_S = 30, PING_MOST_S = 3600, EVENT_MAX = 256 << 10 };

struct event_source {
	struct push_changes changes;
	bool begun;
	bool close_after; /* a state */
	int64_t ping_s;   /* 0: no pings; a comment keeps the connection */
	int64_t alive_ms, pushed_ms, checked_ms;
	struct str last; /* Last-Event-ID; owned */
};

static void event_source_drop(void *session)
{
	struct event_source *e = session;

	push_stream_end(&e->changes);
	push_changes_deinit(&e->changes);
	str_free(&e->last);
	mem_free(e);
}

static void event_source_close(struct conn *c)
{
	event_source_drop(conn_session(c));
}

/* Append the event of changed states. False: the connection ends. */
static bool event_put(struct conn *c, struct event_source *e, bool first)
{
	struct arena a = { 0 };
	struct str state = STR_EMPTY;
	bool changed = false, goes_on = true;
	struct buf text;

	buf_init(&text, EVENT_MAX);
	if (push_changes_put(&e->changes, false, &a, &text, &changed, &state) != OK ||
	    !buf_ok(&text))
		goes_on = false;
	else if (changed && !(first && str_eq(state, e->last))) {
		http_event_put(conn_out(c), "state", state, buf_str(&text));
		e->pushed_ms = e->alive_ms = clock_mono_ms();
		goes_on = !e->close_after;
	}
	buf_deinit(&text);
	arena_deinit(&a);
	return goes_on;
}

/* A client that had an event before gets all states when anything has changed since then. */
static bool event_source_begin(struct conn *c, struct event_source *e)
{
	e->begun = true;
	e->alive_ms = e->checked_ms = clock_mono_ms();
	if (push_changes_begin(&e->changes, conn_waker(c)) != OK)
		return false;
	http_event_comment(conn_out(c));
	if (e->last.n == 0)
		return true;
	push_changes_forget(&e->changes);
	return event_put(c, e, true);
}

static void alive_put(struct conn *c, struct event_source *e, int64_t now_ms)
{
	char text[64];
	struct buf b;

	e->alive_ms = now_ms;
	if (e->ping_s == 0) {
		http_event_comment(conn_out(c));
		return;
	}
	buf_init_in(&b, text, sizeof text);
	buf_fmt(&b, "{\"interval\":%" PRIi64 "}", e->ping_s);
	http_event_put(conn_out(c), "ping", STR_EMPTY, buf_str(&b));
}

static enum step event_source_run(struct conn *c, unsigned events)
{
	struct event_source *e = conn_session(c);
	int64_t now_ms = clock_mono_ms(), silence_ms;
	struct str in = conn_input(c);

	conn_consume(c, in.n); /* no request follows */
	if (conn_stopping(c) || conn_broken(c) || (events & CONN_EOF))
		return STEP_CLOSE;
	if (!e->begun && !event_source_begin(c, e))
		return STEP_CLOSE;
	if ((events & CONN_WAKE) || now_ms - e->checked_ms >= PUSH_CHECK_MS) {
		e->checked_ms = now_ms;
		if (!push_valid(&e->changes))
			return STEP_CLOSE;
	}
	if ((events & (CONN_WAKE | CONN_TIMEOUT)) && now_ms - e->pushed_ms < PUSH_PAUSE_MS) {
		conn_deadline(c, PUSH_PAUSE_MS);
		return STEP_PARK;
	}
	if ((events & (CONN_WAKE | CONN_TIMEOUT)) && !event_put(c, e, false))
		return STEP_CLOSE;
	silence_ms = (e->ping_s != 0 ? e->ping_s : LIMIT_stream_ping_s) * 1000;
	if (now_ms - e->alive_ms >= silence_ms)
		alive_put(c, e, now_ms);
	conn_deadline(c, MIN(MAX(e->alive_ms + silence_ms - now_ms, 1), PUSH_CHECK_MS));
	return STEP_PARK;
}

static const struct proto event_source_proto = { .name = "events",
	                                         .run = event_source_run,
	                                         .close = event_source_close };

/* RFC 8620 7.3: the server may change the interval. */
static int64_t ping_read(struct str text)
{
	struct cur c = cur_of(text);
	uint32_t s;

	if (!cur_u32(&c, &s) || !cur_done(&c) || s == 0)
		return 0;
	return MIN(MAX(s, (uint32_t)PING_LEAST_S), (uint32_t)PING_MOST_S);
}

static void types_read(struct push_changes *p, struct str list)
{
	struct cur c = cur_of(list);
	struct str name;

	if (list.n == 0 || str_eq(list, STR("*")))
		push_types_all(p);
	else
		while (cur_listed(&c, &name))
			push_types_add(p, name);
}

void jmap_events_serve(const struct jmap_server *s, const struct jmap_caller *c,
                       const struct http_request *q, struct http_response *r)
{
	struct event_source *e;

	if (!push_stream_begin(s, c, r))
		return;
	e = NEW(struct event_source);
	push_changes_init(&e->changes, s, c);
	types_read(&e->changes, http_argument(q, "types"));
	e->close_after = str_eq(http_argument(q, "closeafter"), STR("state"));
	e->ping_s = ping_read(http_argument(q, "ping"));
	e->last = str_new(http_header(q, "Last-Event-ID"));
	r->type = "text/event-stream";
	if (!http_stream_begin(q, r, &event_source_proto, e, event_source_drop))
		event_source_drop(e);
}
