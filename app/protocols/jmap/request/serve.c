/* protocols/jmap/request/serve.c: method calls over HTTP (RFC 8620 3.1). */
#include "foundation/config/limits.h"
#include "protocols/jmap/request/load.h"
#include "protocols/jmap/request/request.h"

static void problem_respond(struct http_response *r, const struct jmap_problem *p)
{
	struct json_writer w;

	r->status = p->status;
	r->type = "application/problem+json"; /* RFC 7807 3 */
	buf_reset(&r->body);
	json_writer_init(&w, &r->body);
	json_open(&w, NULL, '{');
	jmap_problem_put(&w, p);
	json_close(&w);
}

static void request_serve(const struct jmap_server *s, const struct jmap_caller *c,
                          const struct http_request *q, struct http_response *r)
{
	struct jmap_request request;
	struct jmap_problem p;
	struct json_writer w;

	if (jmap_request_parse(s, c, q->arena, q->body, &request, &p)) {
		r->type = "application/json";
		json_writer_init(&w, &r->body);
		json_open(&w, NULL, '{');
		jmap_request_run(&request, &w);
		json_close(&w);
	} else {
		problem_respond(r, &p);
	}
	jmap_request_deinit(&request);
}

void jmap_api_serve(const struct jmap_server *s, const struct jmap_caller *c,
                    const struct http_request *q, struct http_response *r)
{
	static const struct jmap_problem wrong_type = {
		400, "urn:ietf:params:jmap:error:notJSON", NULL,
		{ "the Content-Type must be application/json" }
	};
	static const struct jmap_problem busy = {
		400, "urn:ietf:params:jmap:error:limit", "maxConcurrentRequests",
		{ "too many requests of this account run at a time" }
	};

	if (!str_startsi(http_header(q, "Content-Type"), STR("application/json"))) {
		problem_respond(r, &wrong_type);
		return;
	}
	if (!jmap_load_begin(s->load, c->account, LOAD_REQUEST)) {
		problem_respond(r, &busy);
		return;
	}
	request_serve(s, c, q, r);
	jmap_load_end(s->load, c->account, LOAD_REQUEST);
}
