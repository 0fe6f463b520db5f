/* protocols/smtp_in/data.c: DATA: receive the message, check it, hand it to delivery/. */
#include "flow/acceptance/addresses.h"
#include "flow/delivery/delivery.h"
#include "flow/policy/authentication/prefetch.h"
#include "flow/policy/authentication/signatures.h"
#include "flow/policy/policy.h"
#include "formats/message/header.h"
#include "formats/message/received.h"
#include "foundation/base/clock.h"
#include "foundation/base/map.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "network/runtime/conn.h"
#include "protocols/smtp_in/deliver.h"
#include "protocols/smtp_in/policy.h"
#include "protocols/smtp_in/trace.h"

#include <string.h>

enum {
	TRACE_MAX = 64 << 10,
	AHEAD_MAX = 64 << 10, /* a header that is longer is not waited for */
};

static const struct smtp_answer accepted = { 250, "2.0.0", "accepted" };
static const struct smtp_answer smuggled = {
	554, "5.6.0", "message contains bare CR, bare LF or NUL"
};
/* RFC 5322 2.2.3: it would be read as more of the last field that we put in front. */
static const struct smtp_answer headless = { 554, "5.6.0",
	                                     "message must not start with white space" };
static const struct smtp_answer looping = { 554, "5.4.6",
	                                    "routing loop: too many Received fields" };
static const struct smtp_answer too_big = { 552, "5.3.4", "message too big" };

void in_data_begin(struct in_session *s)
{
	s->data = NEW(struct in_data);
	spool_init(&s->data->spool, s->config->store, s->settings->message_size);
	spool_init(&s->data->changed, s->config->store, UINT64_MAX);
	buf_init(&s->data->trace, TRACE_MAX);
}

static void data_answer(struct in_session *s, const struct policy_verdict *v)
{
	if (in_policy_refused(s, v)) {
		if (s->state != IN_CLOSED)
			in_reset(s);
		return;
	}
	in_data_begin(s);
	conn_deadline(s->c, LIMIT_smtp_data_ms);
	in_enter(s, IN_DATA);
	in_reply(s, 354, "", "end data with <CR><LF>.<CR><LF>");
}

void in_data(struct in_session *s, struct str args)
{
	(void)args;
	if (s->mail.envelope.flags & ENVELOPE_BINARY) { /* RFC 3030 3 */
		in_bad(s, 503, "5.5.1", "BODY=BINARYMIME requires BDAT");
		return;
	}
	in_policy_ask(s, POLICY_DATA, data_answer);
}

void in_data_free(struct in_session *s)
{
	if (s->data == NULL)
		return;
	spool_deinit(&s->data->spool);
	spool_deinit(&s->data->changed);
	buf_deinit(&s->data->trace);
	mem_clear(&s->data);
}

static const struct smtp_answer big_header = { 552, "5.3.4", "message header too big" };

static const struct smtp_answer *answer_of(enum err e)
{
	return e == OK ? &accepted : accept_error_answer(e);
}

/* The answer of filters takes precedence. */
static const struct smtp_answer *answer_for(struct in_session *s, enum err e,
                                            const struct smtp_answer *filters)
{
	struct smtp_answer *copy;

	if (filters->code == 0)
		return answer_of(e);
	copy = arena_new(&s->mail_arena, struct smtp_answer);
	*copy = *filters;
	return copy;
}

/* --- may it come in? ------------------------------------------------------------- */

/* Checks of the bytes alone. */
static const struct smtp_answer *fault_of(const struct in_data *d)
{
	if (d->wire.lone || d->lines.lone)
		return &smuggled;
	if (d->error == ERR_LIMIT)
		return &too_big;
	if (d->error != OK)
		return accept_error_answer(d->error == ERR_FULL ? ERR_FULL : ERR_IO);
	return NULL;
}

static const struct smtp_answer *author_judge(struct in_session *s, struct str header)
{
	const struct accept_check look = { .store = s->config->store,
		                      .settings = s->settings,
		                      .account = s->login.login.account };

	return accept_author(&look, header, &s->data->answer) ? &accepted : &s->data->answer;
}

static const struct smtp_answer *judge(struct in_session *s, struct str *body)
{
	struct in_data *d = s->data;
	struct str header;

	d->lines.lone |= d->lines.cr;
	if (fault_of(d) == NULL)
		d->error = spool_view(&d->spool, body);
	if (fault_of(d) != NULL)
		return fault_of(d);
	header = str_sub(*body, 0, header_size(*body));
	if (header.n > LIMIT_mime_header) /* filters see its fields one by one */
		return &big_header;
	if (str_starts(*body, STR(" ")) || str_starts(*body, STR("\t")))
		return &headless;
	if ((s->mail.envelope.flags & ENVELOPE_BINARY) && !lines_text_strict(header))
		return &smuggled;
	if (received_count(header) > LIMIT_smtp_hops) /* RFC 5321 6.3 */
		return &looping;
	return s->role == SMTP_SUBMISSION ? author_judge(s, header) : &accepted;
}

