/* flow/policy/milter/milter_talk.c: see milter_talk.h. */
#include "flow/policy/milter/milter_talk.h"

#include "flow/policy/filter_health.h"
#include "formats/message/mailaddr.h"

/* --- packets ------------------------------------------------------------------ */

void milter_talk_macros(struct milter_talk *t, struct policy_run *r, char command)
{
	enum milter_stage stage = milter_stage_of(command);
	struct milter_about about = { r, t->rcpt };
	struct str names;

	if (stage == MILTER_STAGES)
		return;
	names = t->link->options.macros[stage];
	milter_macros_put(&t->link->out, command,
	                  names.p != NULL ? names : milter_macros_usual(stage), milter_macro,
	                  &about);
}

enum milter_said milter_talk_ask(struct milter_talk *t, struct policy_run *r, char command,
                                 struct why *why)
{
	struct milter_reply reply;

	if (milter_link_send(t->link, why))
		return MILTER_FAILED;
	if (!milter_answers(t->link->options.steps, command))
		return MILTER_GO_ON;
	if (milter_link_reply(t->link, command, &reply, why))
		return MILTER_FAILED;
	return milter_talk_pass(t, r, &reply);
}

/* --- replies ------------------------------------------------------------------- */

/* An accept before MAIL holds for the session, a later one for the message. */
static enum milter_said accepted(struct milter_talk *t)
{
	if (t->mail) {
		t->mail_done = true;
	} else {
		t->done = true;
		t->by_helo = t->connected;
	}
	return MILTER_DECIDED;
}

/* Before a message, discard means that the filter ignores the session. At RCPT it means
 * the whole message, as in other MTAs; the filter is then done with it. */
static enum milter_said discarded(struct milter_talk *t, struct policy_run *r)
{
	if (!t->mail)
		return accepted(t);
	policy_discard_mail(r, "%.*s: discarded", STR_ARG(t->rule->name));
	t->mail_done = true;
	return MILTER_DECIDED;
}

static enum milter_said code_said(struct policy_run *r, struct str text)
{
	struct milter_code code;

	if (!milter_code_parse(text, policy_arena(r), &code)) {
		policy_tempfail(r, 451, "4.7.1", "try again later");
		return MILTER_DECIDED;
	}
	if (code.code < 500)
		policy_tempfail(r, code.code, str_z(policy_arena(r), code.enhanced), "%.*s",
		                STR_ARG(code.text));
	else
		policy_reject(r, code.code, str_z(policy_arena(r), code.enhanced), "%.*s",
		              STR_ARG(code.text));
	return MILTER_DECIDED;
}

enum milter_said milter_talk_pass(struct milter_talk *t, struct policy_run *r,
                                  const struct milter_reply *reply)
{
	switch (reply->kind) {
	case MILTER_SAYS_ACCEPT:
		return accepted(t);
	case MILTER_SAYS_DISCARD:
		return discarded(t, r);
	case MILTER_SAYS_REJECT:
		policy_reject(r, 550, "5.7.1", "refused by a filter");
		return MILTER_DECIDED;
	case MILTER_SAYS_TEMPFAIL:
		policy_tempfail(r, 451, "4.7.1", "a filter asks to try again later");
		return MILTER_DECIDED;
	case MILTER_SAYS_CODE:
		return code_said(r, reply->text);
	case MILTER_SAYS_CONN_FAIL:
	case MILTER_SAYS_SHUTDOWN:
		policy_tempfail(r, 421, "4.7.0", "try again later");
		return MILTER_DECIDED;
	case MILTER_SAYS_SKIP:
		return MILTER_SKIP;
	default:
		return MILTER_GO_ON;
	}
}

/* --- the session --------------------------------------------------------------- */

static enum milter_said open_link(struct milter_talk *t, struct policy_run *r, struct why *why)
{
	const struct milter_dial dial = { .at = t->rule->at,
		                          .version = t->rule->version,
		                          .connect_ms = t->rule->connect_ms,
		                          .step_ms = t->rule->command_ms,
		                          .last_ms = t->last_ms,
		                          .dns = policy_config(r)->dns };

