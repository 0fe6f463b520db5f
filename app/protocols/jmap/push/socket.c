/* protocols/jmap/push/socket.c: JMAP over WebSocket (RFC 8887). Requests run one after another. */
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "network/http_server/websocket.h"
#include "network/http_server/wire_websocket.h"
#include "protocols/jmap/push/push.h"
#include "protocols/jmap/request/load.h"
#include "protocols/jmap/request/request.h"

struct push_socket {
	const struct jmap_server *server;
	struct push_changes changes;
	bool pushing;     /* WebSocketPushEnable */
	bool first;       /* the first push since then */
	struct str state; /* the client's pushState; owned */
	int64_t pushed_ms;
};

static void socket_begin(struct websocket *w, void *arg)
{
	(void)arg;
	websocket_timer(w, PUSH_CHECK_MS);
}

static void socket_end(void *arg)
{
	struct push_socket *s = arg;

	push_stream_end(&s->changes);
	push_changes_deinit(&s->changes);
	str_free(&s->state);
	mem_free(s);
}

/* --- pushes (RFC 8887 4.3.5) -------------------------------------------------------------- */

static void change_send(struct websocket *w, struct push_socket *s)
{
	struct arena a = { 0 };
	struct str state = STR_EMPTY;
	bool changed = false;
	struct buf text;

	buf_init(&text, HTTP_RESPONSE_MAX);
	if (push_changes_put(&s->changes, true, &a, &text, &changed, &state) != OK) {
		websocket_close(w, WEBSOCKET_GOING_AWAY);
	} else if (changed && !(s->first && str_eq(state, s->state))) {
		s->pushed_ms = clock_mono_ms();
		websocket_send(w, &text);
	}
	s->first = false;
	buf_deinit(&text);
	arena_deinit(&a);
}

static void socket_wake(struct websocket *w, void *arg)
{
	struct push_socket *s = arg;

	if (!push_valid(&s->changes)) {
		websocket_close(w, WEBSOCKET_POLICY); /* RFC 8887 4.2 */
		return;
	}
	if (s->pushing && clock_mono_ms() - s->pushed_ms < PUSH_PAUSE_MS) {
		websocket_timer(w, PUSH_PAUSE_MS);
		return;
	}
	websocket_timer(w, PUSH_CHECK_MS);
	if (s->pushing)
		change_send(w, s);
}

static void push_end(struct push_socket *s)
{
	struct push_changes fresh;

	push_changes_init(&fresh, s->server, &s->changes.caller);
	push_changes_deinit(&s->changes);
	s->changes = fresh;
	s->pushing = false;
}

static void push_begin(struct websocket *w, struct push_socket *s, struct json request)
{
	struct json types = json_get(request, "dataTypes");
	struct json_iter it = json_iter(types);
	struct str state = STR_EMPTY, name;

	push_end(s);
	if (json_kind(types) == JSON_ARRAY)
		while (json_next(&it)) {
			if (json_str(it.value, &name))
				push_types_add(&s->changes, name);
		}
	else
		push_types_all(&s->changes);
	str_free(&s->state);
	if (push_changes_begin(&s->changes, websocket_waker(w)) != OK) {
		websocket_close(w, WEBSOCKET_GOING_AWAY);
		return;
	}
	s->pushing = true;
	if (!json_str(json_get(request, "pushState"), &state))
		return;
	s->state = str_new(state);
	s->first = true;
	push_changes_forget(&s->changes);
	change_send(w, s);
}

/* --- requests (RFC 8887 4.3.2 to 4.3.4) ------------------------------------------------------ */

static void id_put(struct json_writer *w, struct json id, bool always)
{
	struct str text;

	if (json_str(id, &text))
		json_put_str(w, "requestId", text);
	else if (always)
		json_put_null(w, "requestId");
}

