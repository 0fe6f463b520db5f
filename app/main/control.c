/* main/control.c: see control.h. */
#include "main/control.h"

#include "base/fault.h"
#include "base/mem.h"
#include "base/pack.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAIL_BYTES = 5, MAIL_WAIT_US = 50000 };

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

/* False: no server, or a full buffer. */
static bool poke(struct str folder, struct str bytes, int flags)
{
	const struct timeval wait = { .tv_usec = MAIL_WAIT_US };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un to;
	bool told;

	if (fd < 0)
		return false;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
	told = address_make(folder, &to) &&
	       sendto(fd, bytes.p, bytes.n, flags, (struct sockaddr *)&to, sizeof to) >= 0;
	close(fd);
	return told;
}

void control_poke(struct str folder, enum control_what what)
{
	char byte = (char)what;

	/* Not told: it will look by itself, only later. */
	(void)poke(folder, str_from(&byte, 1), MSG_DONTWAIT);
}

bool control_poke_mail(struct str folder, uint32_t account)
{
	char bytes[MAIL_BYTES] = { CONTROL_MAIL };

	for (int i = 0; i < 4; i++)
		bytes[1 + i] = (char)(account >> (24 - 8 * i));
	return poke(folder, str_from(bytes, sizeof bytes), 0);
}

static void heard(const struct control *c, struct str bytes)
{
	struct unpack u = unpack_of(str_sub(bytes, 1, bytes.n));
	enum control_what what = (enum control_what)bytes.p[0];

	if (what != CONTROL_MAIL)
		c->fn(c->arg, what, 0);
	else if (bytes.n == MAIL_BYTES)
		c->fn(c->arg, what, unpack_be32(&u));
}

static void *listen_run(void *arg)
{
	struct control *c = arg;
	char bytes[MAIL_BYTES];

	for (;;) {
		ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);

		if (atomic_load(&c->ending) || (n < 0 && errno != EINTR))
			return NULL;
		if (n > 0)
			heard(c, str_from(bytes, (size_t)n));
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
	/* Not by a datagram: the socket's file may be gone, or another server's. */
	atomic_store(&(*c)->ending, true);
	shutdown((*c)->fd, SHUT_RDWR);
	pthread_join((*c)->thread, NULL);
	unlink((*c)->address.sun_path);
	close((*c)->fd);
	mem_clear(c);
}
