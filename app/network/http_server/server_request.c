/* network/http_server/server_request.c: see serving.h. */
#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/http_server/link.h"
#include "network/http_server/path.h"
#include "network/http_server/serving.h"
#include "network/runtime/pool.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

/* --- fields ------------------------------------------------------------------ */

/* RFC 9110 8.3 */
static struct str unsent_header(const struct http_request *q, const char *name)
{
	bool type = q->type != NULL && strcasecmp(name, "Content-Type") == 0;

	return type ? str_of(q->type) : STR_EMPTY;
}

static struct str unsent_argument(const struct http_request *q, const char *name)
{
	struct cur c = cur_of(q->query);

	while (!cur_done(&c)) {
		struct str pair, key;
		struct cur p;
		char *value;

		if (!cur_until(&c, '&', &pair))
			cur_take(&c, cur_left(&c), &pair);
		cur_byte(&c, '&');
		p = cur_of(pair);
		if (!cur_until(&p, '=', &key) || !str_eq(key, str_of(name)))
			continue;
		cur_skip(&p, 1);
		value = arena_alloc(q->arena, cur_left(&p) + 1);
		memcpy(value, p.p, cur_left(&p));
		return http_part(q->arena, str_from(value, path_unescape(value)));
	}
	return STR_EMPTY;
}

struct str http_header(const struct http_request *q, const char *name)
{
	if (q->message == NULL)
		return unsent_header(q, name);
	return str_of(MHD_lookup_connection_value(q->message->connection, MHD_HEADER_KIND, name));
}

struct str http_argument(const struct http_request *q, const char *name)
{
	const char *value;

	if (q->message == NULL)
		return unsent_argument(q, name);
	value = MHD_lookup_connection_value(q->message->connection, MHD_GET_ARGUMENT_KIND, name);
	return http_part(q->arena, str_of(value));
}

void http_logged_in(const struct http_request *q)
{
	if (q->message != NULL && q->message->link != NULL)
		q->message->link->login = true;
}

/* All fields of a name, in order, as one list (RFC 9110 5.3). */
struct field_join {
	const char *name;
	struct buf *to;
};

static enum MHD_Result server_request_join(void *arg, enum MHD_ValueKind kind, const char *name,
                                           const char *value)
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
	MHD_get_connection_values(m->connection, MHD_HEADER_KIND, server_request_join, &j);
	joined = str_dup(&m->arena, buf_str(&all));
	buf_deinit(&all);
	return joined;
}

/* The client: the connection's peer, or the one that a trusted proxy names. */
static void request_origin(struct http_message *m)
{
	struct http_server *s = m->server;
	struct http_origin o = { .host = header_joined(m, "Host") }; /* two are invalid */

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

void serving_completed(void *arg, struct MHD_Connection *connection, void **context,
                       enum MHD_RequestTerminationCode how)
{
	struct http_message *m = *context;

	(void)arg, (void)connection, (void)how;
	*context = NULL;
	if (m == NULL)
		return;
	if (m->response.file >= 0)
		close(m->response.file);
	if (m->next.session != NULL)
		m->next.drop(m->next.session);
	http_body_end(&m->body);
	buf_deinit(&m->response.body);
	arena_deinit(&m->arena);
	mem_free(m);
}

static void server_request_refuse(struct http_message *m, unsigned status, const char *text)
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
	server_request_refuse(m, status, status == 404 ? "not found" : "method not allowed");
	if (allow.n != 0)
		http_set(&m->response, "Allow", allow);
}

/* GET and HEAD have no body (RFC 9110 9.3.1), and a missing path does not need one: such bytes are
 * dropped, not stored. */
static bool body_wanted(const struct http_message *m)
{
	return m->route != NULL && m->route->body_max != 0;
}

static size_t body_max(const struct http_message *m)
{
	return body_wanted(m) ? m->route->body_max : LIMIT_http_body;
}

/* Respond before the body is read. Returns false. */
static bool turn_away(struct http_message *m, unsigned status, const char *text)
{
	m->route = NULL;
	if (status != 0)
		server_request_refuse(m, status, text);
	http_set(&m->response, "Connection", STR("close"));
	return false;
}

/* Read the announced length. If there are several, the library and a proxy in front may use
 * different ones, which makes request smuggling possible (RFC 9112 11.2) and is forbidden by
 * 6.3. */
