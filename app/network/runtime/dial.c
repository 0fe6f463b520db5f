/* network/runtime/dial.c: see dial.h; parallel attempts, and sockets in the file system. */
#include "network/runtime/dial.h"

#include "foundation/base/clock.h"
#include "network/runtime/socket.h"
#include "network/runtime/stream_private.h"

#include <poll.h>

enum { ATTEMPT_MS = 30000 };

/* One attempt for each address, fd -1 before it begins and after it failed. */
struct race {
	const struct dial_manner *m;
	const struct addr *to;
	size_t count;
	size_t next; /* the next address to try */
	size_t open; /* attempts under way                       */
	int64_t next_ms;
	int fds[DIAL_ADDRS_MAX];
	int64_t deadlines[DIAL_ADDRS_MAX];
};

static int64_t attempt_ms(const struct dial_manner *m)
{
	return m->attempt_ms != 0 ? m->attempt_ms : ATTEMPT_MS;
}

static const struct addr *source(const struct dial_manner *m, enum addr_family family)
{
	const struct addr *from = family == ADDR_V4 ? &m->from4 : &m->from6;

	return from->family != ADDR_NONE ? from : NULL;
}

static enum err attempt_begin(struct race *r, int64_t now, struct why *why)
{
	const struct addr *to = &r->to[r->next];
	int *fd = &r->fds[r->next];
	enum err e = socket_connect_begin(to, source(r->m, to->family), fd, why);

	r->deadlines[r->next++] = now + attempt_ms(r->m);
	/* RFC 8305 5: after a failure the next one starts at once. */
	r->next_ms = e == OK ? now + DIAL_STAGGER_MS : now;
	r->open += e == OK;
	return e;
}

static void attempt_end(struct race *r, size_t i, int64_t now)
{
	socket_close(&r->fds[i]);
	r->open--;
	r->next_ms = now;
}

/* The first attempt that succeeded, or count. */
static size_t attempts_look(struct race *r, const struct pollfd *polled, int64_t now,
                            struct why *why)
{
	for (size_t i = 0, p = 0; i < r->next; i++) {
		if (r->fds[i] < 0)
			continue;
		if (polled[p++].revents != 0) {
			if (socket_connect_end(r->fds[i], why) == OK)
				return i;
			attempt_end(r, i, now);
		} else if (now >= r->deadlines[i]) {
			(void)fail(why, ERR_RETRY, "connecting timed out");
			attempt_end(r, i, now);
		}
	}
	return r->count;
}

/* Wait until an attempt succeeds, times out, or the next one begins. */
static size_t attempts_wait(struct race *r, struct why *why)
{
	struct pollfd polled[DIAL_ADDRS_MAX];
	int64_t until = r->next < r->count ? r->next_ms : INT64_MAX;
	size_t n = 0;

	for (size_t i = 0; i < r->next; i++) {
		if (r->fds[i] < 0)
			continue;
		polled[n++] = (struct pollfd){ .fd = r->fds[i], .events = POLLOUT };
		until = MIN(until, r->deadlines[i]);
	}
	if (r->m->go_on != NULL)
		until = MIN(until, clock_mono_ms() + STREAM_ASK_MS);
	socket_wait_any(polled, n, until);
	return attempts_look(r, polled, clock_mono_ms(), why);
}

/* The index of the address that answered; count: none did. */
static size_t race_run(struct race *r, enum err *e, struct why *why)
{
	size_t won;

	for (;;) {
		int64_t now = clock_mono_ms();

		if (r->m->go_on != NULL && !r->m->go_on(r->m->arg)) {
			*e = fail(why, ERR_RETRY, "stopped");
			return r->count;
		}
		while (r->next < r->count && (r->open == 0 || now >= r->next_ms)) {
			*e = attempt_begin(r, now, why);
			if (*e == OK)
				break;
		}
		if (r->open == 0)
			return r->count;
		*e = ERR_RETRY;
		if ((won = attempts_wait(r, why)) != r->count)
			return won;
	}
}

enum err dial_any(const struct dial_manner *m, const struct addr *to, size_t count,
                  struct stream **out, size_t *which, struct why *why)
{
	struct race r = { .m = m, .to = to, .count = count };
	enum err e = ERR_RETRY;
	size_t won;

	assert(count >= 1 && count <= DIAL_ADDRS_MAX);
	*out = NULL;
	for (size_t i = 0; i < count; i++)
		r.fds[i] = -1;
	won = race_run(&r, &e, why);
	for (size_t i = 0; i < count; i++)
		if (i != won)
			socket_close(&r.fds[i]);
	if (won == count)
		return e;
	*which = won;
	*out = stream_of(r.fds[won], &to[won], m->go_on, m->arg);
	return OK;
}

enum err dial_unix(const struct dial_manner *m, struct str path, struct stream **out,
                   struct why *why)
{
	struct addr nowhere = { 0 };
	int fd = -1;
	enum err e = socket_connect_unix(path, &fd, why);

	*out = NULL;
	if (e == OK)
		*out = stream_of(fd, &nowhere, m->go_on, m->arg);
	return e;
}