	if (t->link != NULL) {
		t->link->last_ms = t->last_ms;
		return MILTER_GO_ON;
	}
	if (!filter_health_ask(t->rule->name)) {
		(void)fail(why, ERR_RETRY, "it fails again and again, and is left alone a while");
		return MILTER_FAILED;
	}
	t->connected = t->greeted = t->mail = t->data = t->rcpt_sent = false;
	t->rcpts = 0;
	return milter_link_open(&dial, &t->link, why) == OK ? MILTER_GO_ON : MILTER_FAILED;
}

static enum milter_said tell_connect(struct milter_talk *t, struct policy_run *r,
                                     struct why *why)
{
	const struct policy_session *s = policy_of(r);
	static const char families[] = { [ADDR_V4] = '4', [ADDR_V6] = '6', [ADDR_NONE] = 'L' };
	const struct milter_peer peer = {
		.name = s->peer_name.n != 0
		                ? s->peer_name
		                : str_fmt(policy_arena(r), "[%.*s]", STR_ARG(s->peer_text)),
		.family = families[s->peer.family],
		.port = s->peer.port,
		.address = s->peer_text,
	};
	enum milter_said said = MILTER_GO_ON;

	if (t->connected)
		return MILTER_GO_ON;
	milter_talk_macros(t, r, MILTER_CONNECT);
	if (milter_wants(t->link->options.steps, MILTER_CONNECT)) {
		milter_connect_put(&t->link->out, &peer);
		said = milter_talk_ask(t, r, MILTER_CONNECT, why);
	}
	/* A filter that refused the session receives it again and refuses again. */
	t->connected = said != MILTER_DECIDED || t->done;
	return said;
}

static enum milter_said tell_hello(struct milter_talk *t, struct policy_run *r, struct why *why)
{
	struct str helo = policy_of(r)->helo;
	size_t mark;

	if (t->greeted || helo.n == 0)
		return MILTER_GO_ON;
	t->greeted = true;
	if (!milter_wants(t->link->options.steps, MILTER_HELO))
		return MILTER_GO_ON;
	milter_talk_macros(t, r, MILTER_HELO);
	mark = milter_packet_begin(&t->link->out, MILTER_HELO);
	milter_text_put(&t->link->out, helo);
	milter_packet_end(&t->link->out, mark);
	return milter_talk_ask(t, r, MILTER_HELO, why);
}

/* --- the envelope -------------------------------------------------------------- */

static void path_put(struct milter_talk *t, struct policy_run *r, char command,
                     const struct mailaddr *addr, const struct policy_param *params, size_t count)
{
	struct buf *out = &t->link->out;
	struct str text = mailaddr_text(policy_arena(r), addr);
	size_t mark = milter_packet_begin(out, command);

	milter_text_put(out, str_fmt(policy_arena(r), "<%.*s>", STR_ARG(text)));
	for (size_t i = 0; i < count; i++)
		milter_text_put(out, str_fmt(policy_arena(r), "%.*s%s%.*s",
		                             STR_ARG(params[i].keyword),
		                             params[i].value.n != 0 ? "=" : "",
		                             STR_ARG(params[i].value)));
	milter_packet_end(out, mark);
}

static enum milter_said tell_mail(struct milter_talk *t, struct policy_run *r, struct why *why)
{
	const struct policy_session *s = policy_of(r);

	if (t->mail)
		return MILTER_GO_ON;
	t->mail = true;
	if (!milter_wants(t->link->options.steps, MILTER_MAIL))
		return MILTER_GO_ON;
	milter_talk_macros(t, r, MILTER_MAIL);
	path_put(t, r, MILTER_MAIL, &s->envelope.sender, s->params, s->param_count);
	return milter_talk_ask(t, r, MILTER_MAIL, why);
}

