/* model/history/find.c: reading traces; see trace.h. */
#include "foundation/base/arena.h"
#include "foundation/config/rules.h"
#include "model/history/record.h"
#include "model/store/store.h"

const char *trace_state_name(enum trace_state state)
{
	static const char *const names[] = {
		[TRACE_STATE_REFUSED] = "refused", [TRACE_STATE_DELIVERED] = "delivered",
		[TRACE_STATE_QUEUED] = "queued",   [TRACE_STATE_DELAYED] = "delayed",
		[TRACE_STATE_HELD] = "held",       [TRACE_STATE_FAILED] = "failed",
		[TRACE_STATE_DROPPED] = "dropped",
	};

	return names[state];
}

const char *trace_what_name(enum trace_what what)
{
	static const char *const names[TRACE_WHATS] = {
		[TRACE_REFUSED] = "refused",   [TRACE_DELIVERED] = "delivered",
		[TRACE_FULL] = "full",         [TRACE_QUEUED] = "queued",
		[TRACE_SENT] = "sent",         [TRACE_DELAYED] = "delayed",
		[TRACE_FAILED] = "failed",     [TRACE_BOUNCED] = "bounced",
		[TRACE_NOTICED] = "noticed",   [TRACE_HELD] = "held",
		[TRACE_RELEASED] = "released", [TRACE_DROPPED] = "dropped",
		[TRACE_CHECKED] = "checked",   [TRACE_COMPLAINED] = "complained",
		[TRACE_DISCARDED] = "discarded", [TRACE_FILTERED] = "filtered",
	};

	return names[what];
}

/* Counts the steps' outcomes; a waiting recipient takes precedence over a failed one. */
enum trace_state trace_state(const struct trace *trace)
{
	uint64_t n[TRACE_WHATS] = { 0 }, before = 0, left;

	for (size_t i = 0; i < trace->step_count; i++) {
		if (trace->steps[i].what == TRACE_QUEUED)
			before = n[TRACE_FAILED]; /* was never in the queue */
		n[trace->steps[i].what] += MAX(trace->steps[i].count, 1u);
	}
	left = n[TRACE_SENT] + n[TRACE_FAILED] - before + n[TRACE_DROPPED];
	left = n[TRACE_QUEUED] > left ? n[TRACE_QUEUED] - left : 0;
	if (left != 0 && n[TRACE_HELD] > n[TRACE_RELEASED])
		return TRACE_STATE_HELD;
	if (left != 0)
		return n[TRACE_DELAYED] != 0 ? TRACE_STATE_DELAYED : TRACE_STATE_QUEUED;
	if (n[TRACE_FAILED] + n[TRACE_FULL] != 0)
		return TRACE_STATE_FAILED;
	if (n[TRACE_DROPPED] != 0)
		return TRACE_STATE_DROPPED;
	return n[TRACE_DELIVERED] + n[TRACE_SENT] != 0 ? TRACE_STATE_DELIVERED
	                                               : TRACE_STATE_REFUSED;
}

enum err trace_get(struct txn *t, uint64_t id, struct arena *a, struct trace *out)
{
	char key[TRACE_KEY_BYTES];
	struct str record;
	enum err e = kv_get(t, SPACE_TRACE, record_key(key, id), &record);

	if (e == OK && !record_parse(id, record, a, out))
		e = ERR_CORRUPT;
	return e == OK ? record_steps_read(t, out, a) : e;
}

/* --- Search ----------------------------------------------------------------------------- */

/* text is in lower case. */
static bool has_text(struct str in, struct str text)
{
	for (size_t i = 0; i + text.n <= in.n; i++)
		if (ascii_lower(in.p[i]) == text.p[0] && str_eqi(str_from(in.p + i, text.n), text))
			return true;
	return false;
}

/* Is text the id of the trace's session or message? A session's refusals belong to each of its
 * messages. */
static bool names_mail(const struct trace *trace, struct str text)
{
	struct str what = trace->mail.n == 0 ? record_session(text) : text;

	return str_eqi(trace->session, what) || str_eqi(trace->mail, what);
}

static bool find_matches(const struct trace *trace, struct str text)
{
	bool found = text.n == 0 || has_text(trace->from, text) ||
	             has_text(trace->message_id, text) || has_text(trace->peer, text) ||
	             names_mail(trace, text);

	for (size_t i = 0; !found && i < trace->to_count; i++)
		found = has_text(trace->to[i], text);
	/* Aliases: the account that received it may differ from the recipient. */
	for (size_t i = 0; !found && i < trace->step_count; i++)
		found = has_text(trace->steps[i].who, text);
	return found;
}

static bool may_show(const struct trace_query *q, struct trace *trace)
{
	return q->keep == NULL || q->keep(trace, q->arg);
}

/* The least id of a time. */
static uint64_t find_id_of(int64_t time_ms)
{
	return (uint64_t)MAX(time_ms, 0) << 16;
}

static void range_begin(struct kv_iter *it, struct txn *t, const struct trace_query *q)
{
	char from[TRACE_KEY_BYTES], to[TRACE_KEY_BYTES];
	uint64_t end = q->until_ms != 0 ? find_id_of(q->until_ms) : UINT64_MAX;

	if (q->before != 0)
		end = MIN(end, q->before);
	kv_iter_init(it, t, SPACE_TRACE, record_key(from, find_id_of(q->since_ms)),
	             record_key(to, end));
}

enum err trace_find(struct txn *t, const struct trace_query *query, struct arena *a,
                    struct trace_list *out)
{
	struct str text = str_lower(a, query->text), ascii = text;
	struct arena look = { 0 };
	struct kv_iter it;
	enum err e = OK, walked;

	*out = (struct trace_list){ .items = arena_array(a, struct trace, query->max) };
	(void)!rule_domains(a, text, &ascii); /* A-labels, as in addresses */
	range_begin(&it, t, query);
	while (e == OK && kv_iter_prev(&it)) {
		struct trace trace;
		uint64_t id;

		arena_reset(&look);
		if (!record_key_parse(it.key, &id) || !record_parse(id, it.val, &look, &trace) ||
		    !may_show(query, &trace))
			continue;
		if (!find_matches(&trace, text) &&
		    (ascii.p == text.p || !find_matches(&trace, ascii)))
			continue;
		out->more = out->count == query->max;
		if (out->more)
			break;
		e = trace_get(t, id, a, &out->items[out->count]);
		if (e == OK && may_show(query, &out->items[out->count]))
			out->count++;
	}
	walked = kv_iter_end(&it);
	arena_deinit(&look);
	return e != OK ? e : walked;
}
