/* formats/sieve/suite_execute.c: carries out actions in the world of suite_world.h. Messages that
 * answer or notify have only the fields that tests look at. */
#include "formats/message/build.h"
#include "formats/sieve/suite_world.h"

#include "foundation/base/cur.h"

enum { MAIL_BYTES = 64 << 20 };

struct execution {
	struct sieve_suite *s;
	const struct suite_run *run;
	bool ok;
};

static void execution_fail(struct execution *x, const char *what, struct str name)
{
	suite_error_add(x->s, str_fmt(&x->s->arena, "%s \"%.*s\"", what, STR_ARG(name)));
	x->ok = false;
}

static struct suite_mail *mail_add(struct sieve_suite *s, struct suite_mail **end, struct str raw)
{
	while (*end != NULL)
		end = &(*end)->next;
	*end = arena_new(&s->arena, struct suite_mail);
	(*end)->raw = str_dup(&s->arena, raw);
	return *end;
}

static void mail_send(struct execution *x, struct str from, struct str to, struct str raw)
{
	struct suite_mail *mail = mail_add(x->s, &x->s->sent, raw);

	mail->from = str_dup(&x->s->arena, from);
	mail->to = str_dup(&x->s->arena, to);
}

static void mail_store(struct execution *x, struct str mailbox, bool create, struct str flags,
                       struct str raw)
{
	struct suite_mailbox *box = suite_mailbox_find(x->s, mailbox, create);

	if (box == NULL)
		return execution_fail(x, "There is no mailbox", mailbox);
	mail_add(x->s, &box->mails, raw)->flags = str_dup(&x->s->arena, flags);
}

/* The mailbox of a special use or id that exists, else the named one. */
static struct str place(struct execution *x, struct str mailbox, struct str use, struct str id)
{
	struct str found = STR_EMPTY;

	for (const struct suite_pair *i = x->s->settings; use.n != 0 && i != NULL; i = i->next)
		if (str_starts(i->name, STR("special_use.")) && str_eqi(i->value, use))
			return str_sub(i->name, 12, i->name.n);
	return id.n != 0 && suite_setting(x->s, "mailbox_id.", id, &found) ? found : mailbox;
}

/* A message of the server: an answer, a notification or a report. */
static void letter_send(struct execution *x, const struct sieve_action *a, struct str from,
                        struct str to, struct str subject, struct str automatic, struct str body)
{
	struct buf out;

	buf_init(&out, MAIL_BYTES);
	build_field(&out, STR("From"), a->from.n != 0 ? a->from : x->s->to);
	build_field(&out, STR("To"), to);
	build_text(&out, STR("Subject"), subject);
	build_field(&out, STR("Auto-Submitted"), automatic);
	if (!a->mime)
		buf_put(&out, STR("\r\n"));
	buf_put(&out, body);
	mail_send(x, from, to, buf_str(&out));
	if (a->fcc.n != 0)
		mail_store(x, place(x, a->fcc, a->fcc_special_use, a->fcc_mailbox_id),
		           a->fcc_create, a->fcc_flags, buf_str(&out));
	buf_deinit(&out);
}

static void vacation_send(struct execution *x, const struct sieve_action *a)
{
	struct str key = str_fmt(&x->s->arena, "vacation %.*s\n%.*s", STR_ARG(a->recipient),
	                         STR_ARG(a->handle));
	struct str known;

	if (suite_pair_get(x->s->noted, key, &known))
		return;
	suite_pair_set(x->s, &x->s->noted, key, STR_EMPTY);
	letter_send(x, a, STR_EMPTY, a->recipient, a->subject, STR("auto-replied (vacation)"),
	            a->text);
}

static void notification_send(struct execution *x, const struct sieve_action *a)
{
	struct sieve_mailto mailto;
	struct str subject;

	if (!sieve_mailto_parse(&x->s->arena, a->target, &mailto))
		return execution_fail(x, "This is no method of notification", a->target);
	subject = a->text.n != 0 ? a->text : mailto.subject;
	for (size_t i = 0; i < mailto.n; i++)
		letter_send(x, a, x->s->from.n != 0 ? x->s->to : STR_EMPTY,
		            mailaddr_text(&x->s->arena, &mailto.addresses[i]), subject,
		            STR("auto-notified"), mailto.body);
}

static void redirect_send(struct execution *x, const struct sieve_action *a, struct str raw)
{
	struct str list = a->target, to;
	struct cur c;

	if (a->list && !suite_setting(x->s, "list.", a->target, &list))
		return execution_fail(x, "There is no list", a->target);
	c = cur_of(list);
	while (cur_listed(&c, &to))
		mail_send(x, x->s->from, to, raw);
}

static void action_execute(struct execution *x, const struct sieve_action *a, struct str raw)
{
	switch (a->kind) {
	case SIEVE_KEEP:
		return mail_store(x, STR("INBOX"), true, a->flags, raw);
	case SIEVE_FILEINTO:
		return mail_store(x, place(x, a->target, a->special_use, a->mailbox_id), a->create,
		                  a->flags, raw);
	case SIEVE_REDIRECT:
		return redirect_send(x, a, raw);
	case SIEVE_REJECT:
	case SIEVE_EREJECT:
		if (x->s->from.n != 0)
			letter_send(x, a, STR_EMPTY, x->s->from, STR("Rejected"),
			            STR("auto-replied (rejected)"), a->text);
		return;
	case SIEVE_VACATION:
		return a->suppressed.n == 0 ? vacation_send(x, a) : (void)0;
	case SIEVE_NOTIFY:
		return a->suppressed.n == 0 ? notification_send(x, a) : (void)0;
	default:
		return;
	}
}

static void run_execute(struct execution *x, bool keeps)
{
	const struct sieve_result *result = &x->run->result;
	struct buf raw;

	buf_init(&raw, MAIL_BYTES);
	for (const struct sieve_action *a = result->actions; result->error.n == 0 && a != NULL;
	     a = a->next) {
		buf_reset(&raw);
		sieve_message_put(&raw, &x->run->message, result, a->edits, a->changes);
		action_execute(x, a, buf_str(&raw));
	}
	if (result->implicit_keep && keeps) {
		buf_reset(&raw);
		sieve_message_put(&raw, &x->run->message, result,
		                  result->error.n == 0 ? result->edits_n : 0,
		                  result->error.n == 0 ? result->changes_n : 0);
		mail_store(x, STR("INBOX"), true, result->implicit_flags, buf_str(&raw));
	}
	buf_deinit(&raw);
}

/* Only the last run of several keeps the message implicitly. */
bool suite_execute(struct sieve_suite *s)
{
	struct execution x = { .s = s, .ok = true };

	for (x.run = s->runs; x.run != NULL; x.run = x.run->next)
		run_execute(&x, x.run->next == NULL);
	for (const struct suite_pair *i = s->noting; i != NULL; i = i->next)
		suite_pair_set(s, &s->noted, i->name, STR_EMPTY);
	return x.ok;
}