static bool announced_read(struct http_message *m, bool *known, uint64_t *n)
{
	struct str length = header_joined(m, "Content-Length");
	struct cur c = cur_of(length);

	*n = 0;
	*known = length.n != 0 || http_header(&m->request, "Transfer-Encoding").n == 0;
	if (str_find_byte(length, ',') >= 0)
		return turn_away(m, 400, "it has several lengths");
	if (length.n != 0 && (!cur_u64(&c, n) || !cur_done(&c) || *n > body_max(m)))
		return turn_away(m, 413, "the body is too large");
	return true;
}

/* Memory or disk is used only for clients that may send a body. */
static bool body_admitted(struct http_message *m, bool known, uint64_t announced, size_t *max)
{
	const struct http_config *config = &m->server->config;

	*max = body_max(m);
	if (config->admit == NULL)
		return true;
	if (known && announced <= LIMIT_http_body_open)
		*max = MIN(*max, LIMIT_http_body_open);
	*max = config->admit(&m->request, &m->response, *max);
	if (*max == 0)
		return turn_away(m, 0, NULL);
	return announced <= *max || turn_away(m, 413, "the body is too large before a login");
}

/* False: the response is already set. */
static bool body_begin(struct http_message *m)
{
	uint64_t announced;
	bool known;
	size_t max;

	if (!announced_read(m, &known, &announced))
		return false;
	if (!body_wanted(m))
		return true;
	if (!body_admitted(m, known, announced, &max))
		return false;
	if (http_body_begin(&m->body, &m->server->bodies, max, announced))
		return true;
	http_set(&m->response, "Retry-After", STR("10"));
	return turn_away(m, 503, "too many requests with bodies at one time");
}

/* Without a length, an excess is detected only here, where no response is possible. */
static enum MHD_Result body_take(struct http_message *m, struct str bytes)
{
	if (!body_wanted(m)) {
		m->unwanted += bytes.n;
		return m->unwanted > LIMIT_http_body ? MHD_NO : MHD_YES;
	}
	return http_body_put(&m->body, bytes) == ERR_LIMIT ? MHD_NO : MHD_YES;
}

/* --- running handlers ------------------------------------------------------- */

static void run_on_pool(void *arg)
{
	struct http_message *m = arg;

	m->route->handle(&m->request, &m->response);
	if (m->link != NULL)
		m->link->busy = false;
	MHD_resume_connection(m->connection); /* m belongs to the library's thread from here on */
}

/* Under the lock, so that a pool that is about to be freed is not used. */
static bool pool_take(struct http_message *m)
{
	struct http_server *s = m->server;
	bool taken;

	pthread_mutex_lock(&s->lock);
	taken = !s->pool_gone && pool_run(s->config.pool, run_on_pool, m);
	pthread_mutex_unlock(&s->lock);
	return taken;
}

static enum MHD_Result request_run(struct http_message *m)
{
	if (m->route == NULL || m->suspended)
		return serving_respond(m);
	if (body_wanted(m) && http_body_view(&m->body, &m->request.body) != OK) {
		server_request_refuse(m, 503, "the body could not be stored");
		return serving_respond(m);
	}
	if (m->route->where == HTTP_QUICK) {
		m->route->handle(&m->request, &m->response);
		return serving_respond(m);
	}
	m->suspended = true;
	if (m->link != NULL)
		m->link->busy = true;
	MHD_suspend_connection(m->connection);
	if (!pool_take(m)) {
		if (m->link != NULL)
			m->link->busy = false;
		server_request_refuse(m, 503, "too busy");
		MHD_resume_connection(m->connection);
	}
	return MHD_YES;
}

enum MHD_Result serving_request(void *arg, struct MHD_Connection *connection, const char *path,
                                const char *method, const char *version, const char *bytes,
                                size_t *n, void **context)
{
	struct http_message *m = *context;
	enum MHD_Result taken;

	(void)version;
	if (m == NULL) {
		*context = m = message_new(arg, connection, method, path);
		find_route(m);
		return body_begin(m) ? MHD_YES : serving_respond(m); /* now, before it is sent */
	}
	if (*n == 0)
		return request_run(m);
	taken = body_take(m, str_from(bytes, *n));
	*n = 0;
	return taken;
}
