/* http/server.c: libmicrohttpd, the only file that knows it; see server.h.
 *
 * The life of a request in the library's thread: request_new when its headers are there,
 * take_body for each piece of its body, request_run when it is complete, respond. A handler
 * for the pool runs while the library's connection is suspended; the library then calls
 * again for the response. */
#include "http/server.h"

#include "base/cur.h"
#include "base/fault.h"
#include "base/map.h"
#include "base/mem.h"
#include "config/limits.h"
#include "http/forwarded.h"
#include "http/link.h"
#include "http/path.h"
#include "net/pool.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	STACK_BYTES = 512 * 1024,
	/* The relay ends idle connections; this is for one whose relay would be wrong. */
	BACKSTOP_S = LIMIT_http_idle_s * 3,
	CONNECTIONS_MAX = 1 << 20, /* net/ limits them; the library's own limit is 1020 */
};

struct http_server {
	struct http_config config;
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;
	struct map added;            /* lock: struct http_link by descriptor, until the library
			     has looked at it */
	struct network_list trusted; /* lock; lives in trusted_arena */
	struct arena trusted_arena;  /* lock                         */
	bool pool_gone;              /* lock                         */
};

struct http_message {
	struct http_server *server;
	struct MHD_Connection *connection;
	struct http_link *link;
	const struct http_route *route; /* NULL: the response is made already   */
	struct http_request request;
	struct http_response response;
	struct arena arena;
	struct buf body;
	bool begun;     /* the first call was answered                          */
	bool suspended; /* a handler has run, or runs, on the pool              */
};

/* --- connections ------------------------------------------------------------ */

void http_link_unref(struct http_link *l)
{
	if (l != NULL && atomic_fetch_sub(&l->owners, 1) == 1)
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

/* The number may belong to another connection by now: only this link is meant. */
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

/* --- a request -------------------------------------------------------------- */

struct str http_header(const struct http_request *q, const char *name)
{
	return str_of(MHD_lookup_connection_value(q->message->connection, MHD_HEADER_KIND, name));
}

struct str http_argument(const struct http_request *q, const char *name)
{
	const char *value =
		MHD_lookup_connection_value(q->message->connection, MHD_GET_ARGUMENT_KIND, name);

	return http_part(q->arena, str_of(value));
}

/* All fields of a name, in order, as one list (RFC 9110 5.3). */
struct field_join {
	const char *name;
	struct buf *to;
};

static enum MHD_Result join(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct field_join *j = arg;

	(void)kind;
	if (strcasecmp(name, j->name) != 0)
		return MHD_YES;
	buf_put(j->to, j->to->n != 0 ? STR(",") : STR(""));
	buf_put(j->to, str_of(value));
	return MHD_YES;
}

static struct str header_joined(struct http_message *m, const char *name)
{
	struct buf all;
	struct field_join j = { name, &all };
	struct str joined;

	buf_init(&all, LIMIT_http_header * 2);
	MHD_get_connection_values(m->connection, MHD_HEADER_KIND, join, &j);
	joined = str_dup(&m->arena, buf_str(&all));
	buf_deinit(&all);
	return joined;
}

/* Who the request is from: the connection's peer, or whom that peer speaks for. */
static void request_origin(struct http_message *m)
{
	struct http_server *s = m->server;
	struct http_origin o = { .host = header_joined(m, "Host") }; /* two are no host */

	http_target_split(&m->request.path, &o.host);
	if (m->link != NULL) {
		o.peer = m->link->peer;
		o.tls = m->link->tls;
		m->request.local = m->link->local;
		m->request.id = str_of(m->link->id);
		m->request.began_mono_us = m->link->began_mono_us;
	}
	pthread_mutex_lock(&s->lock);
	if (s->trusted.count != 0)
		http_forwarded(&s->trusted, header_joined(m, "X-Forwarded-For"),
		               header_joined(m, "X-Forwarded-Proto"),
		               header_joined(m, "X-Forwarded-Host"), &o);
	pthread_mutex_unlock(&s->lock);
	m->request.peer = o.peer;
	m->request.tls = o.tls;
	m->request.host = o.host;
	m->request.proxied = o.proxied;
}

static struct http_message *message_new(struct http_server *s, struct MHD_Connection *connection,
                                        const char *method, const char *path)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_message *m = NEW(struct http_message);

	m->server = s;
	m->connection = connection;
	m->link = info != NULL ? info->socket_context : NULL;

	buf_init(&m->response.body, HTTP_RESPONSE_MAX);
	m->response.status = 200;
	m->response.type = "text/plain; charset=utf-8";
	m->request = (struct http_request){
		.method = str_z(&m->arena, str_of(method)),
		.path = str_dup(&m->arena, str_of(path)),
		.arena = &m->arena,
		.context = s->config.context,
		.message = m,
	};
	m->response.file = -1;
	request_origin(m);
	return m;
}

