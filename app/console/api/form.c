/* console/api/form.c: see api_private.h. */
#include "console/api/api_private.h"

#include "console/api/admin.h"
#include "flow/acceptance/fields.h"
#include "flow/delivery/delivery.h"
#include "flow/submission/form_letter.h"
#include "flow/submission/form_rules.h"
#include "formats/message/build.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "foundation/text/markup.h"
#include "foundation/text/utf8.h"
#include "model/directory/resolve.h"
#include "model/store/store.h"
#include "network/runtime/ratelimit.h"

enum { MESSAGE_MAX = 1 << 20, TRACE_MAX = 4096 };

/* One that was sent. */
struct filled {
	const struct http_request *q;
	struct http_response *r;
	const struct admin *admin;
	const struct settings *settings;
	const struct form_rule *rule; /* NULL: there is none of this name */
	struct str origin;            /* of the page; empty: not said     */
	struct form_fields fields;
	struct why why;
	bool json; /* is that what the answer is to be? */
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
		f->r->status = 303; /* RFC 9110 15.4.4: so that "reload" sends nothing twice */
		http_set(f->r, "Location", str_dup(f->q->arena, f->rule->redirect));
	} else if (f->json) {
		answer_json(f, status, code, str_of(text));
	} else {
		answer_page(f, status, str_of(text));
	}
}

/* --- whose page ----------------------------------------------------------------------------- */

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

/* --- what was filled in --------------------------------------------------------------------- */

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
		return fail(&f->why, ERR_SYNTAX, "the body is not JSON that is taken here");
	return form_fields_of(body, LIMIT_form_fields, f->q->arena, &f->fields, &f->why);
}

/* --- delivery ------------------------------------------------------------------------------- */

static enum err local_check(struct txn *t, void *arg)
{
	struct filled *f = arg;
	bool to = false, from = false;
	enum err e = directory_is_local(t, f->rule->to.domain, &to);

	if (e == OK)
		e = directory_is_local(t, f->rule->from.domain, &from);
	return e != OK || (to && from)
	               ? e
	               : fail(&f->why, ERR_MISSING, "to or from is not at a domain of this server");
}

static enum err letter_make(struct filled *f, struct buf *out, struct letter *letter)
{
	struct arena *a = f->q->arena;
	char peer[ADDR_TEXT_MAX];
	const struct form_letter form = {
		.form = f->rule->name,
		.subject = f->rule->subject,
		.reply = f->rule->reply,
		.trap = f->rule->trap,
		.from = f->rule->from,
		.to = f->rule->to,
		.peer = addr_ip_text(&f->q->peer, peer),
		.origin = utf8_ascii(f->origin) ? f->origin : STR_EMPTY,
		.date_ms = clock_real_ms(),
		.message_id = build_message_id(a, f->rule->from.domain),
	};
	enum err e = form_letter_make(&form, &f->fields, a, letter, &f->why);

	if (e == OK)
		e = letter_put(out, letter, a, &f->why);
	return e == OK && !buf_ok(out) ? fail(&f->why, ERR_LIMIT, "the message is too long") : e;
}

static enum err deliver(struct filled *f, struct str body, bool utf8)
{
	char peer[ADDR_TEXT_MAX];
	const struct accept_trace trace = { .helo = STR("form"),
		                            .peer = addr_ip_text(&f->q->peer, peer),
		                            .hostname = f->settings->hostname,
		                            .tls = f->q->tls ? STR("TLS") : STR_EMPTY,
		                            .id = f->q->id,
		                            .http = true,
		                            .now_ms = clock_real_ms() };
	struct envelope_rcpt to = { .address = f->rule->to };
	struct delivery_message m = {
		.envelope = { .sender = f->rule->from,
		              .rcpts = &to,
		              .rcpt_count = 1,
		              .flags = utf8 ? ENVELOPE_UTF8 : 0u,
		              .session = { f->q->id, STR("form"), trace.peer } },
		.body = body,
		.ours = true,
	};
	struct buf received;
	enum err e = store_read(f->admin->store, local_check, f);

	buf_init(&received, TRACE_MAX);
	accept_trace_received_put(&received, &trace);
	m.trace = buf_str(&received);
	m.envelope.flags |= utf8_ascii(body) ? 0u : ENVELOPE_8BIT;
	if (e == OK)
		e = delivery_accept(f->admin->delivery, &m, &f->why);
	buf_deinit(&received);
	return e;
}

/* Who filled it in can mend what is wrong with that, and nothing else. */
static void send(struct filled *f)
{
	struct letter letter;
	struct buf message;
	enum err e;

	buf_init(&message, MESSAGE_MAX);
	e = letter_make(f, &message, &letter);
	if (e != OK) {
		answer(f, e == ERR_LIMIT ? 413 : 400, "invalid", f->why.text);
	} else if ((e = deliver(f, buf_str(&message), letter_is_utf8(&letter))) != OK) {
		event(form_failed, f->q->id, ev_str(f->rule->name), ev_z(f->why.text));
		answer(f, 503, "retry", "It could not be sent now: please try again later.");
	} else {
		metric_add(METRIC_forms_sent, 1);
		answer(f, 200, "", "Thank you! Your message was sent.");
	}
	buf_deinit(&message);
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
		answer(f, 200, "", "Thank you! Your message was sent."); /* it learns nothing */
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
