/* console/api/form.c: see api_private.h. */
#include "console/api/api_private.h"

#include "console/api/admin.h"
#include "flow/submission/form_send.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "foundation/text/markup.h"
#include "network/runtime/ratelimit.h"

/* One request. */
struct filled {
	const struct http_request *q;
	struct http_response *r;
	const struct admin *admin;
	const struct settings *settings;
	const struct form_rule *rule; /* NULL: no form has this name */
	struct str origin;            /* of the page; empty: not given     */
	struct form_fields fields;
	struct why why;
	bool json; /* the client accepts JSON */
};

/* --- answers ------------------------------------------------------------------------------ */

static void answer_json(struct filled *f, unsigned status, const char *code, struct str text)
{
	struct json_writer w;

	f->r->status = status;
	f->r->type = "application/json";
	json_writer_init(&w, &f->r->body);
	json_open(&w, NULL, '{');
	json_put_bool(&w, "ok", status == 200);
	if (status != 200) {
		json_open(&w, "error", '{');
		json_put_str(&w, "code", str_of(code));
		json_put_str(&w, "message", text);
		json_close(&w);
	}
	json_close(&w);
}

static void answer_page(struct filled *f, unsigned status, struct str text)
{
	struct buf *b = &f->r->body;

	f->r->status = status;
	f->r->type = "text/html; charset=utf-8";
	buf_put(b, STR("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	               "<meta name=\"viewport\" content=\"width=device-width\">\n<title>"));
	buf_put(b, status == 200 ? STR("Sent") : STR("Not sent"));
	buf_put(b, STR("</title>\n<p>"));
	markup_text(b, text);
	buf_put(b, STR("</p>\n</html>\n"));
}

static void answer(struct filled *f, unsigned status, const char *code, const char *text)
{
	if (status == 200 && !f->json && f->rule->redirect.n != 0) {
		f->r->status = 303; /* RFC 9110 15.4.4: a reload does not send again */
		http_set(f->r, "Location", str_dup(f->q->arena, f->rule->redirect));
	} else if (f->json) {
		answer_json(f, status, code, str_of(text));
	} else {
		answer_page(f, status, str_of(text));
	}
}

/* --- origin --------------------------------------------------------------------------------- */

/* Fetch, "CORS protocol": what the browser lets the page see. */
static void allow(struct filled *f)
{
	http_set(f->r, "Vary", STR("Origin"));
	if (f->origin.n != 0)
		http_set(f->r, "Access-Control-Allow-Origin", str_dup(f->q->arena, f->origin));
}

static bool origin_ok(const struct filled *f)
{
	struct str own = str_fmt(f->q->arena, "%s://%.*s", f->q->tls ? "https" : "http",
	                         STR_ARG(f->q->host));

	return f->origin.n == 0 || form_origin_ok(f->rule, f->origin, own);
}

static void begin(struct filled *f, const struct http_request *q, struct http_response *r)
{
	struct form_rules rules;

	*f = (struct filled){ .q = q, .r = r, .admin = q->context };
	f->settings = settings_ref(f->admin->live);
	f->origin = http_header(q, "Origin");
	f->json = str_startsi(http_header(q, "Content-Type"), STR("application/json")) ||
	          str_find(http_header(q, "Accept"), STR("application/json")) >= 0;
	if (form_rules_parse(f->settings->forms, q->arena, &rules, NULL) == OK)
		f->rule = form_rule_find(&rules, q->rest);
}

void form_preflight(const struct http_request *q, struct http_response *r)
{
	struct filled f;

	begin(&f, q, r);
	if (f.rule == NULL || f.origin.n == 0 || !origin_ok(&f)) {
		http_say(r, f.rule == NULL ? 404 : 403, "not for this page");
	} else {
		allow(&f);
		http_set(r, "Access-Control-Allow-Methods", STR("POST"));
		http_set(r, "Access-Control-Allow-Headers", STR("Content-Type"));
		http_set(r, "Access-Control-Max-Age", STR("600"));
		r->status = 204;
	}
	settings_unref(f.settings);
}

/* --- fields --------------------------------------------------------------------------------- */

static enum err fields_read(struct filled *f)
{
	struct str type = http_header(f->q, "Content-Type");
	struct json body = { NULL };

	if (str_startsi(type, STR("application/x-www-form-urlencoded")))
		return form_fields_parse(f->q->body, LIMIT_form_fields, f->q->arena, &f->fields,
		                         &f->why);
	if (!str_startsi(type, STR("application/json")))
		return fail(&f->why, ERR_SYNTAX,
		            "the form must be sent as application/x-www-form-urlencoded or JSON");
	if (!json_parse(f->q->arena, f->q->body, &body))
		return fail(&f->why, ERR_SYNTAX, "the body is not valid JSON");
	return form_fields_of(body, LIMIT_form_fields, f->q->arena, &f->fields, &f->why);
}

/* --- sending -------------------------------------------------------------------------------- */

/* The visitor can correct the fields, but no other failure. */
static void send(struct filled *f)
{
	const struct form_send x = { .store = f->admin->store,
		                     .delivery = f->admin->delivery,
		                     .hostname = f->settings->hostname,
		                     .id = f->q->id,
		                     .peer = f->q->peer,
		                     .tls = f->q->tls,
		                     .origin = f->origin };
	enum err e = form_send(&x, f->rule, &f->fields, f->q->arena, &f->why);

	if (e == OK) {
		metric_add(METRIC_forms_sent, 1);
		answer(f, 200, "", "Thank you! Your message was sent.");
	} else if (e == ERR_SYNTAX || e == ERR_LIMIT) {
		answer(f, e == ERR_LIMIT ? 413 : 400, "invalid", f->why.text);
	} else {
		event(form_failed, f->q->id, ev_str(f->rule->name), ev_z(f->why.text));
		answer(f, 503, "retry", "It could not be sent now: please try again later.");
	}
}

static void serve(struct filled *f)
{
	char key[ADDR_NETWORK_KEY_MAX];

	if (f->rule == NULL) {
		answer(f, 404, "missing", "There is no such form.");
		return;
	}
	if (!origin_ok(f)) {
		answer(f, 403, "denied", "This form is not for that page.");
		return;
	}
	allow(f);
	if (!ratelimit_take(f->admin->forms, addr_network_key(&f->q->peer, key))) {
		http_set(f->r, "Retry-After", STR("3600"));
		answer(f, 429, "rate", "Too many messages from your address: try again later.");
		return;
	}
	if (fields_read(f) != OK) {
		answer(f, 400, "invalid", f->why.text);
		return;
	}
	if (f->rule->trap.n != 0 && form_field_get(&f->fields, f->rule->trap).n != 0) {
		metric_add(METRIC_forms_trapped, 1);
		answer(f, 200, "", "Thank you! Your message was sent."); /* as for a person */
		return;
	}
	if (!ratelimit_take(f->admin->forms_all, f->rule->name)) {
		http_set(f->r, "Retry-After", STR("3600"));
		answer(f, 429, "rate", "Too many messages by this form: try again later.");
		return;
	}
	send(f);
}

bool form_admit(const struct http_request *q, struct http_response *r)
{
	struct filled f;
	bool found;

	begin(&f, q, r);
	found = f.rule != NULL;
	if (!found)
		answer(&f, 404, "missing", "There is no such form.");
	settings_unref(f.settings);
	return found;
}

void form_serve(const struct http_request *q, struct http_response *r)
{
	struct filled f;

	begin(&f, q, r);
	serve(&f);
	settings_unref(f.settings);
}
