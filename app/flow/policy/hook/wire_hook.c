/* flow/policy/hook/wire_hook.c: see wire_hook.h. */
#include "flow/policy/hook/wire_hook.h"

#include "flow/policy/reply_code.h"
#include "foundation/base/buf.h"
#include "foundation/text/base64.h"
#include "foundation/text/json.h"

/* --- the request -------------------------------------------------------------- */

static void known_put(struct json_writer *w, const char *name, struct str s)
{
	if (s.n != 0)
		json_put_str(w, name, s);
	else
		json_put_null(w, name);
}

static void session_put(struct json_writer *w, const struct hook_question *q)
{
	json_open(w, "session", '{');
	json_put_str(w, "id", q->session);
	json_put_str(w, "service", q->service);
	json_put_str(w, "hostname", q->hostname);
	known_put(w, "peer", q->peer);
	json_put_u64(w, "port", q->port);
	known_put(w, "helo", q->helo);
	known_put(w, "tls", q->tls);
	known_put(w, "login", q->login);
	json_close(w);
}

static void mail_put(struct json_writer *w, const struct hook_question *q, struct arena *a)
{
	json_open(w, "mail", '{');
	json_put_str(w, "from", mailaddr_text(a, q->from));
	json_open(w, "params", '[');
	for (size_t i = 0; i < q->param_count; i++) {
		json_open(w, NULL, '{');
		json_put_str(w, "name", q->params[i].name);
		json_put_str(w, "value", q->params[i].value);
		json_close(w);
	}
	json_close(w);
	json_open(w, "recipients", '[');
	for (size_t i = 0; i < q->rcpt_count; i++)
		json_put_str(w, NULL, mailaddr_text(a, &q->rcpts[i]));
	json_close(w);
	if (q->rcpt != NULL)
		json_put_str(w, "recipient", mailaddr_text(a, q->rcpt));
	json_close(w);
}

static void raw_put(struct json_writer *w, struct str raw, struct arena *a)
{
	struct buf b;

	buf_init(&b, raw.n / 3 * 4 + 8);
	base64_put(&b, raw);
	json_put_str(w, "raw", buf_str(&b));
	buf_deinit(&b);
	(void)a;
}

static void hook_message_put(struct json_writer *w, const struct hook_question *q, struct arena *a)
{
	json_open(w, "message", '{');
	json_put_u64(w, "size", q->size);
	json_open(w, "headers", '[');
	for (size_t i = 0; i < q->field_count; i++) {
		json_open(w, NULL, '{');
		json_put_str(w, "name", q->fields[i].name);
		json_put_str(w, "value", q->fields[i].value);
		json_close(w);
	}
	json_close(w);
	if (q->raw.p != NULL)
		raw_put(w, q->raw, a);
	json_close(w);
}

void hook_question_put(struct buf *out, const struct hook_question *q, struct arena *a)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_open(&w, NULL, '{');
	json_put_str(&w, "id", q->id);
	json_put_str(&w, "stage", str_of(q->stage));
	json_put_time(&w, "time", q->time_ms);
	session_put(&w, q);
	if (q->mail)
		mail_put(&w, q, a);
	if (q->message)
		hook_message_put(&w, q, a);
	json_close(&w);
}

/* --- the response --------------------------------------------------------------- */

static const char *const actions[HOOK_ACTIONS] = {
	[HOOK_ACCEPT] = "accept",   [HOOK_TEMPFAIL] = "tempfail",     [HOOK_REJECT] = "reject",
	[HOOK_DISCARD] = "discard", [HOOK_QUARANTINE] = "quarantine",
};

static bool hook_missing(struct json v)
{
	return json_kind(v) == JSON_MISSING || json_kind(v) == JSON_NULL;
}

static enum err action_parse(struct json v, enum hook_action *out, struct why *why)
{
	struct str name;

	*out = HOOK_ACCEPT;
	if (hook_missing(v))
		return OK;
	for (int i = 0; json_str(v, &name) && i < HOOK_ACTIONS; i++)
		if (str_eq(name, str_of(actions[i]))) {
			*out = (enum hook_action)i;
			return OK;
		}
	return fail(why, ERR_SYNTAX,
	            "action is accept, tempfail, reject, discard or quarantine");
}

static enum err code_parse(struct json doc, struct hook_answer *out, struct why *why)
{
	struct json code = json_get(doc, "code"), enhanced = json_get(doc, "enhanced");
	unsigned class = out->action == HOOK_TEMPFAIL ? 4 : 5;
	uint64_t n;

	if (!hook_missing(code)) {
		if (!json_u64(code, &n) || !reply_code_is(n, class) ||
		    out->action == HOOK_DISCARD)
			return fail(why, ERR_SYNTAX,
			            "code is 400 to 459 of tempfail, 500 to 559 of reject");
		out->code = (unsigned)n;
	}
	if (!hook_missing(enhanced) && (!json_str(enhanced, &out->enhanced) ||
	                                !reply_status_is(out->enhanced, class)))
		return fail(why, ERR_SYNTAX, "enhanced is a status code like \"%u.7.1\"", class);
	return OK;
}

