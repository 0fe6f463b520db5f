/* protocols/smtp_in/trace.c: see trace.h. */
#include "protocols/smtp_in/trace.h"

#include "flow/delivery/delivery_trace.h"
#include "flow/policy/policy.h"
#include "formats/message/header.h"
#include "foundation/base/clock.h"
#include "model/history/trace.h"
#include "network/runtime/conn.h"

#include <string.h>

/* The findings of checks that are not reported yet, then the reply. */
static void tell(struct in_session *s, struct trace *trace, struct str reply)
{
	struct trace_step *steps = NULL;
	struct arena a = { 0 };
	size_t n = 0;

	if (s->policy != NULL)
		n = policy_steps(s->policy, true, &a, &steps);
	trace->session = conn_id(s->c);
	trace->service = str_of(conn_service(s->c)->name);
	trace->peer = conn_peer_text(s->c);
	trace->step_count = n + 1;
	trace->steps = arena_array(&a, struct trace_step, trace->step_count);
	if (n != 0)
		memcpy(trace->steps, steps, n * sizeof *steps);
	trace->steps[n] = (struct trace_step){ .time_ms = clock_real_ms(),
		                               .what = TRACE_REFUSED,
		                               .who = trace->to_count == 1 ? trace->to[0]
		                                                           : STR_EMPTY,
		                               .detail = reply };
	trace_refused(s->config->delivery->traces, trace);
	arena_deinit(&a);
}

void in_trace_rcpt(struct in_session *s, const struct mailaddr *rcpt, unsigned code,
                   const char *enhanced, const char *text)
{
	struct str to = in_addr_text(s, rcpt);
	struct trace trace = { .from = in_addr_text(s, &s->mail.envelope.sender),
		               .to = &to,
		               .to_count = 1 };

	tell(s, &trace, str_fmt(&s->scratch, "%u %s %s", code, enhanced, text));
}

void in_trace_mail(struct in_session *s, const struct mailaddr *from, struct str body,
                   unsigned code, const char *enhanced, const char *text)
{
	struct trace trace = {
		.from = in_addr_text(s, from),
		.message_id = story_message_id(str_sub(body, 0, header_size(body))),
		.size_bytes = body.n,
		.to = arena_array(&s->scratch, struct str, s->mail.envelope.rcpt_count),
		.to_count = s->mail.envelope.rcpt_count,
	};

	for (size_t i = 0; i < trace.to_count; i++)
		trace.to[i] = in_addr_text(s, &s->mail.envelope.rcpts[i].address);
	tell(s, &trace, str_fmt(&s->scratch, "%u %s %s", code, enhanced, text));
}

static const char *one_line(struct arena *a, struct str text)
{
	char *z = (char *)str_z(a, text);

	for (char *p = z; (p = strchr(p, '\n')) != NULL;)
		*p = ' ';
	return z;
}

void in_trace_policy(struct in_session *s, const struct policy_verdict *v)
{
	const struct policy_session *p = s->policy;
	struct arena *a = &s->scratch;
	const char *enhanced = str_z(a, v->enhanced), *text = one_line(a, v->text);

	if (s->mail.asked.address.local.n != 0)
		in_trace_rcpt(s, &s->mail.asked.address, v->code, enhanced, text);
	else
		in_trace_mail(s, &p->envelope.sender, p->message, v->code, enhanced, text);
}