static void refused(struct in_session *s, const struct smtp_answer *a)
{
	struct str body = STR_EMPTY;

	if (s->data->told)
		return;
	s->data->told = true;
	event(mail_refused, conn_id(s->c), ev_z(conn_service(s->c)->name),
	      ev_str(conn_peer_text(s->c)), ev_str(in_addr_text(s, &s->mail.envelope.sender)),
	      ev_int(a->code), ev_z(a->text));
	metric_add(METRIC_smtp_in_refused, 1);
	if (s->data->error != OK || spool_view(&s->data->spool, &body) != OK)
		body = STR_EMPTY; /* what there is of it does not matter */
	in_trace_mail(s, &s->mail.envelope.sender, body, a->code, a->enhanced, a->text);
}

const struct smtp_answer *in_data_fault(struct in_session *s)
{
	const struct smtp_answer *fault = fault_of(s->data);

	if (fault != NULL)
		refused(s, fault);
	return fault;
}

static void over(struct in_session *s)
{
	in_reset(s);
	conn_deadline(s->c, LIMIT_smtp_idle_ms);
}

static void accepted_count(struct in_session *s)
{
	s->messages++;
	s->commands = 0;
	if (conn_trust(s->c) == CONN_TRUST_NONE)
		conn_trust_set(s->c, CONN_TRUST_MAIL);
	metric_add(s->role == SMTP_SUBMISSION ? METRIC_submission_messages
	                                      : METRIC_smtp_in_messages,
	           1);
}

/* RFC 2033 4.2: LMTP has an answer for each recipient. */
static void rcpt_say(struct in_session *s, size_t i, const struct smtp_answer *a)
{
	struct str rcpt = in_addr_text(s, envelope_rcpt_written(&s->mail.envelope.rcpts[i]));

	if (a != &accepted) {
		in_trace_rcpt(s, &s->mail.envelope.rcpts[i].address, a->code, a->enhanced, a->text);
		in_reply(s, a->code, a->enhanced, "<%.*s> %s", STR_ARG(rcpt), a->text);
	} else {
		in_reply(s, a->code, a->enhanced, "<%.*s> %s as %.*s", STR_ARG(rcpt), a->text,
		         STR_ARG(s->mail.envelope.mail_id));
	}
}

static void finish(struct in_session *s, const struct smtp_answer *a)
{
	if (a == &accepted)
		accepted_count(s);
	else
		refused(s, a);
	for (size_t i = 0; s->role == SMTP_LMTP && i < s->mail.envelope.rcpt_count; i++)
		rcpt_say(s, i, a);
	if (s->role != SMTP_LMTP && a == &accepted)
		in_reply(s, a->code, a->enhanced, "%s as %.*s", a->text,
		         STR_ARG(s->mail.envelope.mail_id));
	else if (s->role != SMTP_LMTP)
		in_reply(s, a->code, a->enhanced, "%s", a->text);
	over(s);
}

/* --- the end of the message -------------------------------------------------------- */

/* To those whom filters have left in, or have taken out, and whose mail is in quarantine, or is
 * not; true when one was taken. */
static bool deliver_some(struct in_session *s, const struct delivery_message *m, bool left_in,
                         bool quarantine, const struct smtp_answer **answers)
{
	struct smtp_answer filters;
	bool any = false;
	enum err e;

	for (size_t i = 0; i < s->mail.envelope.rcpt_count; i++) {
		const struct envelope_rcpt *rcpt = &s->mail.envelope.rcpts[i];

		if (in_deliver_leaves(m, rcpt) != left_in ||
		    (actions_quarantined(rcpt->actions).n != 0) != quarantine ||
		    answers[i] != NULL)
			continue;
		e = in_deliver_one(s, m, rcpt, &filters);
		answers[i] = answer_for(s, e, &filters);
		any = any || answers[i] == &accepted;
	}
	return any;
}

/* An account that several recipients reach gets one copy, by a recipient without quarantine if
 * possible. */
static bool deliver_to(struct in_session *s, const struct delivery_message *m, bool left_in,
                       const struct smtp_answer **answers)
{
	bool any = deliver_some(s, m, left_in, false, answers);

	return deliver_some(s, m, left_in, true, answers) || any;
}

/* Those whom filters have added get theirs once somebody has: who is tried again would otherwise
 * give them a copy each time. When nobody has but who was taken out, theirs is all that is left of
 * the message, so its failure is what the others hear. */
