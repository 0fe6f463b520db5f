/* flow/policy/stages/stage_script.c: see stage_script.h. */
#include "flow/policy/stages/stage_script.h"

#include "flow/policy/stages/stage_host.h"
#include "flow/policy/stages/stage_programs.h"
#include "flow/policy/view.h"
#include "flow/policy/words.h"
#include "formats/message/header.h"
#include "foundation/text/utf8.h"

#include <string.h>

/* A session runs scripts on a worker, so a run is short. */
static const struct sieve_limits command_limits = { .steps = 1u << 16,
	                                            .actions = 50,
	                                            .string_bytes = 32768,
	                                            .memory_bytes = 224u << 10,
	                                            .time_ms = 200 };
static const struct sieve_limits message_limits = { .steps = 1u << 18,
	                                            .actions = 50,
	                                            .redirects = 20,
	                                            .string_bytes = 32768,
	                                            .memory_bytes = 224u << 10,
	                                            .time_ms = 1000 };

enum policy_need stage_script_need(const struct policy_run *r)
{
	enum sieve_stage stage = stage_of(policy_stage(r));

	return stage != SIEVE_DELIVERY && stage_program_of(r, stage) != NULL ? POLICY_QUICK
	                                                                     : POLICY_NO;
}

/* --- the message ----------------------------------------------------------------------- */

/* As received, without what earlier checks took out of it. */
static struct str message_of(struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);
	struct policy_view v;
	struct str header, rest;
	char *all;

	if (!policy_changes_rewrite(&s->changes))
		return s->message;
	policy_view_init(&v, s->received, STR_EMPTY, s->message, policy_arena(r));
	policy_view_changes(&v, &s->changes);
	header = policy_view_header(&v);
	rest = policy_view_rest(&v);
	all = arena_alloc(policy_arena(r), header.n + rest.n);
	memcpy(all, header.p, header.n);
	memcpy(all + header.n, rest.p, rest.n);
	return str_from(all, header.n + rest.n);
}

/* --- changes --------------------------------------------------------------------------- */

/* The changes that a run requests. */
struct request {
	struct policy_run *run;
	struct str message;
	const struct sieve_result *result;
	struct policy_changes changes;
	struct why *why;
};

static enum err request_add(struct request *x, const struct policy_change *change)
{
	return policy_changes_add(&x->changes, policy_mail_arena(x->run), change, x->why);
}

static bool is_deleted(const struct sieve_result *result, uint32_t field)
{
	for (const struct sieve_edit *e = result->edits; e != NULL; e = e->next)
		if (e->name.n == 0 && e->field == field)
			return true;
	return false;
}

/* The changes count the fields of a name, so the last one goes first. */
static enum err fields_delete(struct request *x)
{
	struct cur c = cur_of(str_sub(x->message, 0, header_size(x->message)));
	struct policy_change *changes;
	struct header_field f;
	uint32_t number = 0;
	size_t n = 0;
	enum err e = OK;

	changes = arena_array(policy_arena(x->run), struct policy_change, x->result->edits_n);
	for (; header_next(&c, &f); number++)
		if (is_deleted(x->result, number))
			changes[n++] = (struct policy_change){ .kind = CHANGE_FIELD,
				                               .index = number,
				                               .came = true,
				                               .name = f.name };
	for (size_t i = n; e == OK && i-- > 0;) {
		uint32_t place = 0;

		c = cur_of(x->message);
		for (uint32_t at = 0; at <= changes[i].index && header_next(&c, &f); at++)
			place += str_eqi(f.name, changes[i].name);
		changes[i].index = place;
		e = request_add(x, &changes[i]);
	}
	return e;
}

static enum err fields_add(struct request *x)
{
	struct cur c = cur_of(str_sub(x->message, 0, header_size(x->message)));
	struct header_field f;
	uint32_t number = 0;
	enum err err = OK;

	while (header_next(&c, &f))
		number++;
	for (const struct sieve_edit *e = x->result->edits; err == OK && e != NULL;
	     e = e->next, number++)
		if (e->name.n != 0 && !is_deleted(x->result, number))
			err = request_add(x, &(struct policy_change){
						 .kind = e->last ? CHANGE_ADD : CHANGE_INSERT,
						 .name = e->name,
						 .value = e->value });
	return err;
}

static enum err recipients_change(struct request *x, bool replaced)
{
	const struct envelope *envelope = &policy_of(x->run)->envelope;
	struct arena *a = policy_arena(x->run);
	enum err e = OK;