static enum milter_said tell_rcpt(struct milter_talk *t, struct policy_run *r,
                                  const struct mailaddr *rcpt, const struct policy_param *params,
                                  size_t count, struct why *why)
{
	if (!milter_wants(t->link->options.steps, MILTER_RCPT))
		return MILTER_GO_ON;
	t->rcpt = rcpt;
	milter_talk_macros(t, r, MILTER_RCPT);
	t->rcpt = NULL;
	path_put(t, r, MILTER_RCPT, rcpt, params, count);
	return milter_talk_ask(t, r, MILTER_RCPT, why);
}

/* Recipients accepted before it was first called or its connection broke; at RCPT also
 * the current one. */
static enum milter_said tell_rcpts(struct milter_talk *t, struct policy_run *r, struct why *why)
{
	const struct policy_session *s = policy_of(r);
	enum milter_said said = MILTER_GO_ON;

	if (t->rcpt_sent && t->rcpts < s->envelope.rcpt_count)
		t->rcpts++;
	t->rcpt_sent = false;
	for (; said == MILTER_GO_ON && t->rcpts < s->envelope.rcpt_count; t->rcpts++)
		said = tell_rcpt(t, r, &s->envelope.rcpts[t->rcpts].address, NULL, 0, why);
	if (policy_stage(r) != POLICY_RCPT || said == MILTER_DECIDED || said == MILTER_FAILED)
		return said;
	t->rcpt_sent = true;
	return tell_rcpt(t, r, &s->rcpt, s->rcpt_params, s->rcpt_param_count, why);
}

static enum milter_said tell_data(struct milter_talk *t, struct policy_run *r, struct why *why)
{
	if (t->data)
		return MILTER_GO_ON;
	t->data = true;
	if (!milter_wants(t->link->options.steps, MILTER_DATA))
		return MILTER_GO_ON;
	milter_talk_macros(t, r, MILTER_DATA);
	milter_packet_put(&t->link->out, MILTER_DATA, STR(""));
	return milter_talk_ask(t, r, MILTER_DATA, why);
}

/* --- a stage ------------------------------------------------------------------- */

typedef enum milter_said tell_fn(struct milter_talk *, struct policy_run *, struct why *);

/* In order: a filter receives each step at its stage or any later one, once. */
static const struct {
	enum policy_stage from;
	tell_fn *tell;
} steps[] = {
	{ POLICY_CONNECT, open_link },
	{ POLICY_CONNECT, tell_connect },
	{ POLICY_HELLO, tell_hello },
	{ POLICY_MAIL, tell_mail },
	{ POLICY_RCPT, tell_rcpts },
	{ POLICY_DATA, tell_data },
	{ POLICY_END, milter_talk_message },
};

enum milter_said milter_talk_stage(struct milter_talk *t, struct policy_run *r, struct why *why)
{
	enum policy_stage stage = policy_stage(r);
	enum milter_said said = MILTER_GO_ON;

	if (stage == POLICY_AUTH)
		return MILTER_GO_ON; /* the macros of MAIL have it */
	if (stage == POLICY_HELLO)
		t->greeted = false; /* EHLO came again, perhaps after STARTTLS */
	for (size_t i = 0; i < COUNT(steps) && steps[i].from <= stage; i++) {
		said = steps[i].tell(t, r, why);
		if (said == MILTER_DECIDED || said == MILTER_FAILED)
			return said;
	}
	return said;
}

void milter_talk_reset(struct milter_talk *t)
{
	if (t->link != NULL && t->mail && !t->ended) {
		milter_packet_put(&t->link->out, MILTER_ABORT, STR(""));
		if (!milter_link_tell(t->link))
			milter_talk_close(t, false);
	}
	t->mail = t->data = t->rcpt_sent = t->mail_done = t->ended = false;
	t->rcpts = 0;
}

/* A filter that accepted the session may consider it ended: open a new connection. */
void milter_talk_restart(struct milter_talk *t)
{
	t->greeted = false;
	if (!t->done || !t->by_helo)
		return;
	t->done = t->by_helo = false;
	milter_talk_close(t, true);
}

void milter_talk_close(struct milter_talk *t, bool polite)
{
	milter_link_close(&t->link, polite);
	t->connected = t->greeted = t->mail = t->data = t->rcpt_sent = t->ended = false;
	t->rcpts = 0;
}
