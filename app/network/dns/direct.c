/* Each query has its own socket, of which at most SIDE_BY_SIDE are open; one poll waits for all of
 * them. A datagram is sent again after a time, TRIES times; answers that do not fit are queried by
 * TCP, whose steps are in the same loop.
 * TCP, whose steps are in the same loop. */
#include "network/dns/direct.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "network/runtime/socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum {
	SIDE_BY_SIDE = 64,
	TRIES = 3,
	TRY_MS = 1500,
	TCP_MS = 5000,
	WAIT_MS = 200, /* at most, so that stop is noticed */
	QUESTION_MAX = 512,
	ANSWER_MAX = 65537,
};

struct flight {
	struct dns_direct *q; /* NULL: this slot is free */
	int fd;
	uint16_t id;
	unsigned tries;
	int64_t next_ms; /* deadline of this try */
	bool tcp, sent;
	struct buf answer; /* by TCP, with its length before it */
};

static void direct_end(struct flight *f)
{
	socket_close(&f->fd);
	buf_deinit(&f->answer);
	f->q = NULL;
}

static void fail_with(struct flight *f, const char *why)
{
	f->q->status = DNS_RETRY;
	f->q->why = why;
	direct_end(f);
}

static bool question_send(struct flight *f)
{
	struct buf b;
	char length[2];
	bool ok;

	buf_init(&b, QUESTION_MAX);
	if (f->tcp)
		buf_bytes(&b, "\0", 2); /* RFC 1035 4.2.2 */
	ok = dns_direct_put(&b, f->q, f->id) && buf_ok(&b);
	if (ok && f->tcp) {
		length[0] = (char)((b.n - 2) >> 8);
		length[1] = (char)(b.n - 2);
		b.p[0] = length[0];
		b.p[1] = length[1];
	}
	ok = ok && send(f->fd, b.p, b.n, MSG_NOSIGNAL) == (ssize_t)b.n;
	buf_deinit(&b);
	return ok;
}

static bool udp_open(struct flight *f)
{
	struct sockaddr_storage to;
	socklen_t n = addr_to_socket(&f->q->server, &to);

	f->fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* connected: so datagrams of other senders are dropped */
	return f->fd >= 0 && connect(f->fd, (struct sockaddr *)&to, n) == 0;
}

static void direct_begin(struct flight *f, struct dns_direct *q)
{
	*f = (struct flight){ .q = q, .fd = -1, .tries = 1, .id = (uint16_t)random_u64() };
	buf_init(&f->answer, ANSWER_MAX);
	f->next_ms = clock_mono_ms() + TRY_MS;
	if (!udp_open(f))
		fail_with(f, "cannot be reached from here");
	else if (!question_send(f))
		fail_with(f, "cannot be asked this");
}

static void begin_tcp(struct flight *f)
{
	socket_close(&f->fd);
	f->tcp = true;
	f->sent = false;
	f->next_ms = clock_mono_ms() + TCP_MS;
	if (socket_connect_begin(&f->q->server, NULL, &f->fd, NULL) != OK)
		fail_with(f, "has a long answer, and none over TCP");
}

static void late(struct flight *f)
{
	if (f->tcp || f->tries == TRIES) {
		fail_with(f, f->tcp ? "has a long answer, and none over TCP" : "does not answer");
		return;
	}
	f->tries++;
	f->next_ms = clock_mono_ms() + TRY_MS;
	if (!question_send(f))
		fail_with(f, "does not answer");
}

static void direct_take(struct flight *f, struct str bytes, struct arena *a)
{
	bool truncated;

	if (!dns_direct_take(bytes, f->id, f->q, a, &truncated))
		return; /* from another sender */
	if (!truncated)
		direct_end(f);
	else if (f->tcp)
		fail_with(f, "answers with something malformed");
	else
		begin_tcp(f);
}

static void udp_step(struct flight *f, struct arena *a)
{
	char bytes[4096];
	ssize_t n = recv(f->fd, bytes, sizeof bytes, 0);

	if (n >= 0)
		direct_take(f, str_from(bytes, (size_t)n), a);
	else if (errno == ECONNREFUSED) /* ICMP: no server on this port */
		fail_with(f, "does not answer");
}

static void tcp_step(struct flight *f, struct arena *a)
{
	struct cur c;
	uint64_t size;
	ptrdiff_t n;
	char *room;

	if (!f->sent) {
		f->sent = true;
		if (socket_connect_end(f->fd, NULL) != OK || !question_send(f))
			fail_with(f, "has a long answer, and none over TCP");
		return;
	}
	room = buf_room(&f->answer, 4096);
	n = room != NULL ? socket_read(f->fd, room, 4096) : 0;
	if (n == SOCKET_AGAIN)
		return;
	if (n <= 0) {
		fail_with(f, "has a long answer, and none over TCP");
		return;
	}
	buf_commit(&f->answer, (size_t)n);
	c = cur_of(buf_str(&f->answer));
	if (cur_be(&c, 2, &size) && cur_left(&c) >= size) {
		struct str bytes = str_sub(cur_rest(&c), 0, size);

		f->next_ms = 0; /* no further answer can arrive */
		direct_take(f, bytes, a);
	}
}

/* Returns the number of queries under way. */
static size_t direct_fill(struct flight *all, struct dns_direct *asked, size_t n, size_t *next)
{
	size_t busy = 0;

	for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
		while (all[i].q == NULL && *next < n)
			direct_begin(&all[i], &asked[(*next)++]);
		busy += all[i].q != NULL;
	}
	return busy;
}

static void wait_for(struct flight *all, int64_t deadline_ms, struct arena *a)
{
	struct pollfd polled[SIDE_BY_SIDE];
	int64_t until_ms = MIN(deadline_ms, clock_mono_ms() + WAIT_MS);

	for (size_t i = 0; i < SIDE_BY_SIDE; i++)
		polled[i] =
			(struct pollfd){ .fd = all[i].q != NULL ? all[i].fd : -1,
			                 .events = all[i].tcp && !all[i].sent ? POLLOUT : POLLIN };
	socket_wait_any(polled, SIDE_BY_SIDE, until_ms);
	for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
		if (all[i].q != NULL && polled[i].revents != 0)
			(all[i].tcp ? tcp_step : udp_step)(&all[i], a);
		if (all[i].q != NULL && all[i].next_ms <= clock_mono_ms())
			late(&all[i]);
	}
}

void dns_direct_ask(struct dns_direct *asked, size_t n, int64_t deadline_ms,
                    const atomic_bool *stop, struct arena *a)
{
	struct flight *all = arena_array(a, struct flight, SIDE_BY_SIDE);
	size_t next = 0;

	for (size_t i = 0; i < n; i++) {
		asked[i].status = DNS_RETRY;
		asked[i].why = "was not asked: there was no time left";
	}
	while (direct_fill(all, asked, n, &next) != 0 && clock_mono_ms() < deadline_ms &&
	       (stop == NULL || !atomic_load(stop)))
		wait_for(all, deadline_ms, a);
	for (size_t i = 0; i < SIDE_BY_SIDE; i++)
		if (all[i].q != NULL)
			fail_with(&all[i], "does not answer");
}
