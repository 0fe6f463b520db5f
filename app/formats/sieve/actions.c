/* formats/sieve/actions.c: keep, fileinto, discard, stop (RFC 5228 4), reject (RFC 5429). */
#include "formats/sieve/parser.h"
#include "formats/sieve/run.h"

#include "foundation/text/utf8.h"

enum { MAILBOX_BYTES = 1000 }; /* of a name */

/* RFC 5429 2.3: a message is rejected or delivered, and rejected once. */
static bool excludes(enum sieve_action_kind kind)
{
	return kind == SIEVE_REJECT || kind == SIEVE_EREJECT || kind == SIEVE_DEFER;
}

static bool goes_with_all(enum sieve_action_kind kind)
{
	return kind == SIEVE_DISCARD || kind == SIEVE_NOTIFY; /* RFC 5435 3.8 */
}

static bool conflicts(struct sieve_run *r, enum sieve_action_kind kind)
{
	for (const struct sieve_action *a = r->result->actions; a != NULL; a = a->next) {
		if (goes_with_all(a->kind) || goes_with_all(kind) ||
		    (!excludes(a->kind) && !excludes(kind)))
			continue;
		return !sieve_fail(r, "A rejected message cannot be kept, sent, answered or "
		                      "rejected again");
	}
	return false;
}

struct sieve_action *sieve_action_add(struct sieve_run *r, const struct sieve_op *op,
                                      enum sieve_action_kind kind)
{
	struct sieve_action *action;

	if (r->host->imap_event && (excludes(kind) || kind == SIEVE_VACATION)) {
		(void)sieve_fail(r, "\"%s\" is for new mail only", sieve_word_of(op->code)->name);
		return NULL;
	}
	if (conflicts(r, kind))
		return NULL;
	if (r->actions == r->limits->actions) {
		(void)sieve_fail(r, "The script has more than %u actions", r->limits->actions);
		return NULL;
	}
	if ((action = sieve_alloc(r, sizeof *action)) == NULL)
		return NULL;
	r->actions++;
	action->kind = kind;
	action->line = op->line;
	action->edits = r->result->edits_n;
	action->changes = r->result->changes_n;
	*r->actions_end = action;
	r->actions_end = &action->next;
	return action;
}

struct sieve_action *sieve_action_find(struct sieve_run *r, enum sieve_action_kind kind,
                                       struct str target)
{
	for (struct sieve_action *a = r->result->actions; a != NULL; a = a->next)
		if (a->kind == kind && str_eq(a->target, target))
			return a;
	return NULL;
}

struct sieve_action *sieve_action_for(struct sieve_run *r, const struct sieve_op *op,
                                      enum sieve_action_kind kind, struct str target)
{
	struct sieve_action *action = sieve_action_find(r, kind, target);

	if (!sieve_has(op, ARG_COPY))
		r->keeps = false; /* RFC 3894 3 */
	if (action == NULL && (action = sieve_action_add(r, op, kind)) == NULL)
		return NULL;
	if (action->target.n == 0)
		action->target = sieve_keep_str(r, target);
	action->copy = sieve_has(op, ARG_COPY);
	return action;
}

static void flags_give(struct sieve_run *r, const struct sieve_op *op, struct sieve_action *action)
{
	struct sieve_text flags = { 0 };

	if (action == NULL || !sieve_uses(r, EXT_IMAP4FLAGS))
		return;
	action->has_flags = sieve_has(op, ARG_FLAGS) || r->has_flags;
	if (sieve_has(op, ARG_FLAGS))
		sieve_flags_set(r, &flags, sieve_list(op, ARG_FLAGS));
	action->flags = sieve_has(op, ARG_FLAGS) ? sieve_text_get(&flags)
	                                         : sieve_keep_str(r, sieve_text_get(&r->flags));
}

bool sieve_act_stop(struct sieve_run *r, const struct sieve_op *op)
{
	(void)op;
	r->stopped = true;
	return true;
}

bool sieve_act_keep(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_action *action = sieve_action_for(r, op, SIEVE_KEEP, STR_EMPTY);

	flags_give(r, op, action);
	return action != NULL;
}

bool sieve_act_discard(struct sieve_run *r, const struct sieve_op *op)
{
	return sieve_action_for(r, op, SIEVE_DISCARD, STR_EMPTY) != NULL;
}

static bool mailbox_valid(struct str name)
{
	return name.n != 0 && name.n <= MAILBOX_BYTES && utf8_valid(name) &&
	       str_find_byte(name, '\0') < 0 && str_find_byte(name, '\n') < 0;
}

bool sieve_act_fileinto(struct sieve_run *r, const struct sieve_op *op)
{
	struct str mailbox = sieve_str(r, op, ARG_1);
	struct sieve_action *action;

	if (!mailbox_valid(mailbox))
		return sieve_fail(r, "\"%.*s\" is not the name of a mailbox",
		                  STR_ARG(str_sub(mailbox, 0, 80)));
	if ((action = sieve_action_for(r, op, SIEVE_FILEINTO, mailbox)) == NULL)
		return false;
	flags_give(r, op, action);
	action->create = action->create || sieve_has(op, ARG_CREATE);
	action->special_use = sieve_keep_str(r, sieve_str(r, op, ARG_SPECIAL_USE));
	action->mailbox_id = sieve_keep_str(r, sieve_str(r, op, ARG_MAILBOX_ID));
	return true;
}

bool sieve_act_reject(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_action *action =
	    sieve_action_add(r, op, op->code == OP_REJECT ? SIEVE_REJECT : SIEVE_EREJECT);

	if (action == NULL)
		return false;
	r->keeps = false;
	action->text = sieve_keep_str(r, sieve_str(r, op, ARG_1));
	return true;
}

void sieve_check_fileinto(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *mailbox = sieve_value_of(c, ARG_1);

	if (sieve_constant(p, mailbox, 0) && !mailbox_valid(mailbox->items[0]))
		sieve_report_value(p, mailbox, "\"%.*s\" is not the name of a mailbox",
		                   STR_ARG(str_sub(mailbox->items[0], 0, 80)));
}
