/* network/http_server/server_response.c: see serving.h. */
#include "foundation/base/fault.h"
#include "network/http_server/serving.h"

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

enum MHD_Result serving_respond(struct http_message *m)
{
	struct http_response *r = &m->response;
	struct MHD_Response *to = response_new(r);
	enum MHD_Result done;

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
