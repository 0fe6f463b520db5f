/* flow/submission/submit.c: see submit.h. */
#include "flow/submission/submit.h"

#include "flow/acceptance/addresses.h"
#include "flow/acceptance/checked.h"
#include "flow/acceptance/fields.h"
#include "flow/delivery/delivery_trace.h"
#include "flow/policy/policy.h"
#include "flow/submission/submit_room.h"
#include "formats/message/header.h"
#include "formats/message/received.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "foundation/text/utf8.h"
#include "model/directory/rewrite.h"
#include "model/history/sent.h"
#include "model/history/trace.h"
#include "model/store/spool.h"
#include "model/store/store.h"

#include <string.h>

enum { TRACE_MAX = 64 << 10 };

/* One run. */
struct run {
	struct submit *s;
	struct arena *a;
	struct submit_answer *answer;
	struct policy_session *policy; /* NULL: no checks */
	size_t target_count; /* as of a session */
	struct buf trace;
	struct spool changed;
	struct policy_verdict verdict; /* of the last stage that was asked */
};

/* --- answers ------------------------------------------------------------------------------- */

static struct submit_answer answer_of(const struct smtp_answer *a)
{
	return (struct submit_answer){ a->code, str_of(a->enhanced), str_of(a->text) };
}

static bool refuse(struct run *r, unsigned code, const char *enhanced, const char *text)
{
	*r->answer = (struct submit_answer){ code, str_of(enhanced), str_of(text) };
	return false;
}

static struct str one_line(struct arena *a, const struct submit_answer *answer)
{
	struct str line = str_fmt(a, "%u %.*s %.*s", answer->code, STR_ARG(answer->enhanced),
	                          STR_ARG(answer->text));
	char *p = (char *)str_z(a, line);

	for (size_t i = 0; i < line.n; i++)
		p[i] = p[i] == '\n' ? ' ' : p[i];
	return str_from(p, line.n);
}

/* Log and trace a refusal. rcpt empty: of the whole message. */
static void tell(struct run *r, struct str rcpt, const struct submit_answer *answer)
{
	const struct submit *s = r->s;
	struct str from = mailaddr_text(r->a, &s->envelope.sender), line = one_line(r->a, answer);
	const struct envelope_session *session = &s->envelope.session;
	struct trace_step *steps = NULL;
	size_t n = r->policy != NULL ? policy_steps(r->policy, true, r->a, &steps) : 0;
	struct trace trace = {
		.session = session->id,
		.service = session->service,
		.peer = session->peer,
		.from = from,
		.message_id = story_message_id(str_sub(s->body, 0, header_size(s->body))),
		.size_bytes = s->body.n,
		.to = &rcpt,
		.to_count = rcpt.n != 0,
		.steps = arena_array(r->a, struct trace_step, n + 1),
		.step_count = n + 1,
	};

	if (n != 0)
		memcpy(trace.steps, steps, n * sizeof *steps);
	trace.steps[n] = (struct trace_step){
		.time_ms = clock_real_ms(), .what = TRACE_REFUSED, .who = rcpt, .detail = line
	};
	if (rcpt.n != 0)
		event(rcpt_refused, session->id, ev_str(trace.service), ev_str(trace.peer),
		      ev_str(from), ev_str(rcpt), ev_int(answer->code), ev_str(line));
	else
		event(mail_refused, session->id, ev_str(trace.service), ev_str(trace.peer),
		      ev_str(from), ev_int(answer->code), ev_str(line));
	metric_add(METRIC_smtp_in_refused, 1);
	trace_refused(s->delivery->traces, &trace);
}

/* --- the checks ------------------------------------------------------------------------------ */

/* As in the greeting of a client without a name (RFC 5321 4.1.3). */
static struct str literal(struct arena *a, const struct addr *peer)
{
	char text[ADDR_TEXT_MAX];

	return str_fmt(a, "[%s%.*s]", peer->family == ADDR_V6 ? "IPv6:" : "",
	               STR_ARG(addr_ip_text(peer, text)));
}

static void policy_begin_session(struct run *r)
{
	const struct submit *s = r->s;
	const struct policy_origin origin = {
		.id = s->envelope.session.id,
		.service = s->envelope.session.service,
		.tls = s->tls,
		.peer = s->peer,
	};
	struct policy_session *p;

	if (s->policy == NULL)
		return;
	p = r->policy = policy_session_of(s->policy, &origin, POLICY_SUBMISSION, s->settings);
	p->helo = literal(&p->arena, &s->peer);
	p->esmtp = true;
	p->login = str_dup(&p->arena, s->login);
	p->account = s->envelope.submitter;
	p->size = s->body.n;
}

