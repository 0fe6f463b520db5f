/* operations/dns_update/hook.c: see hook.h. */
#include "operations/dns_update/hook.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/text/json.h"
#include "network/http_client/httpc.h"
#include "operations/dns_update/program.h"

enum { ANSWER_MAX = 16 << 10, LINE_BYTES = 200 };

static bool is_url(struct str hook)
{
	return str_startsi(hook, STR("https://")) || str_startsi(hook, STR("http://"));
}

enum err hook_check(struct str hook, struct why *why)
{
	if (hook.n == 0 || is_url(hook) || hook.p[0] == '/')
		return OK;
	return fail(why, ERR_SYNTAX,
	            "ROOST_DNS_UPDATE_HOOK: give the whole path of a program, or a URL");
}

static const char *action_of(const struct hook_request *request)
{
	return request->add ? "add" : "remove";
}

/* --- a URL ------------------------------------------------------------------------------- */

/* The first line of a response, safe for the log. */
static struct str first_line(struct str body, struct arena *a)
{
	struct str line;
	struct buf b;

	buf_init(&b, LINE_BYTES);
	for (size_t i = 0; i < body.n && body.p[i] != '\n' && b.n < LINE_BYTES; i++)
		buf_byte(&b, body.p[i] < ' ' || body.p[i] > '~' ? ' ' : body.p[i]);
	line = str_dup(a, str_trim(buf_str(&b)));
	buf_deinit(&b);
	return line;
}

static enum err url(const struct hook *hook, const struct hook_request *request, struct arena *a,
                    struct why *why)
{
	struct httpc_request q = { .method = "POST",
		                   .url = hook->to,
		                   .type = "application/json",
		                   .deadline_ms = clock_mono_ms() + HOOK_MS,
		                   .answer_max = ANSWER_MAX };
	struct httpc_response r;
	struct json_writer w;
	struct buf b;
	enum err e;

	buf_init(&b, KIB(8));
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	json_put_str(&w, "action", str_of(action_of(request)));
	json_put_str(&w, "type", str_of(request->type));
	json_put_str(&w, "name", request->name);
	json_put_str(&w, "value", request->value);
	json_close(&w);
	q.body = buf_str(&b);
	e = httpc_ask(hook->http, &q, a, &r, why);
	buf_deinit(&b);
	if (e)
		return fail_about(why, e == ERR_IO ? ERR_RETRY : e, "ROOST_DNS_UPDATE_HOOK");
	if (r.status < 200 || r.status > 299)
		return fail(why, ERR_DENIED, "ROOST_DNS_UPDATE_HOOK: it answered %u: %.*s",
		            r.status, STR_ARG(first_line(r.body, a)));
	return OK;
}

enum err hook_run(const struct hook *hook, const struct hook_request *request, struct arena *a,
                  struct why *why)
{
	const char *argv[] = { str_z(a, hook->to),     action_of(request), str_z(a, request->name),
		               str_z(a, request->value), request->type,      NULL };

	return is_url(hook->to) ? url(hook, request, a, why)
	                        : program_run(argv, hook->wait, hook->arg, why);
}
