/* flow/policy/milter/milter_message.c: sends the message to a filter, reads its verdict
 * and applies its changes.
 *
 * A filter sees the message with earlier changes and our Authentication-Results, but
 * without our Received field, as in Sendmail and Postfix. Its changes are kept until its
 * verdict arrives, so a filter that fails has no effect. */
#include "flow/policy/milter/milter_talk.h"

#include "flow/policy/authentication/verified.h"
#include "flow/policy/view.h"
#include "formats/message/header.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"

enum {
	BATCH = 32768,      /* of packets without replies */
	FIELD_MAX = 60000,  /* of a field's value: the rest does not fit into a packet */
};

/* --- header and body ----------------------------------------------------------- */

/* False: stop sending; *said has the reason. */
static bool field_tell(struct milter_talk *t, struct policy_run *r, const struct view_field *f,
                       enum milter_said *said, struct why *why)
{
	uint32_t steps = t->link->options.steps;
	size_t colon = (size_t)str_find_byte(f->raw, ':');

	milter_header_put(&t->link->out, f->name, str_sub(f->raw, colon + 1, colon + 1 + FIELD_MAX),
	                  steps & MILTER_HEADER_SPACES);
	if (milter_answers(steps, MILTER_HEADER) || t->link->out.n > BATCH)
		*said = milter_talk_ask(t, r, MILTER_HEADER, why);
	return *said == MILTER_GO_ON;
}

static enum milter_said header_tell(struct milter_talk *t, struct policy_run *r,
                                    const struct policy_view *v, struct why *why)
{
	enum milter_said said = MILTER_GO_ON;

	if (!milter_wants(t->link->options.steps, MILTER_HEADER))
		return MILTER_GO_ON;
	for (size_t i = 0; i < v->count; i++) {
		const struct view_field *f = &v->fields[i];

		/* A header line that is no field cannot be sent. */
		if (f->name.n != 0 && !f->own && !field_tell(t, r, f, &said, why))
			break;
	}
	return said == MILTER_SKIP ? MILTER_GO_ON : said;
}

static enum milter_said header_end_tell(struct milter_talk *t, struct policy_run *r,
                                        struct why *why)
{
	milter_talk_macros(t, r, MILTER_HEADER_END);
	if (!milter_wants(t->link->options.steps, MILTER_HEADER_END))
		return MILTER_GO_ON;
	milter_packet_put(&t->link->out, MILTER_HEADER_END, STR(""));
	return milter_talk_ask(t, r, MILTER_HEADER_END, why);
}

static enum milter_said body_tell(struct milter_talk *t, struct policy_run *r, struct str body,
                                  struct why *why)
{
	size_t chunk = milter_data_max(t->link->options.steps);
	enum milter_said said = MILTER_GO_ON;

	if (!milter_wants(t->link->options.steps, MILTER_BODY))
		return MILTER_GO_ON;
	while (body.n != 0 && said == MILTER_GO_ON) {
		milter_packet_put(&t->link->out, MILTER_BODY, str_sub(body, 0, chunk));
		said = milter_talk_ask(t, r, MILTER_BODY, why);
		body = str_sub(body, chunk, body.n);
	}
	return said == MILTER_SKIP ? MILTER_GO_ON : said;
}

/* --- changes ------------------------------------------------------------------- */

/* Changes pending until the verdict. A new body arrives in pieces and is one change. */
struct requests {
	struct policy_changes changes;
	struct buf body;
	bool has_body;
	struct str quarantine; /* p NULL: none */
};

/* "<user@domain>"; some filters omit the brackets. */
static struct str bare(struct str address)
{
	bool bracketed = address.n >= 2 && address.p[0] == '<' && address.p[address.n - 1] == '>';

	return bracketed ? str_sub(address, 1, address.n - 1) : address;
}

/* A fold is a line end and a blank. Filters omit the blank or end the value with a line
 * end. Without a fix the field would end there, and the rest would become another
 * field. */
static struct str folded(struct arena *a, struct str value)
{
	struct cur c = cur_of(value);
	struct str line, text;
	struct buf b;
	bool first = true;