/* False: refused. */
static bool asked(struct run *r, enum policy_stage stage, struct submit_answer *answer)
{
	struct policy_verdict v = { 0 };

	r->verdict = v;
	if (r->policy == NULL)
		return true;
	if (stage >= POLICY_MAIL)
		r->policy->envelope = r->s->envelope;
	policy_ask(r->s->policy, r->policy, stage, r->a, &v);
	r->verdict = v;
	if (v.kind != POLICY_REJECT && v.kind != POLICY_TEMPFAIL)
		return true;
	*answer = (struct submit_answer){ v.code, v.enhanced, v.text };
	return false;
}

static bool session_asked(struct run *r)
{
	static const enum policy_stage stages[] = { POLICY_CONNECT, POLICY_HELLO, POLICY_AUTH,
		                                    POLICY_MAIL };
	bool good = true;

	policy_begin_session(r);
	for (size_t i = 0; good && i < COUNT(stages); i++)
		good = asked(r, stages[i], r->answer);
	return good;
}

/* --- who and to whom -------------------------------------------------------------------------- */

static struct accept_check look_of(const struct submit *s)
{
	return (struct accept_check){ .store = s->delivery->store,
		                      .settings = s->settings,
		                      .account = s->envelope.submitter,
		                      .from = s->envelope.sender,
		                      .size = s->body.n,
		                      .anywhere = true };
}

static bool sender_good(struct run *r)
{
	struct submit *s = r->s;
	struct str header = str_sub(s->body, 0, header_size(s->body));
	struct smtp_answer answer = { 0 };
	struct store_stats stats;
	struct accept_check look;

	(void)rewrite_address(s->settings, REWRITE_SENDER, true, r->a, &s->envelope.sender);
	look = look_of(s);
	store_stats(s->delivery->store, &stats);
	if (stats.full)
		return refuse(r, 452, "4.3.1", "the disk is full, try again later");
	if (s->body.n > s->settings->message_size)
		return refuse(r, 552, "5.3.4", "message too big");
	if (header.n > LIMIT_mime_header)
		return refuse(r, 552, "5.3.4", "message header too big");
	if (received_count(header) > LIMIT_smtp_hops) /* RFC 5321 6.3 */
		return refuse(r, 554, "5.4.6", "routing loop: too many Received fields");
	if (s->envelope.not_before_ms > clock_real_ms() + (int64_t)LIMIT_smtp_hold_s * 1000)
		return refuse(r, 501, "5.5.4", "that is too far ahead"); /* RFC 4865 4.2 */
	if (accept_sender(&look, &answer) && accept_author(&look, header, &answer))
		return true;
	*r->answer = answer_of(&answer);
	return false;
}

static bool rcpt_good(struct run *r, struct submit_rcpt *to)
{
	const struct accept_check look = look_of(r->s);
	struct mailaddr written = to->rcpt.address;
	struct smtp_answer answer;
	size_t targets;

	if (r->target_count >= LIMIT_smtp_targets) {
		to->answer = answer_of(&accept_too_many);
		return false;
	}
	if (rewrite_address(r->s->settings, REWRITE_RCPT, true, r->a, &to->rcpt.address))
		to->rcpt.written = written;
	if (!accept_recipient(&look, &to->rcpt.address, &targets, &answer)) {
		to->answer = answer_of(&answer);
		return false;
	}
	if (r->policy != NULL)
		r->policy->rcpt = to->rcpt.address;
	if (!asked(r, POLICY_RCPT, &to->answer))
		return false;
	r->target_count += targets;
	to->rcpt.actions = policy_verdict_actions(&r->verdict, r->a);
	return true;
}

static bool rcpts_good(struct run *r)
{
	struct submit *s = r->s;

	s->envelope.rcpts = arena_array(r->a, struct envelope_rcpt, s->rcpt_count);
	for (size_t i = 0; i < s->rcpt_count; i++) {
		struct submit_rcpt *to = &s->rcpts[i];

		to->answer = (struct submit_answer){ 0 };
		if (rcpt_good(r, to))
			s->envelope.rcpts[s->envelope.rcpt_count++] = to->rcpt;
		else
			tell(r, mailaddr_text(r->a, &to->rcpt.address), &to->answer);
	}
	if (s->envelope.rcpt_count == s->rcpt_count ||
	    (s->envelope.rcpt_count != 0 && !s->all))
		return true;
	for (size_t i = 0; i < s->rcpt_count && r->answer->code == 0; i++)
		*r->answer = s->rcpts[i].answer;
	return false;
}

/* --- the message ------------------------------------------------------------------------------ */

