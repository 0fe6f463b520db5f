/* formats/sieve/vacation.c: vacation (RFC 5230, RFC 6131), with the rules of RFC 3834 on when an
 * automatic answer must not be sent. */
#include "formats/message/address.h"
#include "formats/message/mailaddr.h"
#include "formats/sieve/parser.h"
#include "formats/sieve/run.h"

#include <stdio.h>

enum { VACATION_DAYS = 7, DAY_SECONDS = 86400, OWN_MAX = 400 };

static const char *const to_fields[] = {
	"to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc",
};
/* A message with one of these is from a list (RFC 2369, RFC 2919). */
static const char *const list_fields[] = {
	"list-id",   "list-help",  "list-subscribe", "list-unsubscribe",
	"list-post", "list-owner", "list-archive",
};

static bool field_get(struct sieve_run *r, const char *name, struct str *value)
{
	struct sieve_fields f;

	sieve_fields_init(r, &f, str_of(name));
	return sieve_fields_next(r, &f, value);
}

static bool is_from_robot(struct str address)
{
	ptrdiff_t at = str_rfind_byte(address, '@');
	struct str local = str_sub(address, 0, at < 0 ? address.n : (size_t)at);
	size_t n = local.n;

	return str_startsi(local, STR("owner-")) || str_eqi(local, STR("mailer-daemon")) ||
	       str_eqi(local, STR("listserv")) || str_eqi(local, STR("majordomo")) ||
	       (n > 8 && str_eqi(str_sub(local, n - 8, n), STR("-request")));
}

static bool envelope_has(struct sieve_run *r, struct str part, struct str address)
{
	const struct sieve_host *h = r->host;
	struct str value;

	for (size_t i = 0; h->envelope != NULL && h->envelope(h->arg, part, i, &value); i++)
		if (str_eqi(value, address))
			return true;
	return false;
}

/* The recipient of the envelope, an address of the user, or one of :addresses (RFC 5230 4.5). */
static bool is_own(struct sieve_run *r, const struct sieve_op *op, struct str address)
{
	struct sieve_list own = sieve_list(op, ARG_ADDRESSES);
	const struct sieve_host *h = r->host;
	struct str item;

	while (sieve_list_next(r, &own, &item))
		if (str_eqi(item, address))
			return true;
	return envelope_has(r, STR("to"), address) ||
	       (h->own_address != NULL && h->own_address(h->arg, address));
}

static bool field_has_own(struct sieve_run *r, const struct sieve_op *op, struct str value)
{
	struct address_list list;
	char room[MAILADDR_PATH_MAX];

	address_list_parse(&r->scratch, value, OWN_MAX, &list);
	for (size_t i = 0; i < list.n; i++) {
		struct buf spec;

		if (list.items[i].kind != ADDRESS_MAILBOX)
			continue;
		buf_init_in(&spec, room, sizeof room);
		buf_fmt(&spec, "%.*s@%.*s", STR_ARG(list.items[i].local),
		        STR_ARG(list.items[i].domain));
		if (buf_ok(&spec) && is_own(r, op, buf_str(&spec)))
			return true;
	}
	return false;
}

static bool is_addressed(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_fields f;
	struct str value;

	for (size_t i = 0; i < COUNT(to_fields); i++) {
		sieve_fields_init(r, &f, str_of(to_fields[i]));
		while (sieve_fields_next(r, &f, &value))
			if (field_has_own(r, op, value))
				return true;
	}
	return false;
}

/* Why there is no answer; empty: there is one. */
static struct str suppressed(struct sieve_run *r, const struct sieve_op *op, struct str sender)
{
	struct str value;

	if (sender.n == 0)
		return STR("The sender of the envelope is empty");
	if (is_from_robot(sender))
		return STR("The sender is a list or a mail system");
	if (is_own(r, op, sender))
		return STR("The sender is the recipient");
	if (sieve_is_automatic(r))
		return STR("The message was sent automatically");
	if (field_get(r, "precedence", &value) &&
	    (str_eqi(value, STR("bulk")) || str_eqi(value, STR("list")) ||
	     str_eqi(value, STR("junk"))))
		return STR("The precedence of the message is bulk, list or junk");
	for (size_t i = 0; i < COUNT(list_fields); i++)
		if (field_get(r, list_fields[i], &value))
			return STR("The message is from a mailing list");
	if (!is_addressed(r, op))
		return STR("The recipient is not in To, Cc or Bcc");
	return STR_EMPTY;
}

