/* flow/submission/form_send.c: see form_send.h. */
#include "flow/submission/form_send.h"

#include "flow/acceptance/fields.h"
#include "flow/delivery/delivery.h"
#include "formats/message/build.h"
#include "foundation/base/clock.h"
#include "foundation/text/utf8.h"
#include "model/directory/resolve.h"
#include "model/store/store.h"

enum { MESSAGE_MAX = 1 << 20, TRACE_MAX = 4096 };

struct form_run {
	const struct form_send *s;
	const struct form_rule *rule;
	struct arena *a;
	struct why *why;
};

static enum err form_local_check(struct txn *t, void *arg)
{
	struct form_run *r = arg;
	bool to = false, from = false;
	enum err e = directory_is_local(t, r->rule->to.domain, &to);

	if (e == OK)
		e = directory_is_local(t, r->rule->from.domain, &from);
	return e != OK || (to && from)
	               ? e
	               : fail(r->why, ERR_MISSING, "to or from is not at a domain of this server");
}

static enum err form_message_put(struct form_run *r, const struct form_fields *fields,
                                 struct buf *out, struct letter *letter)
{
	char peer[ADDR_TEXT_MAX];
	const struct form_rule *rule = r->rule;
	const struct form_letter form = {
		.form = rule->name,
		.subject = rule->subject,
		.reply = rule->reply,
		.trap = rule->trap,
		.from = rule->from,
		.to = rule->to,
		.peer = addr_ip_text(&r->s->peer, peer),
		.origin = utf8_ascii(r->s->origin) ? r->s->origin : STR_EMPTY,
		.date_ms = clock_real_ms(),
		.message_id = build_message_id(r->a, rule->from.domain),
	};
	enum err e = form_letter_make(&form, fields, r->a, letter, r->why);

	if (e == OK)
		e = letter_put(out, letter, r->a, r->why);
	return e == OK && !buf_ok(out) ? fail(r->why, ERR_LIMIT, "the message is too long") : e;
}

static enum err form_deliver(struct form_run *r, struct str body, bool utf8)
{
	char peer[ADDR_TEXT_MAX];
	const struct form_send *s = r->s;
	const struct accept_trace trace = { .helo = STR("form"),
		                            .peer = addr_ip_text(&s->peer, peer),
		                            .hostname = s->hostname,
		                            .tls = s->tls ? STR("TLS") : STR_EMPTY,
		                            .id = s->id,
		                            .http = true,
		                            .now_ms = clock_real_ms() };
	struct envelope_rcpt to = { .address = r->rule->to };
	struct delivery_message m = {
		.envelope = { .sender = r->rule->from,
		              .rcpts = &to,
		              .rcpt_count = 1,
		              .flags = utf8 ? ENVELOPE_UTF8 : 0u,
		              .session = { s->id, STR("form"), trace.peer } },
		.body = body,
		.ours = true,
	};
	struct buf received;
	enum err e = store_read(s->store, form_local_check, r);

	buf_init(&received, TRACE_MAX);
	accept_trace_received_put(&received, &trace);
	m.trace = buf_str(&received);
	m.envelope.flags |= utf8_ascii(body) ? 0u : ENVELOPE_8BIT;
	if (e == OK)
		e = delivery_accept(s->delivery, &m, r->why);
	buf_deinit(&received);
	return e == ERR_SYNTAX || e == ERR_LIMIT ? ERR_IO : e;
}

enum err form_send(const struct form_send *s, const struct form_rule *rule,
                   const struct form_fields *fields, struct arena *a, struct why *why)
{
	struct form_run r = { s, rule, a, why };
	struct letter letter;
	struct buf message;
	enum err e;

	buf_init(&message, MESSAGE_MAX);
	e = form_message_put(&r, fields, &message, &letter);
	if (e == OK)
		e = form_deliver(&r, buf_str(&message), letter_is_utf8(&letter));
	buf_deinit(&message);
	return e;
}