static void fields_put(struct run *r)
{
	const struct submit *s = r->s;
	const struct accept_trace t = {
		.helo = s->envelope.session.service,
		.hostname = s->settings->hostname,
		.tls = s->tls,
		.id = s->envelope.session.id,
		.http = true,
		.only_rcpt = s->envelope.rcpt_count == 1 ? &s->envelope.rcpts[0].address : NULL,
		.from = &s->envelope.sender,
		.now_ms = clock_real_ms(),
	};

	accept_trace_received_put(&r->trace, &t);
	accept_trace_missing_put(&r->trace, str_sub(s->body, 0, header_size(s->body)), &t);
}

struct discarded {
	const struct submit *s;
	const struct delivery_message *m;
};

/* Dropped by a check: its sender is told so by its state. */
static enum err sent_keep(struct txn *t, void *arg)
{
	const struct discarded *d = arg;
	const struct delivery_message *m = d->m;
	struct sent_new new = *m->sent;
	struct sent_rcpt *rcpts = arena_array(txn_arena(t), struct sent_rcpt, new.rcpt_count);

	for (size_t i = 0; i < new.rcpt_count; i++) {
		rcpts[i] = new.rcpts[i];
		if (rcpts[i].state != SENT_QUEUED)
			continue;
		rcpts[i].state = SENT_DROPPED;
		rcpts[i].reply = m->discard;
	}
	new.rcpts = rcpts;
	return sent_put(t, &new, d->s->settings->queue_history_days);
}

static enum err discard(const struct submit *s, struct delivery_message *m)
{
	struct discarded d = { s, m };
	enum err e = m->sent != NULL ? store_write(s->delivery->store, sent_keep, &d, NULL) : OK;

	return e == OK ? delivery_discard(s->delivery, m, NULL) : e;
}

static enum err deliver(struct run *r, struct smtp_answer *answer)
{
	struct submit *s = r->s;
	struct delivery_message m = {
		.envelope = s->envelope,
		.body = s->body,
		.sent = s->sent != NULL ? s->sent(s, s->arg) : NULL,
		.ours = true,
	};
	enum err e = accept_checked(r->policy, &r->changed, &r->trace, r->a, &m);

	if (e)
		return e == ERR_FULL ? e : ERR_IO;
	m.envelope.flags |= utf8_ascii(m.body) ? 0u : ENVELOPE_8BIT;
	if (m.discard.n != 0)
		return discard(s, &m);
	return accept_deliver(s->delivery, &m, r->a, answer);
}

static enum err delivered(struct run *r)
{
	struct smtp_answer filters = { 0 };
	enum err e = deliver(r, &filters);

	if (e == OK)
		metric_add(METRIC_submission_messages, 1);
	if (e == OK || e == ERR_CONFLICT)
		return e;
	*r->answer = answer_of(filters.code != 0 ? &filters : accept_error_answer(e));
	return ERR_DENIED;
}

/* False: refused. */
static bool message_asked(struct run *r)
{
	if (!asked(r, POLICY_DATA, r->answer))
		return false;
	fields_put(r);
	if (r->policy != NULL) {
		r->policy->received = buf_str(&r->trace);
		r->policy->message = r->s->body;
	}
	return asked(r, POLICY_END, r->answer);
}

/* Do programs elsewhere have a say, so that this one may have to wait for them? */
static bool others_asked(const struct submit *s)
{
	return s->policy != NULL && (s->settings->milters.n != 0 || s->settings->hooks.n != 0);
}

enum err submit_run(struct submit *s, struct arena *a, struct submit_answer *answer)
{
	struct run r = { .s = s, .a = a, .answer = answer };
	struct submit_room room;
	char peer[ADDR_TEXT_MAX];
	enum err e = ERR_DENIED;

	*answer = (struct submit_answer){ 0 };
	s->envelope.session.service = s->service.n != 0 ? s->service : STR("api");
	s->envelope.session.peer = addr_ip_text(&s->peer, peer);
	if (!submit_room_take(&room, s->envelope.submitter, others_asked(s))) {
		refuse(&r, 451, "4.3.2", "too much is being sent at once, try again soon");
		return ERR_DENIED;
	}
	buf_init(&r.trace, TRACE_MAX);
	spool_init(&r.changed, s->delivery->store, UINT64_MAX);
	if (sender_good(&r) && session_asked(&r) && rcpts_good(&r) && message_asked(&r))
		e = delivered(&r);
	if (e == ERR_DENIED)
		tell(&r, STR_EMPTY, answer);
	policy_session_free(s->policy, &r.policy);
	spool_deinit(&r.changed);
	buf_deinit(&r.trace);
	submit_room_give(&room);
	return e;
}
