/* network/runtime/socket.h: the system calls on sockets that runtime/ makes, each with a fault
 * point, never interrupted, never raising SIGPIPE. All sockets are non-blocking and
 * close-on-exec. */
#ifndef RUNTIME_SOCKET_H
#define RUNTIME_SOCKET_H
#include "foundation/base/err.h"
#include "network/runtime/addr.h"

/* Results of socket_read and socket_write beside a number of bytes. */
enum {
	SOCKET_AGAIN = -1,  /* would block                    */
	SOCKET_BROKEN = -2, /* the peer is gone; errno says how */
};

/* Bind and listen. at's port 0 takes a free one; bound (may be NULL) gets what was taken.
 * ADDR_ANY is one dual-stack socket, or IPv4 alone on a machine without IPv6. */
enum err socket_listen(const struct addr *at, int *fd, struct addr *bound,
                       struct why *why) MUST_USE;

/* The next waiting connection, or -1 with errno (EAGAIN: none). */
int socket_accept(int listener, struct addr *peer);
/* The address of our own side; ADDR_NONE when it is not known. */
struct addr socket_local(int fd);

/* Begin to connect from an address of ours (may be NULL). Then wait for POLLOUT and ask
 * socket_connect_end. */
enum err socket_connect_begin(const struct addr *to, const struct addr *from, int *fd,
                              struct why *why) MUST_USE;
enum err socket_connect_end(int fd, struct why *why) MUST_USE;

/* Connect to a stream socket in the file system, at once. ERR_RETRY: nobody listens there;
 * ERR_LIMIT: the path is too long. */
enum err socket_connect_unix(struct str path, int *fd, struct why *why) MUST_USE;

/* Bytes moved, or 0 (read only: the peer sends no more), or SOCKET_... n must not be 0. */
ptrdiff_t socket_read(int fd, void *to, size_t n);
ptrdiff_t socket_write(int fd, const void *from, size_t n);

/* Acknowledge what has come at once instead of a while later; for this moment only. */
void socket_ack(int fd);

/* Wait until fd is ready for events (POLLIN, POLLOUT) or broken; false at the deadline
 * (clock_mono_ms). */
bool socket_wait(int fd, short events, int64_t deadline_ms);

/* The same for any of n sockets, whose revents are set: all 0 at the deadline. */
struct pollfd;
void socket_wait_any(struct pollfd *polled, size_t n, int64_t deadline_ms);

/* We send no more. */
void socket_shut(int fd);
/* Break both directions: whoever waits on fd returns. Does not close. */
void socket_cut(int fd);
/* Close and set to -1; -1 is a no-op. */
void socket_close(int *fd);

/* Raise the soft limit of descriptors to the hard one; returns what is allowed now. */
size_t socket_limit_raise(void);

#endif