static struct policy_change *change_new(struct hook_answer *out)
{
	return out->change_count < HOOK_CHANGES_MAX ? &out->changes[out->change_count++] : NULL;
}

static enum err index_parse(struct json v, uint32_t least, uint32_t *out, struct why *why)
{
	uint64_t n;

	*out = least;
	if (hook_missing(v))
		return OK;
	if (!json_u64(v, &n) || n < least || n > UINT32_MAX)
		return fail(why, ERR_SYNTAX, "index is a number, from %u", least);
	*out = (uint32_t)n;
	return OK;
}

/* {"op": "add" | "insert" | "set" | "delete", "name", "value", "index"} */
static enum err field_parse(struct json v, struct policy_change *c, struct why *why)
{
	struct str op;

	if (!json_str(json_get(v, "op"), &op) || !json_str(json_get(v, "name"), &c->name))
		return fail(why, ERR_SYNTAX, "a change of the header has op and name");
	if (str_eq(op, STR("delete"))) {
		c->kind = CHANGE_FIELD;
		return index_parse(json_get(v, "index"), 1, &c->index, why);
	}
	if (!json_str(json_get(v, "value"), &c->value) || c->value.n == 0)
		return fail(why, ERR_SYNTAX, "a change of the header has a value");
	if (str_eq(op, STR("add"))) {
		c->kind = CHANGE_ADD;
		return OK;
	}
	c->kind = str_eq(op, STR("insert")) ? CHANGE_INSERT : CHANGE_FIELD;
	if (c->kind == CHANGE_FIELD && !str_eq(op, STR("set")))
		return fail(why, ERR_SYNTAX, "op is add, insert, set or delete");
	return index_parse(json_get(v, "index"), c->kind == CHANGE_FIELD, &c->index, why);
}

static enum err fields_parse(struct json v, struct hook_answer *out, struct why *why)
{
	struct json_iter it = json_iter(v);
	enum err e = OK;

	if (!hook_missing(v) && json_kind(v) != JSON_ARRAY)
		return fail(why, ERR_SYNTAX, "headers is a list");
	while (e == OK && json_next(&it)) {
		struct policy_change *c = change_new(out);

		e = c != NULL ? field_parse(it.value, c, why)
		              : fail(why, ERR_LIMIT, "too many changes");
	}
	return e;
}

static enum err rcpts_parse(struct json v, enum policy_change_kind kind, struct hook_answer *out,
                            struct why *why)
{
	struct json_iter it = json_iter(v);

	if (!hook_missing(v) && json_kind(v) != JSON_ARRAY)
		return fail(why, ERR_SYNTAX, "recipients to add or delete are a list");
	while (json_next(&it)) {
		struct policy_change *c = change_new(out);

		if (c == NULL)
			return fail(why, ERR_LIMIT, "too many changes");
		c->kind = kind;
		if (!json_str(it.value, &c->value))
			return fail(why, ERR_SYNTAX, "a recipient is text");
	}
	return OK;
}

static enum err envelope_parse(struct json doc, struct hook_answer *out, struct why *why)
{
	struct json sender = json_get(doc, "sender"), rcpts = json_get(doc, "recipients");
	struct policy_change *c;
	enum err e = rcpts_parse(json_get(rcpts, "add"), CHANGE_RCPT_ADD, out, why);

	if (e == OK)
		e = rcpts_parse(json_get(rcpts, "delete"), CHANGE_RCPT_DELETE, out, why);
	if (e || hook_missing(sender))
		return e;
	if ((c = change_new(out)) == NULL)
		return fail(why, ERR_LIMIT, "too many changes");
	c->kind = CHANGE_SENDER;
	return json_str(sender, &c->value) ? OK : fail(why, ERR_SYNTAX, "sender is text");
}

static bool blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r' && s.p[i] != '\n')
			return false;
	return true;
}

enum err hook_answer_parse(struct str json, struct arena *a, struct hook_answer *out,
                           struct why *why)
{
	struct json doc, text;
	enum err e;

	*out = (struct hook_answer){ .text = STR("") };
	if (blank(json))
		return OK;
	if (!json_parse(a, json, &doc) || json_kind(doc) != JSON_OBJECT)
		return fail(why, ERR_SYNTAX, "the answer is no JSON object");
	out->changes = arena_array(a, struct policy_change, HOOK_CHANGES_MAX);
	text = json_get(doc, "text");
	if (!hook_missing(text) && !json_str(text, &out->text))
		return fail(why, ERR_SYNTAX, "text is text");
	if ((e = action_parse(json_get(doc, "action"), &out->action, why)) ||
	    (e = code_parse(doc, out, why)) ||
	    (e = fields_parse(json_get(doc, "headers"), out, why)))
		return e;
	return envelope_parse(doc, out, why);
}