static void deliver_added(struct in_session *s, const struct delivery_message *m, bool taken,
                          const struct smtp_answer **answers)
{
	bool out = false;
	enum err e;

	for (size_t i = 0; i < s->mail.envelope.rcpt_count; i++)
		out = out || answers[i] == NULL;
	e = taken || out ? in_deliver_added(s, m) : OK;
	if (e == OK)
		return;
	event(mail_copy_failed, conn_id(s->c), ev_z(answer_of(e)->text));
	for (size_t i = 0; i < s->mail.envelope.rcpt_count && !taken; i++)
		if (answers[i] == NULL)
			answers[i] = answer_of(e);
}

static void deliver_each(struct in_session *s, struct str body)
{
	const struct smtp_answer **answers;
	struct delivery_message m;
	struct map met = { 0 };
	struct delivery_prepared prepared = { 0 };
	enum err e = in_deliver_message(s, body, &m);
	bool any;

	if (e || m.discard.n != 0) {
		e = e ? e : delivery_discard(s->config->delivery, &m, NULL);
		finish(s, answer_of(e == OK || e == ERR_FULL ? e : ERR_IO));
		return;
	}
	answers = arena_array(&s->mail_arena, const struct smtp_answer *,
	                      s->mail.envelope.rcpt_count);
	m.met = &met;
	m.prepared = &prepared;
	any = deliver_to(s, &m, true, answers);
	deliver_added(s, &m, any, answers);
	any = deliver_to(s, &m, false, answers) || any;
	map_deinit(&met);
	delivery_prepared_deinit(&prepared);
	for (size_t i = 0; i < s->mail.envelope.rcpt_count; i++)
		rcpt_say(s, i, answers[i]);
	if (any)
		accepted_count(s);
	over(s);
}

/* An answer to the end of the message: LMTP has one for each recipient. */
static bool refused_at_end(struct in_session *s, const struct policy_verdict *v)
{
	if (!in_policy_refused_each(s, v, s->role == SMTP_LMTP ? s->mail.envelope.rcpt_count : 1))
		return false;
	if (s->state != IN_CLOSED)
		over(s);
	return true;
}

static void end_answer(struct in_session *s, const struct policy_verdict *v)
{
	struct str body = STR_EMPTY;
	struct smtp_answer filters;
	enum err e;

	if (refused_at_end(s, v))
		return;
	if (spool_view(&s->data->spool, &body) != OK) {
		finish(s, answer_of(ERR_IO));
	} else if (s->role == SMTP_LMTP) {
		deliver_each(s, body);
	} else {
		e = in_deliver(s, body, &filters);
		finish(s, answer_for(s, e, &filters));
	}
}

static void end_ask(struct in_session *s, const struct policy_verdict *v)
{
	struct str body = STR_EMPTY;
	const struct smtp_answer *a;

	if (refused_at_end(s, v))
		return;
	a = judge(s, &body);
	if (a != &accepted) {
		finish(s, a);
		return;
	}
	in_deliver_trace(s, str_sub(body, 0, header_size(body)));
	if (s->policy != NULL) {
		s->policy->received = buf_str(&s->data->trace);
		s->policy->message = body;
	}
	in_policy_ask(s, POLICY_END, end_answer);
}

/* The checks of DATA have not run for a message in chunks: BDAT does not wait for a reply. */
void in_data_finish(struct in_session *s)
{
	static const struct policy_verdict pass = { .kind = POLICY_PASS };

	if (s->data->until_ms != 0)
		in_policy_ask(s, POLICY_DATA, end_ask);
	else
		end_ask(s, &pass);
}

/* The needs of the final checks are known when the header has arrived. */
void in_data_ahead(struct in_session *s)
{
	struct in_data *d = s->data;
	struct str all;
	ptrdiff_t end;
	size_t header;

	if (d->ahead || s->policy == NULL || d->spool.size > AHEAD_MAX ||
	    spool_view(&d->spool, &all) != OK)
		return;
	end = str_find(str_sub(all, d->looked, all.n), STR("\r\n\r\n"));
	if (end < 0) {
		d->looked = MAX(all.n, (size_t)3) - 3;
		return;
	}
	d->ahead = true;
	header = d->looked + (size_t)end + 2;
	policy_ahead(s->config->policy, s->policy, str_sub(all, 0, header));
	signatures_body(s->policy, str_sub(all, header + 2, all.n));
}

void in_data_more(struct in_session *s, struct str bytes)
{
	struct in_data *d = s->data;

	if (d->error == OK)
		d->error = spool_put(&d->spool, bytes);
	if (d->ahead && d->error == OK)
		signatures_body(s->policy, bytes);
}

bool in_data_input(struct in_session *s)
{
	struct str all = conn_input(s->c), in = all, out;
	struct in_data *d = s->data;

	if (all.n == 0)
		return false;
	while (in.n != 0 && d->wire.state != DATA_END) {
		smtp_data_next(&d->wire, &in, &out);
		in_data_more(s, out);
	}
	conn_consume(s->c, all.n - in.n);
	if (d->wire.state == DATA_END)
		in_data_finish(s);
	else
		in_data_ahead(s);
	return true;
}