/* The library is done with the request, however it ended. */
static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
	struct http_message *m = *context;

	(void)arg, (void)connection, (void)how;
	*context = NULL;
	if (m == NULL)
		return;
	if (m->response.file >= 0)
		close(m->response.file);
	buf_deinit(&m->body);
	buf_deinit(&m->response.body);
	arena_deinit(&m->arena);
	mem_free(m);
}

static void refuse(struct http_message *m, unsigned status, const char *text)
{
	if (m->server->config.refuse != NULL)
		m->server->config.refuse(&m->request, &m->response, status, text);
	else
		http_say(&m->response, status, text);
}

static void find_route(struct http_message *m)
{
	const struct http_config *config = &m->server->config;
	struct str allow;
	unsigned status;

	m->route = http_route_find(config->routes, config->route_count, m->request.method,
	                           m->request.path, &m->arena, &m->request.rest, &status, &allow);
	if (m->route != NULL)
		return;
	refuse(m, status, status == 404 ? "not found" : "method not allowed");
	if (allow.n != 0)
		http_set(&m->response, "Allow", allow);
}

/* Who reads a page sends no body (RFC 9110 9.3.1), and nobody is there for one that comes to a
 * path that does not exist: such bytes are forgotten, not gathered. */
static bool body_wanted(const struct http_message *m)
{
	return m->route != NULL && m->route->body_max != 0;
}

static size_t body_max(const struct http_message *m)
{
	return body_wanted(m) ? m->route->body_max : LIMIT_http_body;
}

/* The status to refuse a request with before its body is sent; 0: it is taken. Of several lengths
 * the library believes one and a proxy in front perhaps another, and the difference is a request
 * that only one of them sees (RFC 9112 11.2), which 6.3 forbids. */
static unsigned announced_refused(struct http_message *m)
{
	struct str length = header_joined(m, "Content-Length");
	struct cur c = cur_of(length);
	uint64_t n;

	if (length.n == 0)
		return 0;
	if (str_find_byte(length, ',') >= 0)
		return 400;
	return cur_u64(&c, &n) && cur_done(&c) && n <= body_max(m) ? 0 : 413;
}

/* --- a response ------------------------------------------------------------- */

static bool is_set(const struct http_response *r, const char *name)
{
	for (unsigned i = 0; i < r->field_count; i++) {
		if (strcasecmp(r->fields[i].name, name) == 0)
			return true;
	}
	return false;
}

static void add_field(struct MHD_Response *to, struct arena *a, const struct http_field *f)
{
	MHD_add_response_header(to, f->name, str_z(a, f->value));
}

/* What is sent; takes the file. */
static struct MHD_Response *response_new(struct http_response *r)
{
	struct MHD_Response *to;

	if (!buf_ok(&r->body))
		http_say(r, 500, "the answer is too large");
	if (fault("http_response"))
		return NULL;
	if (r->file >= 0) {
		to = MHD_create_response_from_fd64(r->file_bytes, r->file);
		r->file = to != NULL ? -1 : r->file;
		return to;
	}
	if (r->fixed.n != 0)
		return MHD_create_response_from_buffer_static(r->fixed.n, r->fixed.p);
	return MHD_create_response_from_buffer_copy(r->body.n, r->body.p);
}

