/* network/runtime/socket.c: see socket.h. */
#include "network/runtime/socket.h"

#include "foundation/base/clock.h"
#include "foundation/base/fault.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int socket_new(enum addr_family family)
{
	if (fault("socket_new"))
		return -1;
	return socket(family == ADDR_V4 ? AF_INET : AF_INET6,
	              SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
}

static void set_option(int fd, int level, int name, int value)
{
	/* Options are optimisations; a socket without one still works. */
	(void)setsockopt(fd, level, name, &value, sizeof value);
}

static bool socket_bind(int fd, const struct addr *at)
{
	struct sockaddr_storage sa;
	socklen_t n = addr_to_socket(at, &sa);

	return !fault("socket_bind") && bind(fd, (struct sockaddr *)&sa, n) == 0;
}

/* The kernel reduces it to its maximum; musl's SOMAXCONN is 128, and each connection beyond that
 * waits a second or more before it is tried again. */
enum { BACKLOG = 4096 };

static int listen_at(const struct addr *at)
{
	int fd = socket_new(at->family);

	if (fd < 0)
		return -1;
	/* A restart must not wait for the old server's connections to time out. With port 0 the
	 * kernel might otherwise choose a port that another socket is about to use. */
	if (at->port != 0)
		set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (at->family != ADDR_V4)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, at->family == ADDR_V6);
	if (socket_bind(fd, at) && !fault("socket_listen") && listen(fd, BACKLOG) == 0)
		return fd;

	int number = errno;

	socket_close(&fd);
	errno = number;
	return -1;
}

enum err socket_listen(const struct addr *at, int *fd, struct addr *bound, struct why *why)
{
	char text[ADDR_TEXT_MAX];

	*fd = listen_at(at);
	if (*fd < 0 && at->family == ADDR_ANY &&
	    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
		struct addr v4 = { .family = ADDR_V4, .port = at->port };

		*fd = listen_at(&v4);
	}
	if (*fd < 0 && errno == EACCES)
		return fail(why, ERR_DENIED,
		            "cannot listen on %.*s: ports this low take root, CAP_NET_BIND_SERVICE "
		            "or the sysctl net.ipv4.ip_unprivileged_port_start=0",
		            STR_ARG(addr_text(at, text)));
	if (*fd < 0)
		return fail_errno(why, "cannot listen on %.*s", STR_ARG(addr_text(at, text)));
	if (bound != NULL) {
		*bound = *at;
		bound->port = socket_local(*fd).port;
	}
	return OK;
}

int socket_accept(int listener, struct addr *peer)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t n = sizeof sa;
	int fd;

	if (fault("socket_accept"))
		return -1;
	do {
		fd = accept4(listener, (struct sockaddr *)&sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		return -1;
	addr_from_socket((struct sockaddr *)&sa, peer);
	/* Replies are written in one piece, so delaying segments only costs time. */
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	return fd;
}

struct addr socket_local(int fd)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t n = sizeof sa;
	struct addr a = { 0 };

	if (getsockname(fd, (struct sockaddr *)&sa, &n) == 0)
		addr_from_socket((struct sockaddr *)&sa, &a);
	return a;
}

enum err socket_connect_begin(const struct addr *to, const struct addr *from, int *fd,
                              struct why *why)
{
	struct sockaddr_storage sa;
	socklen_t n = addr_to_socket(to, &sa);
	enum err e;

	*fd = socket_new(to->family);
	if (*fd < 0)
		return fail_errno(why, "cannot make a socket");
	set_option(*fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(*fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	if (from != NULL && !socket_bind(*fd, from)) {
		e = fail_errno(why, "cannot use the source address");
		socket_close(fd);
		return e;
	}
	if (!fault("socket_connect") && (connect(*fd, (struct sockaddr *)&sa, n) == 0 ||
	                                 errno == EINPROGRESS || errno == EINTR))
		return OK;
	e = fail(why, ERR_RETRY, "%s", strerror(errno));
	socket_close(fd);
	return e;
}

enum err socket_connect_end(int fd, struct why *why)
{
	int number = 0;
	socklen_t n = sizeof number;

	if (fault("socket_connect_end"))
		number = errno;
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &n) != 0)
		number = errno;
	return number == 0 ? OK : fail(why, ERR_RETRY, "%s", strerror(number));
}

enum err socket_connect_unix(struct str path, int *fd, struct why *why)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	enum err e;

	if (path.n >= sizeof sa.sun_path)
		return fail(why, ERR_LIMIT, "the path of a socket has at most %zu bytes",
		            sizeof sa.sun_path - 1);
	memcpy(sa.sun_path, path.p, path.n);
	*fd = fault("socket_new") ? -1
	                          : socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return fail_errno(why, "cannot make a socket");
	if (!fault("socket_connect") && connect(*fd, (struct sockaddr *)&sa, sizeof sa) == 0)
		return OK;
	e = fail(why, ERR_RETRY, "%s", strerror(errno));
	socket_close(fd);
	return e;
}

static ptrdiff_t result(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK ? SOCKET_AGAIN : SOCKET_BROKEN;
}

ptrdiff_t socket_read(int fd, void *to, size_t n)
{
	ssize_t got;

	assert(n != 0);
	if (fault("socket_read"))
		return SOCKET_BROKEN;
	do {
		got = recv(fd, to, n, 0);
	} while (got < 0 && errno == EINTR);
	return result(got);
}

ptrdiff_t socket_write(int fd, const void *from, size_t n)
{
	ssize_t put;

	assert(n != 0);
	if (fault("socket_write"))
		return SOCKET_BROKEN;
	do {
		put = send(fd, from, n, MSG_NOSIGNAL);
	} while (put < 0 && errno == EINTR);
	return result(put);
}

void socket_ack(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

void socket_wait_any(struct pollfd *polled, size_t n, int64_t deadline_ms)
{
	for (size_t i = 0; i < n; i++)
		polled[i].revents = 0;
	if (fault("socket_wait"))
		return;
	for (;;) {
		int64_t left = deadline_ms - clock_mono_ms();
		int got = poll(polled, (nfds_t)n, (int)MIN(MAX(left, 0), INT_MAX));

		if (got > 0 || (got == 0 && left <= 0) || (got < 0 && errno != EINTR))
			return;
	}
}

bool socket_wait(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	socket_wait_any(&p, 1, deadline_ms);
	return p.revents != 0;
}

void socket_shut(int fd)
{
	(void)shutdown(fd, SHUT_WR);
}

void socket_cut(int fd)
{
	(void)shutdown(fd, SHUT_RDWR);
}

void socket_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

size_t socket_limit_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1024;
	if (limit.rlim_cur < limit.rlim_max) {
		struct rlimit more = { limit.rlim_max, limit.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			limit = more;
	}
	return limit.rlim_cur == RLIM_INFINITY ? SIZE_MAX : (size_t)limit.rlim_cur;
}
