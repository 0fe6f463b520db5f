/* network/http_server/server.c: libmicrohttpd's thread and its connections; see server.h and
 * serving.h. */
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/http_server/link.h"
#include "network/http_server/path.h"
#include "network/http_server/serving.h"

#include <stdarg.h>
#include <sys/socket.h>

enum {
	STACK_BYTES = 512 * 1024,
	/* The relay ends idle connections; this limit only covers errors of the relay. */
	BACKSTOP_S = LIMIT_http_idle_s * 3,
	CONNECTIONS_MAX = 1 << 20, /* runtime/ limits them; the library's own limit is 1020 */
};

/* --- connections ------------------------------------------------------------ */

void http_link_unref(struct http_link *l)
{
	if (l == NULL || atomic_fetch_sub(&l->owners, 1) != 1)
		return;
	if (l->next.session != NULL)
		l->next.drop(l->next.session);
	buf_deinit(&l->next.head);
	mem_free(l);
}

static struct str fd_key(const int *fd)
{
	return str_from((const char *)fd, sizeof *fd);
}

bool http_server_add(struct http_server *s, int fd, struct http_link *link)
{
	struct sockaddr_storage sa;
	socklen_t n = addr_to_socket(&link->peer, &sa);

	link->owners++;
	pthread_mutex_lock(&s->lock);
	http_link_unref(map_put(&s->added, fd_key(&fd), link));
	pthread_mutex_unlock(&s->lock);
	if (MHD_add_connection(s->daemon, fd, (struct sockaddr *)&sa, n) == MHD_YES)
		return true;
	http_server_forget(s, fd, link);
	return false;
}

/* The number may belong to another connection by now, so link is compared. */
void http_server_forget(struct http_server *s, int fd, struct http_link *link)
{
	bool was = false;

	pthread_mutex_lock(&s->lock);
	if (map_get(&s->added, fd_key(&fd)) == link) {
		map_remove(&s->added, fd_key(&fd));
		was = true;
	}
	pthread_mutex_unlock(&s->lock);
	if (was)
		http_link_unref(link);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
	struct http_server *s = arg;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		http_link_unref(*context);
		*context = NULL;
		return;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	pthread_mutex_lock(&s->lock);
	*context = map_remove(&s->added, fd_key(&info->connect_fd));
	pthread_mutex_unlock(&s->lock);
}

void http_server_pool_gone(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->pool_gone = true;
	pthread_mutex_unlock(&s->lock);
}

/* --- the server ------------------------------------------------------------- */

/* Called for the path, and for names and values of the query string. */
static size_t unescape(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg, (void)connection;
	return path_unescape(text);
}

/* The library's messages are about peers that violate the protocol. */
static void on_log(void *arg, const char *fmt, va_list args)
{
	(void)arg, (void)fmt, (void)args;
}

enum err http_server_new(const struct http_config *config, struct http_server **out,
                         struct why *why)
{
	struct http_server *s = NEW(struct http_server);
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET |
	                 MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

	s->config = *config;
	s->bodies = (struct http_bodies){ .open_file = config->body_file,
		                          .context = config->context };
	pthread_mutex_init(&s->lock, NULL);
	if (!fault("http_daemon"))
		s->daemon = MHD_start_daemon(
			flags, 0, NULL, NULL, serving_request, s, MHD_OPTION_EXTERNAL_LOGGER,
			on_log, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
			MHD_OPTION_NOTIFY_COMPLETED, serving_completed, s,
			MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
			MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_http_header * 2,
			MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)BACKSTOP_S,
			MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_THREAD_STACK_SIZE,
			(size_t)STACK_BYTES, MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, MHD_OPTION_END);
	if (s->daemon == NULL) {
		http_server_free(&s);
		return fail(why, ERR_IO, "cannot start the HTTP server");
	}
	*out = s;
	return OK;
}

enum err http_server_trust(struct http_server *s, struct str proxies, struct why *why)
{
	struct arena a = { 0 }, before;
	struct network_list list;
	enum err e = network_list_parse_trusted(&a, proxies, &list, why);

	if (e != OK) {
		arena_deinit(&a);
		return e;
	}
	pthread_mutex_lock(&s->lock);
	before = s->trusted_arena;
	s->trusted_arena = a;
	s->trusted = list;
	pthread_mutex_unlock(&s->lock);
	arena_deinit(&before);
	return OK;
}

static bool drop_link(struct str key, void *link, void *arg)
{
	(void)key, (void)arg;
	http_link_unref(link);
	return false;
}

void http_server_free(struct http_server **server)
{
	struct http_server *s = *server;

	*server = NULL;
	if (s == NULL)
		return;
	if (s->daemon != NULL)
		MHD_stop_daemon(s->daemon);
	map_filter(&s->added, drop_link, NULL);
	map_deinit(&s->added);
	arena_deinit(&s->trusted_arena);
	pthread_mutex_destroy(&s->lock);
	mem_free(s);
}