static void problem_send(struct websocket *w, struct json id, const struct jmap_problem *p)
{
	struct json_writer out;
	struct buf text;

	buf_init(&text, HTTP_RESPONSE_MAX);
	json_writer_init(&out, &text);
	json_open(&out, NULL, '{');
	json_put_str(&out, "@type", STR("RequestError"));
	id_put(&out, id, true);
	jmap_problem_put(&out, p);
	json_close(&out);
	websocket_send(w, &text);
	buf_deinit(&text);
}

static void request_run(struct websocket *w, struct json id, struct jmap_request *request)
{
	static const struct jmap_problem too_large = {
		500, "about:blank", NULL, { "the response is too large" }
	};
	struct json_writer out;
	struct buf text;

	buf_init(&text, HTTP_RESPONSE_MAX);
	json_writer_init(&out, &text);
	json_open(&out, NULL, '{');
	json_put_str(&out, "@type", STR("Response"));
	id_put(&out, id, false);
	jmap_request_run(request, &out);
	json_close(&out);
	if (buf_ok(&text))
		websocket_send(w, &text);
	else
		problem_send(w, id, &too_large);
	buf_deinit(&text);
}

static void request_take(struct websocket *w, struct push_socket *s, struct json id,
                         struct str text, struct arena *a)
{
	static const struct jmap_problem busy = {
		400,
		"urn:ietf:params:jmap:error:limit",
		"maxConcurrentRequests",
		{ "too many requests of this account run at a time" }
	};
	const struct jmap_caller *c = &s->changes.caller;
	struct jmap_request request;
	struct jmap_problem p;

	if (!jmap_load_begin(s->server->load, c->account, LOAD_REQUEST)) {
		problem_send(w, id, &busy);
		return;
	}
	if (jmap_request_parse(s->server, c, a, text, &request, &p))
		request_run(w, id, &request);
	else
		problem_send(w, id, &p);
	jmap_request_deinit(&request);
	jmap_load_end(s->server->load, c->account, LOAD_REQUEST);
}

static void message_take(struct websocket *w, struct push_socket *s, struct str text,
                         struct arena *a)
{
	static const struct jmap_problem not_json = {
		400, "urn:ietf:params:jmap:error:notJSON", NULL, { "the message is not I-JSON" }
	};
	static const struct jmap_problem not_request = {
		400,
		"urn:ietf:params:jmap:error:notRequest",
		NULL,
		{ "the @type must be Request, WebSocketPushEnable or WebSocketPushDisable" }
	};
	struct json message = { NULL }, none = { NULL };
	struct str type = STR_EMPTY;

	if (!json_parse_long(a, text, LIMIT_jmap_request, &message)) {
		problem_send(w, none, &not_json);
		return;
	}
	(void)json_str(json_get(message, "@type"), &type);
	if (str_eq(type, STR("Request")))
		request_take(w, s, json_get(message, "id"), text, a);
	else if (str_eq(type, STR("WebSocketPushEnable")))
		push_begin(w, s, message);
	else if (str_eq(type, STR("WebSocketPushDisable")))
		push_end(s);
	else
		problem_send(w, json_get(message, "id"), &not_request);
}

static void socket_message(struct websocket *w, void *arg, struct str text)
{
	struct push_socket *s = arg;
	struct arena a = { 0 };

	if (push_valid(&s->changes))
		message_take(w, s, text, &a);
	else
		websocket_close(w, WEBSOCKET_POLICY); /* RFC 8887 4.2 */
	arena_deinit(&a);
}

static const struct websocket_ops socket_ops = { LIMIT_jmap_request, socket_begin, socket_message,
	                                         socket_wake, socket_end };

void jmap_socket_serve(const struct jmap_server *s, const struct jmap_caller *c,
                       const struct http_request *q, struct http_response *r)
{
	struct push_socket *socket;

	if (!push_stream_begin(s, c, r))
		return;
	socket = NEW(struct push_socket);
	socket->server = s;
	push_changes_init(&socket->changes, s, c);
	if (!websocket_begin(q, r, STR("jmap"), &socket_ops, socket))
		socket_end(socket);
}