	for (size_t i = 0; e == OK && replaced && i < envelope->rcpt_count; i++)
		e = request_add(x, &(struct policy_change){
					 .kind = CHANGE_RCPT_DELETE,
					 .value = mailaddr_text(a, &envelope->rcpts[i].address) });
	for (const struct sieve_action *s = x->result->actions; e == OK && s != NULL; s = s->next)
		if (s->kind == SIEVE_REDIRECT)
			e = request_add(x, &(struct policy_change){ .kind = CHANGE_RCPT_ADD,
				                                    .value = s->target });
	return e;
}

/* --- verdicts -------------------------------------------------------------------------- */

/* Lines for the client, separated by LF. */
static struct str stage_reply(struct arena *a, struct str text)
{
	struct str all = utf8_cut(text, POLICY_TEXT_MAX);
	char *to = arena_alloc(a, all.n);
	size_t n = 0;

	while (all.n != 0 && strchr(" \t\r\n", all.p[all.n - 1]) != NULL)
		all.n--;

	for (size_t i = 0; i < all.n; i++) {
		unsigned char c = (unsigned char)all.p[i];

		if (c == '\r' && i + 1 < all.n && all.p[i + 1] == '\n')
			continue;
		to[n++] = (c < ' ' && c != '\n') || c == 127 ? '?' : (char)c;
	}
	return str_from(to, n);
}

static void action_say(struct policy_run *r, const struct sieve_action *s, const char *stage)
{
	struct policy_answer as = { .kind = s->kind == SIEVE_DEFER ? POLICY_TEMPFAIL
		                                                   : POLICY_REJECT };

	switch (s->kind) {
	case SIEVE_FILEINTO:
		policy_quarantine(r, "line %u of the %s script", s->line, stage);
		break;
	case SIEVE_REJECT:
	case SIEVE_EREJECT:
	case SIEVE_DEFER:
		as.text = stage_reply(policy_arena(r), s->text);
		policy_say(r, &as, "line %u of the %s script", s->line, stage);
		break;
	default:
		break;
	}
}

/* Before the END stage a result has neither edits nor redirects: see formats/sieve/stage.c. */
static enum err changes_make(struct policy_run *r, struct str message,
                             const struct sieve_result *result, bool replaced, struct why *why)
{
	struct request x = { .run = r, .message = message, .result = result, .why = why };
	enum err e = OK;

	policy_changes_init(&x.changes);
	if ((e = fields_delete(&x)) || (e = fields_add(&x)) ||
	    (e = recipients_change(&x, replaced)) || x.changes.count == 0)
		return e;
	if ((e = policy_change(r, &x.changes, why)) == OK)
		policy_changed(r, "the end script changed the message or its recipients");
	return e;
}

static void result_say(struct policy_run *r, struct str message, const struct sieve_result *result,
                       enum sieve_stage stage)
{
	bool keeps = result->implicit_keep, redirects = false;
	const struct sieve_action *discard = NULL;
	const char *name = sieve_stage_name(stage);
	struct why why = { "" };

	for (const struct sieve_action *s = result->actions; s != NULL; s = s->next) {
		keeps |= s->kind == SIEVE_KEEP || s->kind == SIEVE_FILEINTO;
		redirects |= s->kind == SIEVE_REDIRECT;
		discard = s->kind == SIEVE_DISCARD ? s : discard;
	}
	if (stage == SIEVE_END &&
	    changes_make(r, message, result, redirects && !keeps, &why) != OK) {
		policy_failed(r, "the %s script: %s", name, why.text);
		return;
	}
	for (const struct sieve_action *s = result->actions; s != NULL; s = s->next)
		action_say(r, s, name);
	if (discard != NULL && !keeps && !redirects)
		policy_discard(r, "line %u of the %s script", discard->line, name);
}

void stage_script_run(struct policy_run *r)
{
	enum sieve_stage stage = stage_of(policy_stage(r));
	const struct stage_program *program = stage_program_of(r, stage);
	struct sieve_message m = { .raw = STR_EMPTY };
	struct arena results = { 0 };
	struct sieve_result result;
	struct stage_host host;

	if (stage == SIEVE_END)
		m.raw = message_of(r);
	stage_host_init(&host, r, stage);
	sieve_run(&results, program->program, &m, &host.sieve,
	          stage == SIEVE_END ? &message_limits : &command_limits, &result);
	if (result.error.n != 0)
		policy_failed(r, "line %u of the %s script: %.*s", result.error_line,
		              sieve_stage_name(stage), STR_ARG(result.error));
	else if (host.full)
		policy_failed(r, "the %s script needs too much memory", sieve_stage_name(stage));
	else
		result_say(r, m.raw, &result, stage);
	stage_host_deinit(&host);
	arena_deinit(&results);
}
