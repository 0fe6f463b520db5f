/* console/api/api_script_try.c: try a Sieve script on a message of the caller. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "flow/delivery/delivery.h"
#include "flow/filtering/trial.h"
#include "formats/sieve/sieve.h"
#include "foundation/base/cur.h"
#include "foundation/config/live.h"
#include "model/directory/directory.h"
#include "model/directory/normal.h"
#include "model/filters/scripts.h"
#include "model/mailbox/email.h"
#include "model/store/store.h"

struct script_trial {
	struct api_call *call;
	uint64_t email; /* 0: the body has the message */
	struct buf raw;
	struct account account;
};

static enum err trial_read(struct txn *t, void *arg)
{
	struct script_trial *x = arg;
	struct mail_txn m = { x->call->admin->delivery->mailboxes, t, x->call->who.account,
		              x->call->who.account };
	struct email email;
	enum err e = account_get(t, x->call->who.account, x->call->arena, &x->account);

	if (e != OK || x->email == 0)
		return e;
	e = email_get(&m, x->email, &email);
	if (e == ERR_MISSING)
		return fail(&x->call->why, e, "there is no such message");
	return e != OK ? e : blob_get(t, &email.blob, 0, SIZE_MAX, &x->raw);
}

/* The message with CRLF line ends: a person pastes it with LF. */
static void raw_take(struct script_trial *x, struct str text)
{
	struct cur c = cur_of(text);
	struct str line;

	while (cur_line(&c, &line)) {
		buf_put(&x->raw, line);
		buf_put(&x->raw, STR("\r\n"));
	}
}

static void trial_put(struct json_writer *w, const struct filter_trial *trial)
{
	json_open(w, NULL, '{');
	json_open(w, "trace", '[');
	for (size_t i = 0; i < trial->line_count; i++) {
		const struct filter_trial_line *l = &trial->lines[i];

		json_open(w, NULL, '{');
		json_put_u64(w, "line", l->line);
		json_put_str(w, "word", l->word);
		if (l->test)
			json_put_bool(w, "result", l->result);
		json_put_str(w, "why", l->why);
		json_close(w);
	}
	json_close(w);
	json_put_bool(w, "more", trial->more);
	json_open(w, "actions", '[');
	for (size_t i = 0; i < trial->action_count; i++) {
		json_open(w, NULL, '{');
		json_put_u64(w, "line", trial->actions[i].line);
		json_put_str(w, "action", str_of(trial->actions[i].word));
		json_put_str(w, "target", trial->actions[i].target);
		json_put_str(w, "text", trial->actions[i].text);
		json_close(w);
	}
	json_close(w);
	json_put_str(w, "error", trial->error);
	json_put_u64(w, "error_line", trial->error_line);
	json_close(w);
}

static enum err trial_run(struct script_trial *x, struct str program)
{
	struct api_call *c = x->call;
	const struct settings *settings = settings_ref(c->admin->live);
	struct envelope_rcpt rcpt = { 0 };
	struct envelope envelope = { .rcpts = &rcpt, .rcpt_count = 1 };
	struct filtering_mail mail = { .store = c->admin->store,
		                       .mailboxes = c->admin->delivery->mailboxes,
		                       .settings = settings,
		                       .envelope = &envelope,
		                       .rcpt = &rcpt,
		                       .account = x->account.id };
	struct filter_trial trial;
	enum err e = OK;

	if (!normal_address(c->arena, x->account.address, &mail.address))
		e = ERR_CORRUPT;
	rcpt.address = mail.address;
	if (e == OK)
		e = filter_trial_run(&mail, buf_str(&x->raw), program, c->arena, &trial);
	if (e == OK)
		trial_put(c->out, &trial);
	settings_unref(settings);
	return e;
}

static enum err script_compiled(struct api_call *c, struct str *program)
{
	struct sieve_errors errors = { 0 };
	struct str text = STR_EMPTY;

	(void)json_str(json_get(c->body, "text"), &text);
	if (script_compile(c->arena, text, program, &errors))
		return OK;
	return fail(&c->why, ERR_SYNTAX, "line %u, column %u: %.*s",
	            (unsigned)errors.items[0].line, (unsigned)errors.items[0].column,
	            STR_ARG(errors.items[0].text));
}

enum err api_me_script_try(struct api_call *c)
{
	struct script_trial x = { .call = c };
	struct str program, id, raw;
	struct cur cur;
	enum err e = script_compiled(c, &program);

	if (e != OK)
		return e;
	buf_init(&x.raw, LIMIT_script_trial);
	if (json_str(json_get(c->body, "message"), &id)) {
		cur = cur_of(id);
		if (!cur_u64(&cur, &x.email) || !cur_done(&cur) || x.email == 0)
			e = fail(&c->why, ERR_MISSING, "there is no such message");
	} else if (json_str(json_get(c->body, "raw"), &raw)) {
		raw_take(&x, raw);
	} else {
		e = fail(&c->why, ERR_SYNTAX, "message or raw is needed");
	}
	if (e == OK)
		e = store_read(c->admin->store, trial_read, &x);
	if (e == ERR_LIMIT)
		(void)fail(&c->why, e, "the message has more than %d bytes", LIMIT_script_trial);
	if (e == OK)
		e = trial_run(&x, program);
	buf_deinit(&x.raw);
	return e;
}
