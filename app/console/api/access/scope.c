/* console/api/access/scope.c: see scope.h. */
#include "console/api/access/scope.h"

#include "console/api/people/api_people.h"
#include "foundation/observe/recent.h"
#include "model/history/trace.h"
#include "model/queue/entry.h"

enum err scope_of(struct txn *t, const struct api_call *c, struct scope *out)
{
	*out = (struct scope){ .all = c->who.role == API_OWNER, .mine = c->who.domains };
	return out->all ? OK : domain_list(t, c->arena, &out->ours);
}

/* --- whose an address is ------------------------------------------------------------------ */

static bool is_mine(const struct scope *s, struct str domain)
{
	return role_domains_have(s->mine, domain);
}

/* At a domain of ours that is none of his. */
static bool is_others(const struct scope *s, struct str domain)
{
	for (size_t i = 0; i < s->ours.count; i++)
		if (str_eqi(s->ours.items[i].name, domain))
			return !is_mine(s, domain);
	return false;
}

/* --- the queue ----------------------------------------------------------------------------- */

bool scope_queue(const struct scope *s, const struct queue_item *item)
{
	bool mine = item->envelope.rcpt_count != 0;

	if (s->all || (item->envelope.submitter != 0 && is_mine(s, item->envelope.sender.domain)))
		return true;
	for (size_t i = 0; i < item->envelope.rcpt_count && mine; i++)
		mine = is_mine(s, item->envelope.rcpts[i].address.domain);
	return mine;
}

/* --- traces -------------------------------------------------------------------------------- */

/* A submission has an authenticated sender who may use the address. */
bool scope_trace_sent(const struct scope *s, const struct trace *trace)
{
	return str_starts(trace->service, STR("submission")) &&
	       is_mine(s, people_domain(trace->from));
}

bool scope_trace_came(const struct scope *s, const struct trace *trace)
{
	for (size_t i = 0; i < trace->to_count; i++)
		if (is_mine(s, people_domain(trace->to[i])))
			return true;
	return false;
}

/* His recipients only; true when that is everybody. */
static bool rcpts_keep(const struct scope *s, struct trace *trace)
{
	size_t kept = 0;
	bool whole;

	for (size_t i = 0; i < trace->to_count; i++)
		if (is_mine(s, people_domain(trace->to[i])))
			trace->to[kept++] = trace->to[i];
	whole = kept == trace->to_count && trace->to_more == 0;
	trace->to_count = kept;
	trace->to_more = 0; /* how many others there are is not his to know either */
	return whole;
}

static bool step_is_his(const struct scope *s, const struct trace_step *step, bool sent)
{
	struct str domain = people_domain(step->who);

	if (step->who.n == 0)
		return true;
	return sent ? !is_others(s, domain) : is_mine(s, domain);
}

/* whole: what is not his goes on as a step without names, since it says how the message fares;
 * else it goes, with all that is told of several together. */
static void steps_keep(const struct scope *s, struct trace *trace, bool sent, bool whole)
{
	size_t kept = 0;

	for (size_t i = 0; i < trace->step_count; i++) {
		struct trace_step step = trace->steps[i];
		bool his = step_is_his(s, &step, sent);

		if (!whole && (!his || (step.who.n == 0 && step.what != TRACE_REFUSED)))
			continue;
		if (!his)
			step.who = step.detail = STR_EMPTY;
		trace->steps[kept++] = step;
	}
	trace->step_count = kept;
}

bool scope_trace(const struct scope *s, struct trace *trace)
{
	bool sent = scope_trace_sent(s, trace), whole;

	if (s->all)
		return true;
	if (!sent && !scope_trace_came(s, trace))
		return false;
	whole = sent || rcpts_keep(s, trace);
	steps_keep(s, trace, sent, whole);
	if (is_others(s, people_domain(trace->from)))
		trace->session = trace->peer = STR_EMPTY;
	return trace->step_count != 0;
}

/* --- events -------------------------------------------------------------------------------- */

static bool domain_byte(char c)
{
	return ascii_alnum(c) || c == '.' || c == '-' || (unsigned char)c >= 0x80;
}

/* Look at the domain behind each "@" of a text. */
static void addresses_look(const struct scope *s, struct str text, bool *mine, bool *others)
{
	ptrdiff_t at;

	while ((at = str_find_byte(text, '@')) >= 0) {
		size_t n = 0;

		text = str_sub(text, (size_t)at + 1, text.n);
		while (n < text.n && domain_byte(text.p[n]))
			n++;
		while (n != 0 && text.p[n - 1] == '.') /* of a sentence */
			n--;
		*mine |= is_mine(s, str_sub(text, 0, n));
		*others |= is_others(s, str_sub(text, 0, n));
	}
}

bool scope_event(const struct scope *s, const struct recent_event *e)
{
	bool mine = false, others = false;

	if (s->all)
		return true;
	if (str_starts(str_of(e->name), STR("queue_")))
		return false;
	for (size_t i = 0; i < e->field_count; i++)
		if (!e->fields[i].value.is_number)
			addresses_look(s, e->fields[i].value.text, &mine, &others);
	return mine && !others;
}
