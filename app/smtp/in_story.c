/* smtp/in_story.c: see in_story.h. */
#include "smtp/in_story.h"

#include "base/clock.h"
#include "delivery/story.h"
#include "message/header.h"
#include "net/conn.h"
#include "trace/trace.h"

static void tell(struct in_session *s, struct trace *trace, struct trace_step *step,
                 struct str reply)
{
	trace->session = conn_id(s->c);
	trace->service = str_of(conn_service(s->c)->name);
	trace->peer = conn_peer_text(s->c);
	trace->steps = step;
	trace->step_count = 1;
	*step = (struct trace_step){ .time_ms = clock_real_ms(),
		                     .what = TRACE_REFUSED,
		                     .who = trace->to_count == 1 ? trace->to[0] : STR_EMPTY,
		                     .detail = reply };
	trace_refused(s->config->delivery->traces, trace);
}

void in_story_rcpt(struct in_session *s, const struct mailaddr *rcpt, unsigned code,
                   const char *enhanced, const char *text)
{
	struct str to = in_addr_text(s, rcpt);
	struct trace trace = { .from = in_addr_text(s, &s->mail.from), .to = &to, .to_count = 1 };
	struct trace_step step;

	tell(s, &trace, &step, str_fmt(&s->mail_arena, "%u %s %s", code, enhanced, text));
}

void in_story_mail(struct in_session *s, const struct mailaddr *from, struct str body,
                   unsigned code, const char *enhanced, const char *text)
{
	struct trace trace = {
		.from = in_addr_text(s, from),
		.message_id = story_message_id(str_sub(body, 0, header_size(body))),
		.size_bytes = body.n,
		.to = arena_array(&s->mail_arena, struct str, s->mail.rcpt_count),
		.to_count = s->mail.rcpt_count,
	};
	struct trace_step step;

	for (size_t i = 0; i < trace.to_count; i++)
		trace.to[i] = in_addr_text(s, &s->mail.rcpts[i]);
	tell(s, &trace, &step, str_fmt(&s->mail_arena, "%u %s %s", code, enhanced, text));
}
