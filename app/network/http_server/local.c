/* network/http_server/local.c: see local.h. */
#include "network/http_server/local.h"

#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "network/http_server/link.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 16 };

struct http_local {
	struct http_server *server;
	int fd;
	pthread_t thread;
	struct sockaddr_un address;
};

bool http_local_address(struct str folder, struct sockaddr_un *out)
{
	int n;

	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(out->sun_path, sizeof out->sun_path, "%.*s/api.sock", STR_ARG(folder));
	return n > 0 && (size_t)n < sizeof out->sun_path;
}

static void welcome(struct http_local *l, int fd)
{
	struct http_link *link = NEW(struct http_link);

	link->owners = 1;
	link->local = true;
	link->peer = (struct addr){ .family = ADDR_V4, .ip = { 127, 0, 0, 1 } };
	snprintf(link->id, sizeof link->id, "local");
	(void)!http_server_add(l->server, fd, link); /* on refusal the library has closed it */
	http_link_unref(link);
}

static void *accept_run(void *arg)
{
	struct http_local *l = arg;

	for (;;) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			welcome(l, fd);
		else if (errno == EINVAL || errno == EBADF) /* shut down */
			return NULL;
		else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	}
}

/* The mode is set before a client can connect, and the folder admits no other user anyway. */
static enum err open_socket(struct http_local *l, struct why *why)
{
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0 || fault("http_local_open"))
		return fail_errno(why, "socket for commands");
	unlink(l->address.sun_path);
	if (bind(l->fd, (struct sockaddr *)&l->address, sizeof l->address) != 0 ||
	    chmod(l->address.sun_path, 0600) != 0 || listen(l->fd, BACKLOG) != 0)
		return fail_errno(why, "socket for commands \"%s\"", l->address.sun_path);
	if (pthread_create(&l->thread, NULL, accept_run, l) != 0)
		return fail(why, ERR_IO, "socket for commands: no thread");
	return OK;
}

enum err http_local_open(struct http_server *s, struct str folder, struct http_local **out,
                         struct why *why)
{
	struct http_local *l = NEW(struct http_local);
	enum err e;

	l->server = s;
	l->fd = -1;
	if (http_local_address(folder, &l->address))
		e = open_socket(l, why);
	else
		e = fail(why, ERR_LIMIT, "the data folder's path is too long for a socket in it");
	if (e != OK) {
		if (l->fd >= 0)
			close(l->fd);
		mem_clear(&l);
	}
	*out = l;
	return e;
}

void http_local_close(struct http_local **local)
{
	struct http_local *l = *local;

	if (l == NULL)
		return;
	shutdown(l->fd, SHUT_RDWR);
	pthread_join(l->thread, NULL);
	unlink(l->address.sun_path);
	close(l->fd);
	http_server_pool_gone(l->server);
	mem_clear(local);
}
