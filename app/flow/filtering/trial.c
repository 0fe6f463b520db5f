/* flow/filtering/trial.c: see trial.h. */
#include "flow/filtering/trial.h"

#include "flow/filtering/host.h"
#include "foundation/config/settings.h"
#include "model/store/store.h"

struct trial_call {
	struct filter_host host; /* first: the host's argument is this struct */
	const struct filtering_mail *mail;
	struct str raw, program;
	struct arena *a;
	struct filter_trial *out;
};

static void trial_trace(void *arg, uint32_t line, struct str word, bool test, bool result,
                        struct str why)
{
	struct trial_call *call = arg;
	struct filter_trial *out = call->out;

	if (out->line_count == FILTER_TRIAL_LINES) {
		out->more = true;
		return;
	}
	out->lines[out->line_count++] =
		(struct filter_trial_line){ line, str_dup(call->a, word), test, result,
			                    str_dup(call->a, why) };
}

static struct str action_text(const struct sieve_action *action)
{
	return action->suppressed.n != 0 ? action->suppressed
	       : action->subject.n != 0  ? action->subject
	                                 : action->text;
}

static void actions_copy(struct trial_call *call, const struct sieve_result *result)
{
	static const char *const words[SIEVE_ACTION_KINDS] = {
		"keep",    "fileinto", "redirect", "discard", "reject",
		"ereject", "vacation", "notify",   "defer",
	};
	struct filter_trial *out = call->out;
	size_t n = 1;

	for (const struct sieve_action *x = result->actions; x != NULL; x = x->next)
		n++;
	out->actions = arena_array(call->a, struct filter_trial_action, n);
	for (const struct sieve_action *x = result->actions; x != NULL; x = x->next)
		out->actions[out->action_count++] = (struct filter_trial_action){
			x->line, words[x->kind], str_dup(call->a, x->target),
			str_dup(call->a, action_text(x))
		};
	if (result->implicit_keep)
		out->actions[out->action_count++] =
			(struct filter_trial_action){ .word = "keep" };
}

static enum err trial_read(struct txn *t, void *arg)
{
	struct trial_call *call = arg;
	const struct sieve_message message = { .raw = call->raw };
	const struct sieve_limits limits = filter_limits(call->mail->settings);
	struct sieve_result result;
	struct arena run = { 0 };
	enum err e;

	filter_host_init(&call->host, call->mail, t);
	call->host.sieve.trace = trial_trace;
	call->out->lines = arena_array(call->a, struct filter_trial_line, FILTER_TRIAL_LINES);
	sieve_run(&run, call->program, &message, &call->host.sieve, &limits, &result);
	actions_copy(call, &result);
	call->out->error_line = result.error_line;
	call->out->error = str_dup(call->a, result.error);
	e = call->host.error;
	arena_deinit(&run);
	filter_host_deinit(&call->host);
	return e;
}

enum err filter_trial_run(const struct filtering_mail *m, struct str raw, struct str program,
                          struct arena *a, struct filter_trial *out)
{
	struct trial_call call = {
		.mail = m, .raw = raw, .program = program, .a = a, .out = out
	};

	*out = (struct filter_trial){ 0 };
	return store_read(m->store, trial_read, &call);
}