/* Two answers are the same by their handle, or else by their arguments before variables are
 * replaced (RFC 5230 4.2). */
static struct str handle_get(struct sieve_run *r, const struct sieve_op *op)
{
	static const enum sieve_arg arguments[] = { ARG_SUBJECT, ARG_FROM, ARG_MIME, ARG_1 };
	uint64_t h = 14695981039346656037u;
	char digits[24];

	if (sieve_has(op, ARG_HANDLE))
		return sieve_keep_str(r, sieve_str(r, op, ARG_HANDLE));
	for (size_t i = 0; i < COUNT(arguments); i++) {
		struct str s = sieve_has(op, arguments[i]) ? op->at[arguments[i]] : STR_EMPTY;

		for (size_t n = 0; n < s.n; n++)
			h = (h ^ (unsigned char)s.p[n]) * 1099511628211u;
		h = (h ^ (s.n + i)) * 1099511628211u;
	}
	snprintf(digits, sizeof digits, "%016" PRIx64, h);
	return sieve_keep_str(r, str_of(digits));
}

/* :subject, or "Auto: " before the one of the message (RFC 5230 5.2). */
static struct str subject_get(struct sieve_run *r, const struct sieve_op *op)
{
	struct str value;

	if (sieve_has(op, ARG_SUBJECT))
		return sieve_keep_str(r, sieve_str(r, op, ARG_SUBJECT));
	if (!field_get(r, "subject", &value))
		return STR("Automated reply");
	value = str_sub(sieve_field_text(r, value), 0, 200);
	return sieve_keep_str(r, str_fmt(&r->scratch, "Auto: %.*s", STR_ARG(value)));
}

void sieve_fcc_give(struct sieve_run *r, const struct sieve_op *op, struct sieve_action *action)
{
	struct sieve_text flags = { 0 };

	if (!sieve_has(op, ARG_FCC))
		return;
	action->fcc = sieve_keep_str(r, sieve_str(r, op, ARG_FCC));
	action->fcc_create = sieve_has(op, ARG_CREATE);
	action->fcc_special_use = sieve_keep_str(r, sieve_str(r, op, ARG_SPECIAL_USE));
	action->fcc_mailbox_id = sieve_keep_str(r, sieve_str(r, op, ARG_MAILBOX_ID));
	sieve_flags_set(r, &flags, sieve_list(op, ARG_FLAGS));
	action->fcc_flags = sieve_text_get(&flags);
}

bool sieve_act_vacation(struct sieve_run *r, const struct sieve_op *op)
{
	const struct sieve_host *h = r->host;
	struct sieve_action *action = NULL;
	struct str sender = STR_EMPTY;

	for (struct sieve_action *a = r->result->actions; a != NULL; a = a->next)
		if (a->kind == SIEVE_VACATION)
			return sieve_fail(r, "\"vacation\" was executed before");
	if (h->envelope == NULL || !h->envelope(h->arg, STR("from"), 0, &sender))
		sender = STR_EMPTY;
	if ((action = sieve_action_add(r, op, SIEVE_VACATION)) == NULL)
		return false;
	action->recipient = sieve_keep_str(r, sender);
	action->text = sieve_keep_str(r, sieve_str(r, op, ARG_1));
	action->subject = subject_get(r, op);
	action->from = sieve_keep_str(r, sieve_str(r, op, ARG_FROM));
	action->mime = sieve_has(op, ARG_MIME);
	action->handle = handle_get(r, op);
	action->seconds = sieve_number(
		op, ARG_SECONDS, MAX(sieve_number(op, ARG_DAYS, VACATION_DAYS), 1u) * DAY_SECONDS);
	sieve_fcc_give(r, op, action);
	action->suppressed = suppressed(r, op, sender);
	sieve_explain(r, "%.*s", STR_ARG(action->suppressed));
	return true;
}

void sieve_check_vacation(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *seconds = sieve_value_of(c, ARG_SECONDS);
	const struct sieve_value *from = sieve_value_of(c, ARG_FROM);
	struct address_list list;

	if (seconds != NULL && sieve_value_of(c, ARG_DAYS) != NULL)
		sieve_report_value(p, seconds, "\":days\" and \":seconds\" exclude each other");
	if (from == NULL || !sieve_constant(p, from, 0))
		return;
	address_list_parse(&p->scratch, from->items[0], 1, &list);
	if (list.n == 0 || list.items[0].domain.n == 0)
		sieve_report_value(p, from, "\"%.*s\" is not a mail address",
		                   STR_ARG(str_sub(from->items[0], 0, 80)));
}