static enum MHD_Result respond(struct http_message *m)
{
	struct http_response *r = &m->response;
	struct MHD_Response *to = response_new(r);
	enum MHD_Result done;

	if (to == NULL)
		return MHD_NO;
	/* RFC 9110 15.3.5: nothing has no type. */
	if (r->status != 204)
		MHD_add_response_header(to, MHD_HTTP_HEADER_CONTENT_TYPE, r->type);
	for (size_t i = 0; i < http_default_field_count; i++) {
		if (!is_set(r, http_default_fields[i].name))
			add_field(to, &m->arena, &http_default_fields[i]);
	}
	for (unsigned i = 0; i < r->field_count; i++)
		add_field(to, &m->arena, &r->fields[i]);
	done = MHD_queue_response(m->connection, r->status, to);
	MHD_destroy_response(to);
	return done;
}

/* --- running handlers ------------------------------------------------------- */

static void run_on_pool(void *arg)
{
	struct http_message *m = arg;

	m->route->handle(&m->request, &m->response);
	if (m->link != NULL)
		m->link->busy = false;
	MHD_resume_connection(m->connection); /* m is the library's thread's from here on */
}

/* Under the lock, so that a pool that is about to be freed is left alone. */
static bool pool_take(struct http_message *m)
{
	struct http_server *s = m->server;
	bool taken;

	pthread_mutex_lock(&s->lock);
	taken = !s->pool_gone && pool_run(s->config.pool, run_on_pool, m);
	pthread_mutex_unlock(&s->lock);
	return taken;
}

void http_server_pool_gone(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->pool_gone = true;
	pthread_mutex_unlock(&s->lock);
}

static enum MHD_Result request_run(struct http_message *m)
{
	if (m->route == NULL || m->suspended)
		return respond(m);
	m->request.body = buf_str(&m->body);
	if (m->route->where == HTTP_QUICK) {
		m->route->handle(&m->request, &m->response);
		return respond(m);
	}
	m->suspended = true;
	if (m->link != NULL)
		m->link->busy = true;
	MHD_suspend_connection(m->connection);
	if (!pool_take(m)) {
		if (m->link != NULL)
			m->link->busy = false;
		refuse(m, 503, "too busy");
		MHD_resume_connection(m->connection);
	}
	return MHD_YES;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n, void **context)
{
	struct http_message *m = *context;
	unsigned refused;

	(void)version;
	if (m == NULL) {
		*context = m = message_new(arg, connection, method, path);
		find_route(m);
		buf_init(&m->body, body_max(m));
		refused = announced_refused(m);
		if (refused == 0)
			return MHD_YES;
		m->route = NULL;
		refuse(m, refused,
		       refused == 413 ? "the body is too large" : "it has several lengths");
		http_set(&m->response, "Connection", STR("close"));
		return respond(m); /* now, before it is sent */
	}
	if (*n == 0)
		return request_run(m);
	if (body_wanted(m))
		buf_bytes(&m->body, bytes, *n);
	*n = 0;
	/* Without a length it is only known now, when no answer is possible any more. */
	return buf_ok(&m->body) ? MHD_YES : MHD_NO;
}

/* --- the server ------------------------------------------------------------- */

/* Called for the path, and for names and values of the query string. */
static size_t unescape(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg, (void)connection;
	return path_unescape(text);
}

/* What it has to say is about peers that break the protocol. */
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
	pthread_mutex_init(&s->lock, NULL);
	if (!fault("http_daemon"))
		s->daemon = MHD_start_daemon(
			flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log,
			NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
			MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_CONNECTION_LIMIT,
			(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
			(size_t)LIMIT_http_header * 2, MHD_OPTION_CONNECTION_TIMEOUT,
			(unsigned)BACKSTOP_S, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
			MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
			MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, MHD_OPTION_END);
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
	enum err e = network_list_parse(&a, proxies, &list, why);

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
