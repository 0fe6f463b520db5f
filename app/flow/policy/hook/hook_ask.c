/* flow/policy/hook/hook_ask.c: a request to a hook and its response; see hook_ask.h. */
#include "flow/policy/hook/hook_ask.h"

#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "model/webhook/request.h"

enum { ID_LETTERS = 26 };

/* RFC 9110 15.3.5: 204 has no body, and accepts. */
static enum err hook_ask_answer(const struct httpc_response *response, struct arena *a,
                                struct hook_answer *out, struct why *why)
{
	if (response->status == 204) {
		*out = (struct hook_answer){ .text = STR("") };
		return OK;
	}
	if (response->status != 200)
		return fail(why, ERR_RETRY, "it answers %u", response->status);
	return hook_answer_parse(response->body, a, out, why);
}

enum err hook_ask(struct policy_run *r, const struct hook_rule *rule, int64_t last_ms,
                  struct hook_answer *out, struct why *why)
{
	struct arena *a = policy_arena(r);
	struct webhook_request request = {
		.url = rule->url,
		.secret = rule->secret,
		.id = str_fmt(a, "msg_%.*s", STR_ARG(random_name(a, ID_LETTERS))),
		.dns_servers = policy_settings(r)->dns_servers,
		.deadline_ms = MIN(clock_mono_ms() + rule->timeout_ms, last_ms),
		.answer_max = LIMIT_hook_answer,
	};
	struct httpc_response response = { .status = 0 };
	struct hook_question q;
	struct buf body;
	enum err e;

	hook_question_fill(r, rule, request.id, &q);
	buf_init(&body, LIMIT_hook_request);
	hook_question_put(&body, &q, a);
	request.body = buf_str(&body);
	if (buf_ok(&body))
		e = webhook_post(&request, a, &response, why);
	else
		e = fail(why, ERR_LIMIT, "the message's header is too long to ask about");
	buf_deinit(&body);
	return e == OK ? hook_ask_answer(&response, a, out, why) : e;
}
