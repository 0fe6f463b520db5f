/* flow/policy/notes.c: records findings of checks for the trace, the log and the
 * metrics. */
#include "flow/policy/run.h"

#include "formats/message/build.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "model/history/trace.h"

/* Findings before MAIL apply to every message of the session. */
static bool of_session(const struct policy_run *r)
{
	return run_found_stage(r) < POLICY_MAIL;
}

static void notes_save(struct policy_run *r, enum policy_kind kind, const char *word,
                       struct str text)
{
	struct policy_session *s = r->session;
	bool session = of_session(r);
	size_t *count = session ? &s->note_count : &s->mail_note_count;
	struct arena *a = session ? &s->arena : &s->mail_arena;
	struct policy_note *n;

	if (*count >= LIMIT_policy_notes)
		return;
	++*count;
	n = arena_new(a, struct policy_note);
	*n = (struct policy_note){ .time_ms = clock_real_ms(),
		                   .stage = run_found_stage(r),
		                   .kind = kind,
		                   .unknown = s->rcpt_unknown,
		                   .word = word,
		                   .check = run_check(r)->name,
		                   .text = str_dup(a, text) };
	if (n->stage == POLICY_RCPT)
		n->who = mailaddr_text(a, &r->session->rcpt);
	list_push_back(session ? &s->notes : &s->mail_notes, &n->link);
}

/* Was this pass already noted? Passes of several recipients share one note. */
static bool noted_pass(const struct policy_run *r)
{
	const struct list *head = of_session(r) ? &r->session->notes : &r->session->mail_notes;

	list_each(it, head)
	{
		const struct policy_note *n = container_of(it, struct policy_note, link);

		if (n->kind == POLICY_PASS && n->check == run_check(r)->name)
			return true;
	}
	return false;
}

void policy_note(struct policy_run *r, enum policy_kind kind, struct str text)
{
	static const enum metric metrics[POLICY_KINDS] = {
		[POLICY_PASS] = METRIC_policy_pass,
		[POLICY_TAG] = METRIC_policy_tag,
		[POLICY_DELAY] = METRIC_policy_delay,
		[POLICY_QUARANTINE] = METRIC_policy_quarantine,
		[POLICY_ACCEPT] = METRIC_policy_accept,
		[POLICY_DISCARD] = METRIC_policy_discard,
		[POLICY_TEMPFAIL] = METRIC_policy_tempfail,
		[POLICY_REJECT] = METRIC_policy_reject,
	};
	const struct policy_session *s = r->session;

	metric_add(metrics[kind], 1);
	policy_tally_add(r->policy->tally, r->row, kind);
	if (kind == POLICY_PASS) {
		if (!noted_pass(r))
			notes_save(r, kind, "passed", STR_EMPTY);
		return;
	}
	event(policy_verdict, s->id, ev_str(s->service), ev_str(s->peer_text),
	      ev_z(policy_stage_name(run_found_stage(r))), ev_z(run_check(r)->name),
	      ev_z(policy_kind_name(kind)), ev_str(text));
	notes_save(r, kind, policy_kind_name(kind), text);
}

void policy_note_failed(struct policy_run *r, struct str text)
{
	const struct policy_session *s = r->session;

	metric_add(METRIC_policy_failed, 1);
	policy_tally_add(r->policy->tally, r->row, POLICY_KINDS);
	event(policy_failed, s->id, ev_str(s->service), ev_str(s->peer_text),
	      ev_z(policy_stage_name(run_found_stage(r))), ev_z(run_check(r)->name), ev_str(text));
	notes_save(r, POLICY_PASS, "failed", text);
}

void policy_note_plain(struct policy_run *r, const char *word, struct str text)
{
	notes_save(r, POLICY_PASS, word, text);
}

/* --- as steps of a trace ------------------------------------------------------------------- */

static bool plain_pass(const struct policy_note *n)
{
	return n->kind == POLICY_PASS && n->text.n == 0;
}

/* "tag at connect, dnsbl: listed in zen.example" */
static void step_put(const struct policy_note *n, struct arena *a, struct trace_step *step)
{
	*step = (struct trace_step){
		.time_ms = n->time_ms,
		.what = TRACE_CHECKED,
		.who = n->who,
		.detail = str_fmt(a, "%s: %s at %s: %.*s", n->check, n->word,
		                  policy_stage_name(n->stage), STR_ARG(n->text)),
	};
}

/* All passes share one step, since there are many. */
static void passed_add(const struct policy_note *n, struct arena *a, struct trace_step *step)
{
	bool first = step->detail.n == 0;

	if (first)
		*step = (struct trace_step){ .time_ms = n->time_ms, .what = TRACE_CHECKED };
	step->detail = first ? str_fmt(a, "passed: %s", n->check)
	                     : str_fmt(a, "%.*s, %s", STR_ARG(step->detail), n->check);
}

size_t policy_steps(struct policy_session *s, bool untold, struct arena *a, struct trace_step **out)
{
	const struct list *heads[] = { &s->notes, &s->mail_notes };
	struct trace_step *steps, passed = { 0 };
	size_t n = 0;

	steps = arena_array(a, struct trace_step, s->note_count + s->mail_note_count + 1);
	for (size_t i = 0; i < COUNT(heads); i++)
		list_each(it, heads[i])
		{
			struct policy_note *note = container_of(it, struct policy_note, link);

			if (untold && note->returned)
				continue;
			note->returned |= untold;
			if (plain_pass(note))
				passed_add(note, a, &passed);
			else
				step_put(note, a, &steps[n++]);
		}
	if (passed.detail.n != 0)
		steps[n++] = passed;
	*out = steps;
	return n;
}

/* --- as header fields ---------------------------------------------------------------------- */

/* A tag that all recipients may see: not the quarantine of a single recipient. */
static bool notes_shown(const struct policy_note *n)
{
	return !n->unknown && (n->kind == POLICY_TAG || (n->kind == POLICY_QUARANTINE &&
	                                                 n->stage != POLICY_RCPT));
}

/* Text beyond ASCII becomes encoded-words (RFC 2047): not every recipient may support
 * SMTPUTF8. */
static void tag_put(struct buf *out, const struct policy_note *n)
{
	struct arena a = { 0 };

	build_text(out, STR("X-Roost-Check"),
	           str_fmt(&a, "%s %s (%.*s)", n->check, policy_kind_name(n->kind),
	                   STR_ARG(n->text)));
	arena_deinit(&a);
}

/* A received field of this name stays: it can only harm its own message. */
void policy_tags_put(struct buf *out, const struct policy_session *s)
{
	const struct list *heads[] = { &s->notes, &s->mail_notes };

	for (size_t i = 0; i < COUNT(heads); i++)
		list_each(it, heads[i])
		{
			const struct policy_note *n = container_of(it, struct policy_note, link);

			if (notes_shown(n))
				tag_put(out, n);
		}
}
