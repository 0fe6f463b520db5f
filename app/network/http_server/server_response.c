/* network/http_server/server_response.c: see serving.h. */
#include "foundation/base/fault.h"
#include "foundation/config/limits.h"
#include "network/http_server/serving.h"
#include "network/http_server/stream.h"

#include <string.h>
#include <strings.h>

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

/* The library's form of a response; takes the file. */
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

/* --- the head of a stream ---------------------------------------------------- */

static void head_field(struct buf *out, const char *name, struct str value)
{
	buf_fmt(out, "%s: %.*s\r\n", name, STR_ARG(value));
}

/* RFC 9112 4. The body of a 200 ends with the connection (RFC 9112 6.3, 8.). */
static void head_put(struct buf *out, const struct http_response *r)
{
	bool upgrade = r->status == 101;

	buf_init(out, LIMIT_http_header);
	buf_fmt(out, "HTTP/1.1 %u %s\r\n", r->status, upgrade ? "Switching Protocols" : "OK");
	if (!upgrade) {
		head_field(out, "Content-Type", str_of(r->type));
		head_field(out, "Connection", STR("close"));
	}
	for (size_t i = 0; !upgrade && i < http_default_field_count; i++) {
		if (!is_set(r, http_default_fields[i].name))
			head_field(out, http_default_fields[i].name, http_default_fields[i].value);
	}
	for (unsigned i = 0; i < r->field_count; i++)
		head_field(out, r->fields[i].name, r->fields[i].value);
	buf_put(out, STR("\r\n"));
}

bool http_stream_begin(const struct http_request *q, struct http_response *r,
                       const struct proto *proto, void *session, void (*drop)(void *session))
{
	(void)r;
	if (q->message == NULL || q->message->link == NULL || q->local ||
	    strcmp(q->method, "HEAD") == 0)
		return false;
	q->message->next = (struct http_next){ .proto = proto, .session = session, .drop = drop };
	return true;
}

/* The library closes its end, and the relay continues. */
static enum MHD_Result stream_begin(struct http_message *m)
{
	struct http_link *l = m->link;

	l->next = m->next;
	m->next.session = NULL;
	head_put(&l->next.head, &m->response);
	l->leaves = true;
	return MHD_NO;
}

/* --- responses ---------------------------------------------------------------- */

enum MHD_Result serving_respond(struct http_message *m)
{
	struct http_response *r = &m->response;
	struct MHD_Response *to;
	enum MHD_Result done;

	if (m->next.session != NULL)
		return stream_begin(m);
	to = response_new(r);
	if (to == NULL)
		return MHD_NO;
	/* RFC 9110 15.3.5: an empty response has no type. */
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
