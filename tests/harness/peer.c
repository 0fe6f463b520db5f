/* tests/harness/peer.c: see peer.h. */
#include "harness/peer.h"

#include "harness/check.h"
#include "network/runtime/addr.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

int peer_connect(const struct addr *to)
{
	struct sockaddr_storage sa;
	socklen_t n = addr_to_socket(to, &sa);
	int one = 1, fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, n), 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static bool ready(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) > 0;
}

void peer_send_bytes(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n != 0) {
		ssize_t put;

		if (!ready(fd, POLLOUT, PATIENCE_MS))
			fail_msg("the server does not read");
		put = send(fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0 && errno == EAGAIN)
			continue;
		if (put <= 0)
			fail_msg("cannot send: %s", strerror(errno));
		at += put;
		n -= (size_t)put;
	}
}

void peer_send(int fd, const char *z)
{
	peer_send_bytes(fd, z, strlen(z));
}

static ssize_t get(int fd, char *to, size_t n)
{
	if (!ready(fd, POLLIN, PATIENCE_MS))
		fail_msg("the server says nothing");
	return recv(fd, to, n, 0);
}

void peer_expect(int fd, const char *z)
{
	for (size_t done = 0, n = strlen(z); done < n;) {
		char chunk[4096];
		ssize_t got = get(fd, chunk, MIN(n - done, sizeof chunk));

		if (got <= 0)
			fail_msg("connection ended, want \"%s\"", z + done);
		if (memcmp(chunk, z + done, (size_t)got) != 0)
			fail_msg("got \"%.*s\", want \"%s\"", (int)got, chunk, z + done);
		done += (size_t)got;
	}
}

void peer_expect_end(int fd, bool reset_too)
{
	char c;
	ssize_t got = get(fd, &c, 1);

	if (got == 0 || (got < 0 && errno == ECONNRESET && reset_too))
		return;
	fail_msg("want the end of the connection, got %zd", got);
}

void peer_expect_quiet(int fd, int ms)
{
	char c;

	if (!ready(fd, POLLIN, ms))
		return;
	fail_msg("want nothing, got %zd bytes", recv(fd, &c, 1, 0));
}

void peer_line(int fd, char *to, size_t size)
{
	size_t n = 0;

	do {
		assert_true(n + 1 < size);
		if (get(fd, to + n, 1) != 1)
			fail_msg("connection ended in a line");
	} while (to[n++] != '\n');
	n -= n >= 2 && to[n - 2] == '\r' ? 2 : 1;
	to[n] = '\0';
}

void peer_close(int fd)
{
	close(fd);
}
