/* network/runtime/socket.h: the system calls on sockets, each with a fault point, never
 * interrupted, without SIGPIPE. All sockets are non-blocking and close-on-exec. */
#ifndef RUNTIME_SOCKET_H
#define RUNTIME_SOCKET_H
#include "foundation/base/err.h"
#include "network/runtime/addr.h"

/* Results of socket_read and socket_write besides a number of bytes. */
enum {
	SOCKET_AGAIN = -1,  /* would block                    */
	SOCKET_BROKEN = -2, /* the connection is broken; see errno */
};

/* Bind and listen. Port 0 takes a free port; bound (may be NULL) gets the address used. ADDR_ANY is
 * one dual-stack socket, or IPv4 alone on a machine without IPv6. */
enum err socket_listen(const struct addr *at, int *fd, struct addr *bound,
                       struct why *why) MUST_USE;

/* Accept the next connection; -1 with errno (EAGAIN: none). */
int socket_accept(int listener, struct addr *peer);
/* The local address; ADDR_NONE when unknown. */
struct addr socket_local(int fd);

/* Begin to connect from a local address (may be NULL). Then wait for POLLOUT and call
 * socket_connect_end. */
enum err socket_connect_begin(const struct addr *to, const struct addr *from, int *fd,
                              struct why *why) MUST_USE;
enum err socket_connect_end(int fd, struct why *why) MUST_USE;

/* Connect to a stream socket in the file system, at once. ERR_RETRY: no process listens there;
 * ERR_LIMIT: the path is too long. */
enum err socket_connect_unix(struct str path, int *fd, struct why *why) MUST_USE;

/* Returns bytes moved, 0 (read only: end of the peer's data), or SOCKET_... n must not be 0. */
ptrdiff_t socket_read(int fd, void *to, size_t n);
ptrdiff_t socket_write(int fd, const void *from, size_t n);

/* Acknowledge received data now instead of later; has no effect on later data. */
void socket_ack(int fd);

/* Wait until fd is ready for events (POLLIN, POLLOUT) or broken; false at the deadline
 * (clock_mono_ms). */
bool socket_wait(int fd, short events, int64_t deadline_ms);

/* The same for any of n sockets, whose revents are set: all 0 at the deadline. */
struct pollfd;
void socket_wait_any(struct pollfd *polled, size_t n, int64_t deadline_ms);

/* Shut down our sending direction. */
void socket_shut(int fd);
/* Break both directions: threads that wait on fd return. Does not close. */
void socket_cut(int fd);
/* Close and set to -1; -1 is a no-op. */
void socket_close(int *fd);

/* Raise the soft limit of descriptors to the hard one; returns the limit. */
size_t socket_limit_raise(void);

#endif
