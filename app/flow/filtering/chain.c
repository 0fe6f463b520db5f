/* flow/filtering/chain.c: see chain.h. */
#include "flow/filtering/chain.h"

#include "flow/filtering/results.h"
#include "formats/message/header.h"
#include "foundation/config/settings.h"
#include "foundation/observe/event.h"
#include "model/filters/filter.h"
#include "model/filters/scripts.h"
#include "model/store/store.h"

/* --- loading ------------------------------------------------------------------------------ */

static enum err chain_add(struct chain *c, enum err e, struct str name, struct str text,
                          struct str program, bool own)
{
	if (e == OK && program.n != 0)
		c->items[c->n++] = (struct chain_program){
			.name = name, .text = text, .program = program, .own = own
		};
	return e == ERR_MISSING ? OK : e;
}

/* "before" and "after" of the server, and of a domain */
static enum err chain_around(struct chain *c, struct txn *t, struct arena *a,
                             const struct script_owner *owner, struct str name)
{
	struct script script = { 0 };
	enum err e = script_get(t, owner, name, &script);
	struct str label = STR_EMPTY;

	if (e == OK)
		label = owner->domain.n == 0 ? str_fmt(a, "server script %.*s", STR_ARG(name))
		                             : str_fmt(a, "script %.*s of %.*s", STR_ARG(name),
		                                       STR_ARG(owner->domain));
	return chain_add(c, e, label, script.text, script.program, false);
}

static enum err chain_filter(struct chain *c, struct txn *t, uint32_t account,
                             enum filter_kind kind, struct str label)
{
	struct filter filter = { 0 };
	enum err e = filter_get(t, account, kind, &filter);

	e = chain_add(c, e, label, filter.script, filter.program, true);
	if (kind == FILTER_VACATION && c->n != 0 && str_eq(c->items[c->n - 1].name, label))
		c->items[c->n - 1].replies = true;
	return e;
}

static enum err chain_active(struct chain *c, struct txn *t, struct arena *a, uint32_t account)
{
	struct script script = { 0 };
	enum err e = script_active(t, account, &script);
	struct str label = STR_EMPTY;

	if (e == OK)
		label = str_fmt(a, "script %.*s", STR_ARG(script.name));
	return chain_add(c, e, label, script.text, script.program, true);
}

enum err chain_load(struct txn *t, const struct filtering_mail *m, struct arena *a,
                    struct chain *out)
{
	const struct script_owner server = { 0 }, domain = { .domain = m->address.domain };
	bool domain_runs;
	enum err e;

	*out = (struct chain){ 0 };
	if ((e = filter_domain_runs(t, m, &domain_runs)) ||
	    (e = chain_around(out, t, a, &server, STR("before"))) ||
	    (domain_runs && (e = chain_around(out, t, a, &domain, STR("before")))) ||
	    (e = chain_filter(out, t, m->account, FILTER_RULES, STR("filters"))) ||
	    (e = chain_filter(out, t, m->account, FILTER_VACATION, STR("vacation"))) ||
	    (e = chain_active(out, t, a, m->account)) ||
	    (domain_runs && (e = chain_around(out, t, a, &domain, STR("after")))))
		return e;
	return chain_around(out, t, a, &server, STR("after"));
}

/* --- running ------------------------------------------------------------------------------ */

struct chain_state {
	struct filter_host host;
	struct results results;
	struct sieve_limits limits;
	struct sieve_message message;
	struct buf edited; /* the message, when programs have edited its header */
};

static void program_failed(struct chain_state *s, const struct chain_program *p, uint32_t line,
                           struct str error)
{
	event(filter_failed, s->host.mail->envelope->session.id, ev_int(s->host.mail->account),
	      ev_str(p->name), ev_int(line), ev_str(error));
	results_fail(&s->results, p->name, line, error, p->own);
}

/* The next program sees the message as the last one left it. */
static void message_edit(struct chain_state *s, const struct sieve_result *r)
{
	struct str body = str_sub(s->message.raw, header_size(s->message.raw), s->message.raw.n);
	struct str header, whole;
	struct buf next;

	if ((r->edits_n == 0 && r->changes_n == 0) ||
	    !results_header(&s->results, r->edits_n, &header) ||
	    !results_message(&s->results, r->edits_n, r->changes_n, &whole))
		return;
	buf_init(&next, MAX(header.n + body.n, whole.n) + 1);
	buf_put(&next, whole.n != 0 ? whole : header);
	buf_put(&next, whole.n != 0 ? STR_EMPTY : body);
	buf_deinit(&s->edited);
	s->edited = next;
	s->message.raw = buf_str(&next);
	s->results.edited = true;
	s->results.header_edits = 0;
	s->results.replaced |= r->changes_n != 0;
	s->results.whole_edits = s->results.whole_changes = 0;
}

/* False: the next programs do not run. */
static bool program_run(struct chain_state *s, const struct chain_program *p, bool last)
{
	struct sieve_error why = { 0 };
	struct sieve_result result;
	struct arena run = { 0 };
	struct str program;
	bool done = false;

	s->host.duplicates_n = 0;
	if (!filter_host_program(&s->host, p->text, p->program, &program, &why)) {
		program_failed(s, p, why.line, why.text);
		return false;
	}
	sieve_run(&run, program, &s->message, &s->host.sieve, &s->limits, &result);
	if (s->host.error != OK)
		;
	else if (result.error.n != 0)
		program_failed(s, p, result.error_line, result.error);
	else if (!results_add(&s->results, p->name, &result))
		program_failed(s, p, s->results.error_line, s->results.error);
	else
		done = true;
	if (done && s->results.keeps && !last)
		message_edit(s, &result);
	arena_deinit(&run);
	return done && s->results.keeps;
}

/* The sender gets a vacation reply also when a rule has moved the message to another mailbox or
 * forwarded it, but not when it was discarded, rejected or moved to Junk, or a program failed. */
static bool is_filed(struct chain_state *s)
{
	for (const struct action *a = s->results.list; a != NULL; a = a->next)
		if (a->kind == ACTION_DISCARD || a->kind == ACTION_REJECT ||
		    (a->kind == ACTION_KEEP && filter_host_leads_to_junk(&s->host, &a->place)))
			return false;
	return !s->results.keeps;
}

static void programs_run(struct chain_state *s, const struct chain *chain)
{
	const struct chain_program *p = chain->items, *end = p + chain->n;

	while (p < end && program_run(s, p, p + 1 == end))
		p++;
	if (s->host.error != OK || p >= end - 1 || !p->own || !p[1].replies || !is_filed(s))
		return;
	if (program_run(s, p + 1, true))
		s->results.keeps = false;
}

enum err chain_run(struct txn *t, const struct filtering_mail *m, struct str raw,
                   const struct chain *chain, struct arena *a, const struct action **out)
{
	struct chain_state s = { .limits = filter_limits(m->settings), .message = { .raw = raw } };
	enum err e;

	buf_init(&s.edited, 1);
	if (m->event != NULL)
		s.message.flags = m->event->flags;
	filter_host_init(&s.host, m, t);
	results_init(&s.results, &s.host, &s.message, a);
	programs_run(&s, chain);
	e = s.host.error;
	*out = e == OK ? results_end(&s.results) : NULL;
	buf_deinit(&s.edited);
	filter_host_deinit(&s.host);
	return e;
}
