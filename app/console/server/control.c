/* console/server/control.c: see control.h. */
#include "console/server/control.h"

#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAIL_BYTES = 5, SEND_WAIT_US = 50000, ANSWER_WAIT_S = 2 };

enum { YES = 'y', NO = 'n' };

struct control {
	int fd;
	atomic_bool ending;
	pthread_t thread;
	struct sockaddr_un address;
	control_fn *fn;
	void *arg;
};

static bool address_make(struct str folder, struct sockaddr_un *out)
{
	int n;

	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(out->sun_path, sizeof out->sun_path, "%.*s/control.sock", STR_ARG(folder));
	return n > 0 && (size_t)n < sizeof out->sun_path;
}

/* --- the command --------------------------------------------------------------------------- */

/* Room for exactly one descriptor: the kernel closes any others. */
union passed {
	struct cmsghdr head;
	char room[CMSG_LEN(sizeof(int))];
};

/* Sends a datagram; answer is the descriptor for the reply, -1 for none. False when there is no
 * server or its buffer is full. */
static bool poke(struct str folder, struct str bytes, int answer)
{
	const struct timeval wait = { .tv_usec = SEND_WAIT_US };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un to;
	struct iovec part = { (void *)(uintptr_t)bytes.p, bytes.n };
	union passed passed = { .head = { .cmsg_len = CMSG_LEN(sizeof answer),
		                          .cmsg_level = SOL_SOCKET,
		                          .cmsg_type = SCM_RIGHTS } };
	struct msghdr message = {
		.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1
	};
	bool sent;

	if (fd < 0)
		return false;
	if (answer >= 0) {
		memcpy(CMSG_DATA(&passed.head), &answer, sizeof answer);
		message.msg_control = &passed;
		message.msg_controllen = sizeof passed.room;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
	sent = address_make(folder, &to) && sendmsg(fd, &message, 0) >= 0;
	close(fd);
	return sent;
}

bool control_poke_mail(struct str folder, uint32_t account)
{
	char bytes[MAIL_BYTES] = { CONTROL_MAIL };

	for (int i = 0; i < 4; i++)
		bytes[1 + i] = (char)(account >> (24 - 8 * i));
	return poke(folder, str_from(bytes, sizeof bytes), -1);
}

/* Reads to the end of the stream: YES, or NO and the reason. */
static enum control_answer answer_wait(int fd, struct why *why)
{
	const struct timeval wait = { .tv_sec = ANSWER_WAIT_S };
	char bytes[1 + WHY_MAX];
	ssize_t n;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	n = recv(fd, bytes, sizeof bytes, MSG_WAITALL);
	if (n < 1)
		return CONTROL_SILENT;
	if (bytes[0] == YES)
		return CONTROL_DONE;
	(void)fail(why, ERR_DENIED, "%.*s", (int)(n - 1), bytes + 1);
	return CONTROL_REFUSED;
}

enum control_answer control_ask(struct str folder, enum control_what what, struct why *why)
{
	enum control_answer answer = CONTROL_SILENT;
	char byte = (char)what;
	int pair[2];
	bool sent;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return CONTROL_SILENT;
	sent = poke(folder, str_from(&byte, 1), pair[1]);
	if (!sent && (errno == ENOENT || errno == ECONNREFUSED))
		answer = CONTROL_NOBODY;
	close(pair[1]); /* the server has the only copy, so its end ends the wait */
	if (sent)
		answer = answer_wait(pair[0], why);
	close(pair[0]);
	return answer;
}

/* --- the server ---------------------------------------------------------------------------- */

static bool heard(const struct control *c, struct str bytes, struct why *why)
{
	struct unpack u = unpack_of(str_sub(bytes, 1, bytes.n));
	enum control_what what = (enum control_what)bytes.p[0];

	if (what != CONTROL_MAIL)
		return c->fn(c->arg, what, 0, why);
	return bytes.n == MAIL_BYTES && c->fn(c->arg, what, unpack_be32(&u), why);
}

/* The command may have ended, or passed a descriptor that is no socket: then no answer is sent. */
static void answer_send(int fd, bool done, const struct why *why)
{
	char bytes[1 + WHY_MAX];
	int n = snprintf(bytes, sizeof bytes, "%c%s", done ? YES : NO, done ? "" : why->text);

	if (fd < 0)
		return;
	(void)!send(fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

/* Receives one datagram, as recv. *answer is the descriptor for the reply, or -1. */
static ssize_t listen_next(const struct control *c, char *bytes, size_t max, int *answer)
{
	struct iovec part = { bytes, max };
	union passed passed;
	struct msghdr message = { .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = &passed,
		                  .msg_controllen = sizeof passed.room };
	ssize_t n = recvmsg(c->fd, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *head = n >= 0 ? CMSG_FIRSTHDR(&message) : NULL;

	*answer = -1;
	if (head != NULL && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof *answer))
		memcpy(answer, CMSG_DATA(head), sizeof *answer);
	return n;
}

static void *listen_run(void *arg)
{
	struct control *c = arg;
	char bytes[MAIL_BYTES];

	for (;;) {
		struct why why = { "" };
		int answer;
		bool done;
		ssize_t n = listen_next(c, bytes, sizeof bytes, &answer);

		if (atomic_load(&c->ending) || (n < 0 && errno != EINTR)) {
			if (answer >= 0)
				close(answer);
			return NULL;
		}
		done = n > 0 && heard(c, str_from(bytes, (size_t)n), &why);
		answer_send(answer, done, &why);
	}
}

static enum err listen_start(struct control *c, struct why *why)
{
	c->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || fault("control_open"))
		return fail_errno(why, "control socket");
	unlink(c->address.sun_path);
	if (bind(c->fd, (struct sockaddr *)&c->address, sizeof c->address) != 0 ||
	    chmod(c->address.sun_path, 0600) != 0)
		return fail_errno(why, "control socket \"%s\"", c->address.sun_path);
	if (pthread_create(&c->thread, NULL, listen_run, c) != 0)
		return fail(why, ERR_IO, "control socket: no thread");
	return OK;
}

enum err control_open(struct control **out, struct str folder, control_fn *fn, void *arg,
                      struct why *why)
{
	struct control *c = NEW(struct control);
	enum err e;

	c->fn = fn;
	c->arg = arg;
	c->fd = -1;
	if (!address_make(folder, &c->address))
		e = fail(why, ERR_LIMIT, "the data folder's path is too long for a socket in it");
	else
		e = listen_start(c, why);
	if (e) {
		if (c->fd >= 0)
			close(c->fd);
		mem_clear(&c);
	}
	*out = c;
	return e;
}

void control_close(struct control **c)
{
	if (*c == NULL)
		return;
	/* Not by a datagram: the socket's file may be removed, or belong to another server. */
	atomic_store(&(*c)->ending, true);
	shutdown((*c)->fd, SHUT_RDWR);
	pthread_join((*c)->thread, NULL);
	unlink((*c)->address.sun_path);
	close((*c)->fd);
	mem_clear(c);
}
