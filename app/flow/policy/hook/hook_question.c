/* flow/policy/hook/hook_question.c: the data of a request; see hook_ask.h. */
#include "flow/policy/authentication/verified.h"
#include "flow/policy/hook/hook_ask.h"
#include "flow/policy/view.h"
#include "formats/message/header.h"
#include "foundation/base/clock.h"

#include <string.h>

static const struct hook_pair *params_of(const struct policy_session *s, struct arena *a)
{
	struct hook_pair *pairs = arena_array(a, struct hook_pair, s->param_count);

	for (size_t i = 0; i < s->param_count; i++)
		pairs[i] = (struct hook_pair){ s->params[i].keyword, s->params[i].value };
	return pairs;
}

static const struct mailaddr *rcpts_of(const struct policy_session *s, struct arena *a)
{
	struct mailaddr *rcpts = arena_array(a, struct mailaddr, s->envelope.rcpt_count);

	for (size_t i = 0; i < s->envelope.rcpt_count; i++)
		rcpts[i] = s->envelope.rcpts[i].address;
	return rcpts;
}

/* Unfolded into one line. */
static struct str question_value_of(const struct view_field *f, struct arena *a)
{
	struct str value = str_sub(f->raw, (size_t)str_find_byte(f->raw, ':') + 1, f->raw.n);

	return str_trim(header_unfold(a, value));
}

static void fields_fill(const struct policy_view *v, struct arena *a, struct hook_question *q)
{
	struct hook_pair *pairs = arena_array(a, struct hook_pair, v->count);

	for (size_t i = 0; i < v->count; i++) {
		const struct view_field *f = &v->fields[i];

		if (f->name.n != 0 && !f->own)
			pairs[q->field_count++] =
				(struct hook_pair){ f->name, question_value_of(f, a) };
	}
	q->fields = pairs;
}

/* The message with earlier changes, without our Received. */
static struct str raw_of(const struct policy_view *v, struct arena *a)
{
	struct str rest = policy_view_rest(v), text;
	size_t n = rest.n + 1;
	struct buf b;

	for (size_t i = 0; i < v->count; i++)
		n += v->fields[i].raw.n;
	buf_init(&b, n);
	for (size_t i = 0; i < v->count; i++)
		if (!v->fields[i].own)
			buf_put(&b, v->fields[i].raw);
	buf_put(&b, rest);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static void message_fill(struct policy_run *r, const struct hook_rule *rule,
                         struct hook_question *q)
{
	const struct policy_session *s = policy_of(r);
	struct arena *a = policy_arena(r);
	struct policy_view v;

	policy_view_init(&v, s->received, policy_results_of(r), s->message, a);
	policy_view_changes(&v, &s->changes);
	q->message = true;
	q->size = s->message.n;
	fields_fill(&v, a, q);
	if (rule->full && s->message.n <= rule->max)
		q->raw = raw_of(&v, a);
}

void hook_question_fill(struct policy_run *r, const struct hook_rule *rule, struct str id,
                        struct hook_question *out)
{
	const struct policy_session *s = policy_of(r);
	enum policy_stage stage = policy_stage(r);

	*out = (struct hook_question){
		.id = id,
		.stage = policy_stage_name(stage),
		.time_ms = clock_real_ms(),
		.session = s->id,
		.service = s->service,
		.hostname = s->hostname,
		.peer = s->peer_text,
		.port = s->peer.port,
		.helo = s->helo,
		.tls = s->tls,
		.login = s->login,
		.mail = stage >= POLICY_MAIL,
		.from = &s->envelope.sender,
		.params = params_of(s, policy_arena(r)),
		.param_count = s->param_count,
		.rcpts = rcpts_of(s, policy_arena(r)),
		.rcpt_count = s->envelope.rcpt_count,
		.rcpt = stage == POLICY_RCPT ? &s->rcpt : NULL,
	};
	if (stage == POLICY_END)
		message_fill(r, rule, out);
}
