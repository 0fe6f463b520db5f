/* network/runtime/listen_unix.c: listening on a socket in the file system; see runtime.h. */
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "network/runtime/runtime_private.h"
#include "network/runtime/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

/* --- the socket ---------------------------------------------------------------------------- */

static bool nobody_listens(const struct sockaddr_un *sa)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool nobody = fd >= 0 && connect(fd, (const struct sockaddr *)sa, sizeof *sa) != 0 &&
	              errno == ECONNREFUSED;

	socket_close(&fd);
	return nobody;
}

/* Something is at the path. Only a socket without a listener is removed: a killed server has left
 * it. */
static enum err make_room(const struct sockaddr_un *sa, struct why *why)
{
	struct stat st;

	if (lstat(sa->sun_path, &st) != 0)
		return fail_errno(why, "cannot look at %s", sa->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return fail(why, ERR_CONFLICT, "%s is there already, and no socket", sa->sun_path);
	if (!nobody_listens(sa))
		return fail(why, ERR_CONFLICT, "another program listens on %s", sa->sun_path);
	return unlink(sa->sun_path) == 0 ? OK : fail_errno(why, "cannot remove %s", sa->sun_path);
}

static bool bind_to(int fd, const struct sockaddr_un *sa)
{
	return !fault("socket_bind") && bind(fd, (const struct sockaddr *)sa, sizeof *sa) == 0;
}

/* The process's umask admits no other user until the mode is set. */
static enum err open_socket(struct str path, unsigned mode, int *fd, struct why *why)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	enum err e = OK;

	*fd = -1;
	if (path.n >= sizeof sa.sun_path)
		return fail(why, ERR_LIMIT, "the path of a socket has at most %zu bytes",
		            sizeof sa.sun_path - 1);
	memcpy(sa.sun_path, path.p, path.n);
	*fd = fault("socket_new") ? -1
	                          : socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return fail_errno(why, "cannot make a socket");
	if (!bind_to(*fd, &sa)) {
		e = errno == EADDRINUSE ? make_room(&sa, why)
		                        : fail_errno(why, "cannot listen on %s", sa.sun_path);
		if (e == OK && !bind_to(*fd, &sa))
			e = fail_errno(why, "cannot listen on %s", sa.sun_path);
	}
	if (e == OK && (chmod(sa.sun_path, (mode_t)mode) != 0 || fault("socket_listen") ||
	                listen(*fd, BACKLOG) != 0)) {
		e = fail_errno(why, "cannot listen on %s", sa.sun_path);
		unlink(sa.sun_path);
	}
	if (e)
		socket_close(fd);
	return e;
}

/* --- the listener -------------------------------------------------------------------------- */

/* The listener at a path for this service; NULL: none. */
static struct listener *listen_unix_find(struct runtime *r, const char *service)
{
	list_each(link, &r->listeners)
	{
		struct listener *l = container_of(link, struct listener, link);

		if (l->path != NULL && l->source.fd >= 0 && strcmp(l->service.name, service) == 0)
			return l;
	}
	return NULL;
}

static enum err listen_unix_begin(struct runtime *r, const struct conn_service *service,
                                  struct str path, unsigned mode, struct why *why)
{
	struct listener *l;
	struct stat st;
	int fd;
	enum err e = open_socket(path, mode, &fd, why);

	if (e)
		return e;
	l = listener_of(r, service, fd);
	l->path = mem_new(path.n + 1);
	memcpy(l->path, path.p, path.n);
	if (lstat(l->path, &st) == 0) {
		l->path_dev = st.st_dev;
		l->path_ino = st.st_ino;
	}
	if (r->started && (e = listener_start(l, why))) {
		listener_free(l);
		return e;
	}
	list_push_back(&r->listeners, &l->link);
	return OK;
}

/* Another process may have replaced the path meanwhile. */
void listener_path_remove(struct listener *l)
{
	struct stat st;

	if (l->path != NULL && l->source.fd >= 0 && lstat(l->path, &st) == 0 &&
	    st.st_dev == l->path_dev && st.st_ino == l->path_ino)
		unlink(l->path);
}

enum err runtime_listen_unix_set(struct runtime *r, const struct conn_service *service,
                                 struct str path, unsigned mode, struct why *why)
{
	struct listener *old;
	enum err e = OK;

	pthread_mutex_lock(&r->lock);
	old = listen_unix_find(r, service->name);
	if (r->stopped)
		e = fail(why, ERR_RETRY, "the server is stopping");
	else if (old != NULL && str_eq(str_of(old->path), path))
		e = chmod(old->path, (mode_t)mode) == 0
		            ? OK
		            : fail_errno(why, "cannot change %s", old->path);
	else if (path.n != 0)
		e = listen_unix_begin(r, service, path, mode, why);
	if (e == OK && old != NULL && !str_eq(str_of(old->path), path))
		listener_stop(old);
	pthread_mutex_unlock(&r->lock);
	return e;
}