	buf_init(&b, 2 * value.n + 1);
	for (; cur_line(&c, &line); first = false) {
		if (!first && str_trim(line).n == 0)
			continue;
		if (!first)
			buf_put(&b, STR("\n"));
		if (!first && line.p[0] != ' ' && line.p[0] != '\t')
			buf_byte(&b, '\t');
		for (size_t i = 0; i < line.n; i++)
			buf_byte(&b, line.p[i] == '\r' ? ' ' : line.p[i]);
	}
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static enum err request_put(struct requests *w, struct policy_run *r, const struct milter_reply *m,
                         uint32_t steps, struct why *why)
{
	static const enum policy_change_kind kinds[MILTER_SAYS_KINDS] = {
		[MILTER_SAYS_ADD_HEADER] = CHANGE_ADD,
		[MILTER_SAYS_PUT_HEADER] = CHANGE_INSERT,
		[MILTER_SAYS_SET_HEADER] = CHANGE_FIELD,
		[MILTER_SAYS_SET_FROM] = CHANGE_SENDER,
		[MILTER_SAYS_ADD_RCPT] = CHANGE_RCPT_ADD,
		[MILTER_SAYS_DELETE_RCPT] = CHANGE_RCPT_DELETE,
	};
	struct arena *a = policy_mail_arena(r);
	struct policy_change c = { .kind = kinds[m->kind],
		                   .index = m->index,
		                   .name = m->name,
		                   .value = folded(policy_arena(r), m->text) };

	if (c.kind >= CHANGE_SENDER) {
		c.name = STR_EMPTY;
		c.value = bare(m->name);
	} else {
		c.spaced = steps & MILTER_HEADER_SPACES && c.value.n != 0;
	}
	return policy_changes_add(&w->changes, a, &c, why);
}

static enum err request_handle(struct requests *w, struct policy_run *r,
                               const struct milter_reply *m, uint32_t steps, struct why *why)
{
	if (m->kind == MILTER_SAYS_QUARANTINE) {
		w->quarantine = str_dup(policy_arena(r), m->text);
		return OK;
	}
	if (m->kind != MILTER_SAYS_BODY)
		return request_put(w, r, m, steps, why);
	w->has_body = true;
	buf_put(&w->body, m->text);
	return buf_ok(&w->body) ? OK : fail(why, ERR_LIMIT, "its new body is too long");
}

static enum err requests_apply(struct requests *w, struct milter_talk *t, struct policy_run *r,
                             struct why *why)
{
	const struct policy_change body = { .kind = CHANGE_BODY, .value = buf_str(&w->body) };
	enum err e = OK;
	size_t count;

	if (w->has_body)
		e = policy_changes_add(&w->changes, policy_mail_arena(r), &body, why);
	count = w->changes.count;
	if (e == OK)
		e = policy_change(r, &w->changes, why);
	if (e == OK && count != 0)
		policy_changed(r, "%.*s: %zu changes of the message%s", STR_ARG(t->rule->name),
		               count, w->has_body ? ", a new body" : "");
	if (e == OK && w->quarantine.p != NULL)
		policy_quarantine(r, "%.*s: %.*s", STR_ARG(t->rule->name), STR_ARG(w->quarantine));
	return e;
}

/* --- the verdict --------------------------------------------------------------- */

static enum milter_said verdict(struct milter_talk *t, struct policy_run *r, struct requests *w,
                                struct why *why)
{
	struct milter_reply reply;

	for (;;) {
		if (milter_link_reply(t->link, MILTER_END, &reply, why))
			return MILTER_FAILED;
		if (reply.kind < MILTER_SAYS_QUARANTINE)
			break;
		if (request_handle(w, r, &reply, t->link->options.steps, why))
			return MILTER_FAILED;
	}
	t->ended = true;
	if (requests_apply(w, t, r, why))
		return MILTER_FAILED;
	return milter_talk_pass(t, r, &reply);
}

static enum milter_said end_tell(struct milter_talk *t, struct policy_run *r, struct why *why)
{
	struct requests w = { .has_body = false };
	enum milter_said said;

	policy_changes_init(&w.changes);
	buf_init(&w.body, policy_settings(r)->message_size + 1);
	milter_talk_macros(t, r, MILTER_END);
	milter_packet_put(&t->link->out, MILTER_END, STR(""));
	said = milter_link_send(t->link, why) ? MILTER_FAILED : verdict(t, r, &w, why);
	buf_deinit(&w.body);
	return said;
}

/* --- the whole exchange --------------------------------------------------------- */

static enum milter_said view_tell(struct milter_talk *t, struct policy_run *r,
                                  const struct policy_view *v, struct why *why)
{
	struct str body = policy_view_rest(v);
	enum milter_said said = header_tell(t, r, v, why);

	if (said == MILTER_GO_ON)
		said = header_end_tell(t, r, why);
	if (said == MILTER_GO_ON || said == MILTER_SKIP)
		said = body_tell(t, r, str_sub(body, header_size(body), body.n), why);
	return said == MILTER_GO_ON ? end_tell(t, r, why) : said;
}

enum milter_said milter_talk_message(struct milter_talk *t, struct policy_run *r,
                                     struct why *why)
{
	const struct policy_session *s = policy_of(r);
	struct policy_view view;

	t->link->step_ms = t->rule->message_ms;
	policy_view_init(&view, s->received, policy_results_of(r), s->message, policy_arena(r));
	policy_view_changes(&view, &s->changes);
	return view_tell(t, r, &view, why);
}
