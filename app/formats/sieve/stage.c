/* formats/sieve/stage.c: scripts of SMTP stages: what they may use, and the extension
 * vnd.roost.smtp with defer and seen (docs/reference/sieve-smtp.md). */
#include "formats/sieve/parser.h"
#include "formats/sieve/run.h"

enum { EXPIRE_SECONDS = 7 * 86400 };

static const char *const stage_names[SIEVE_STAGES] = { "delivery", "connect", "ehlo", "mail",
	                                               "rcpt",     "data",    "end" };

const char *sieve_stage_name(enum sieve_stage stage)
{
	return stage_names[stage];
}

enum sieve_stage sieve_stage_find(struct str name)
{
	for (unsigned i = SIEVE_DELIVERY + 1; i < SIEVE_STAGES; i++)
		if (str_eq(name, str_of(stage_names[i])))
			return (enum sieve_stage)i;
	return SIEVE_DELIVERY;
}

/* --- at compile time --------------------------------------------------------------------- */

/* The first stage at which a word can be used. Words without a row need a mailbox or an account,
 * which no SMTP stage has. */
static const uint8_t first_stage[OP_COUNT] = {
	[OP_REQUIRE] = SIEVE_CONNECT,     [OP_IF] = SIEVE_CONNECT,
	[OP_ELSIF] = SIEVE_CONNECT,       [OP_ELSE] = SIEVE_CONNECT,
	[OP_END] = SIEVE_CONNECT,         [OP_ANYOF] = SIEVE_CONNECT,
	[OP_ALLOF] = SIEVE_CONNECT,       [OP_NEGATE] = SIEVE_CONNECT,
	[OP_TRUE] = SIEVE_CONNECT,        [OP_FALSE] = SIEVE_CONNECT,
	[OP_KEEP] = SIEVE_CONNECT,        [OP_FILEINTO] = SIEVE_CONNECT,
	[OP_DISCARD] = SIEVE_CONNECT,     [OP_REJECT] = SIEVE_CONNECT,
	[OP_EREJECT] = SIEVE_CONNECT,     [OP_SET] = SIEVE_CONNECT,
	[OP_STRING] = SIEVE_CONNECT,      [OP_CURRENTDATE] = SIEVE_CONNECT,
	[OP_ENVIRONMENT] = SIEVE_CONNECT, [OP_IHAVE] = SIEVE_CONNECT,
	[OP_ERROR] = SIEVE_CONNECT,       [OP_DEFER] = SIEVE_CONNECT,
	[OP_SEEN] = SIEVE_CONNECT,        [OP_ENVELOPE] = SIEVE_MAIL,
	[OP_HEADER] = SIEVE_END,          [OP_ADDRESS] = SIEVE_END,
	[OP_EXISTS] = SIEVE_END,          [OP_SIZE] = SIEVE_END,
	[OP_BODY] = SIEVE_END,            [OP_DATE] = SIEVE_END,
	[OP_ADDHEADER] = SIEVE_END,       [OP_DELETEHEADER] = SIEVE_END,
	[OP_REDIRECT] = SIEVE_END,        [OP_FOREVERYPART] = SIEVE_END,
	[OP_BREAK] = SIEVE_END,           [OP_EXTRACTTEXT] = SIEVE_END,
};

/* The stage at which a part of the envelope is known. */
static enum sieve_stage part_stage(struct str part)
{
	return str_eqi(part, STR("to")) || str_eqi(part, STR("orcpt")) ||
	                       str_eqi(part, STR("notify"))
	               ? SIEVE_RCPT
	               : SIEVE_MAIL;
}

static void parts_check(struct sieve_parser *p, const struct sieve_value *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (sieve_constant(p, names, i) && p->options->stage < part_stage(names->items[i]))
			sieve_report_value(p, names,
			                   "The part \"%.*s\" is not known before the stage \"%s\"",
			                   STR_ARG(names->items[i]),
			                   stage_names[part_stage(names->items[i])]);
}

static bool is_constant(const struct sieve_parser *p, const struct sieve_value *v, struct str want)
{
	return v != NULL && sieve_constant(p, v, 0) && str_eqi(v->items[0], want);
}

static bool only(const struct sieve_command *c, uint64_t arguments)
{
	return (c->present & ~arguments) == 0;
}

static bool is_quarantine(const struct sieve_parser *p, const struct sieve_command *c)
{
	const struct sieve_value *use = sieve_value_of(c, ARG_SPECIAL_USE);

	return only(c, sieve_bit(ARG_1) | sieve_bit(ARG_SPECIAL_USE)) &&
	       (use != NULL ? is_constant(p, use, STR("\\Junk"))
	                    : is_constant(p, sieve_value_of(c, ARG_1), STR("Junk")));
}

void sieve_check_stage(struct sieve_parser *p, struct sieve_command *c)
{
	enum sieve_code code = sieve_word_code(c->word);
	enum sieve_stage stage = p->options->stage;

	if (first_stage[code] == SIEVE_DELIVERY)
		sieve_report(p, true, c->line, c->column,
		             "\"%s\" cannot be used in a script of an SMTP stage",
		             c->word->name);
	else if (stage < first_stage[code])
		sieve_report(p, true, c->line, c->column,
		             "\"%s\" needs the %s, which the stage \"%s\" does not have yet",
		             c->word->name, code == OP_ENVELOPE ? "envelope" : "message",
		             stage_names[stage]);
	else if (code == OP_ENVELOPE)
		parts_check(p, sieve_value_of(c, ARG_1));
	else if (code == OP_FILEINTO && !is_quarantine(p, c))
		sieve_report(p, true, c->line, c->column,
		             "At an SMTP stage, \"fileinto\" can name \"Junk\" only");
	else if (code == OP_REDIRECT && !only(c, sieve_bit(ARG_1) | sieve_bit(ARG_COPY)))
		sieve_report(p, true, c->line, c->column,
		             "At an SMTP stage, \"redirect\" can have \":copy\" only");
	else if (code == OP_KEEP && c->present != 0)
		sieve_report(p, true, c->line, c->column,
		             "At an SMTP stage, \"keep\" has no arguments");
}

/* --- at run time -------------------------------------------------------------------------- */

bool sieve_act_defer(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_action *action = sieve_action_add(r, op, SIEVE_DEFER);

	if (action == NULL)
		return false;
	r->keeps = false;
	action->text = sieve_keep_str(r, sieve_str(r, op, ARG_1));
	return true;
}

bool sieve_test_seen(struct sieve_run *r, const struct sieve_op *op)
{
	const struct sieve_host *h = r->host;
	struct sieve_seen s = { .key = sieve_str(r, op, ARG_1),
		                .seconds = sieve_number(op, ARG_TIMEOUT, 0),
		                .expire = sieve_number(op, ARG_EXPIRE, EXPIRE_SECONDS) };

	return h->seen != NULL && h->seen(h->arg, &s);
}
