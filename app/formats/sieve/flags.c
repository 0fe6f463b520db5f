/* formats/sieve/flags.c: flags of IMAP (RFC 5232). A set of flags is a string of words. */
#include "formats/sieve/match.h"
#include "formats/sieve/parser.h"

#include <string.h>

/* The next word of a set. */
static bool flag_next(struct cur *c, struct str *out)
{
	const char *from;

	while (!cur_done(c) && ascii_space((unsigned char)*c->p))
		c->p++;
	for (from = c->p; !cur_done(c) && !ascii_space((unsigned char)*c->p);)
		c->p++;
	*out = str_from(from, (size_t)(c->p - from));
	return out->n != 0;
}

static bool flags_have(struct str flags, struct str flag)
{
	struct cur c = cur_of(flags);
	struct str word;

	while (flag_next(&c, &word))
		if (str_eqi(word, flag))
			return true;
	return false;
}

/* Names that IMAP cannot store are ignored (RFC 5232 5). */
static bool flag_valid(struct str flag)
{
	for (size_t i = 0; i < flag.n; i++)
		if (flag.p[i] < '!' || flag.p[i] > '~' || strchr("(){%*\"]", flag.p[i]) != NULL ||
		    (flag.p[i] == '\\' && i != 0))
			return false;
	return flag.n != 0 && !str_eqi(flag, STR("\\Recent"));
}

/* from with the flags of the list (add), or without them, in scratch. */
static struct str flags_change(struct sieve_run *r, struct str from, struct sieve_list flags,
                               bool add)
{
	size_t max = SIEVE_VARIABLE_MAX;
	char *room = arena_try(&r->scratch, max);
	struct str item, flag;
	struct buf out;
	struct cur c;

	if (room == NULL) {
		(void)sieve_fail(r, "The script needs too much memory");
		return STR_EMPTY;
	}
	buf_init_in(&out, room, max);
	for (c = cur_of(from); add && flag_next(&c, &flag);)
		buf_fmt(&out, "%s%.*s", out.n != 0 ? " " : "", STR_ARG(flag));
	while (add && sieve_list_next(r, &flags, &item)) {
		for (c = cur_of(item); flag_next(&c, &flag);)
			if (flag_valid(flag) && !flags_have(buf_str(&out), flag))
				buf_fmt(&out, "%s%.*s", out.n != 0 ? " " : "", STR_ARG(flag));
	}
	for (c = cur_of(from); !add && flag_next(&c, &flag);) {
		struct sieve_list gone = flags;
		bool found = false;

		while (!found && sieve_list_next(r, &gone, &item))
			found = flags_have(item, flag);
		if (!found)
			buf_fmt(&out, "%s%.*s", out.n != 0 ? " " : "", STR_ARG(flag));
	}
	return buf_str(&out);
}

void sieve_flags_set(struct sieve_run *r, struct sieve_text *to, struct sieve_list flags)
{
	sieve_text_set(r, to, flags_change(r, STR_EMPTY, flags, true), SIEVE_VARIABLE_MAX);
}

/* setflag, addflag and removeflag, of a variable or of the internal one. */
bool sieve_act_flags(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list flags = sieve_list(op, ARG_2);
	struct sieve_text *to = &r->flags;
	struct str from;
	uint32_t i;

	if (sieve_has(op, ARG_1)) {
		if (!sieve_variable_named(r, sieve_str(r, op, ARG_1), &i) ||
		    (to = sieve_variable(r, i)) == NULL)
			return false;
	} else {
		r->has_flags = true;
	}
	from = op->code == OP_SETFLAG ? STR_EMPTY : sieve_text_get(to);
	sieve_text_set(r, to, flags_change(r, from, flags, op->code != OP_REMOVEFLAG),
	               SIEVE_VARIABLE_MAX);
	return true;
}

static bool set_matches(struct sieve_matcher *m, struct str flags)
{
	struct cur c = cur_of(flags);
	struct str flag;

	while (!m->run->stopped && flag_next(&c, &flag))
		if (sieve_matcher_value(m, flag))
			return true;
	return false;
}

/* The names of variables; without them the internal one. Keys are sets too. */
bool sieve_test_hasflag(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list names = sieve_list(op, ARG_1);
	struct sieve_matcher m;
	struct str name;

	sieve_matcher_init(&m, r, op, ARG_2);
	m.words = m.type != MATCH_COUNT;
	if (!sieve_has(op, ARG_1) && set_matches(&m, sieve_text_get(&r->flags)))
		return true;
	while (!r->stopped && sieve_list_next(r, &names, &name)) {
		struct sieve_text *variable;
		uint32_t i;

		if (sieve_variable_named(r, name, &i) &&
		    (variable = sieve_variable(r, i)) != NULL &&
		    set_matches(&m, sieve_text_get(variable)))
			return true;
	}
	return sieve_matcher_end(&m);
}

void sieve_check_hasflag(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *names = sieve_value_of(c, ARG_1);
	uint32_t variable;

	sieve_check_match(p, c);
	if (names != NULL && !sieve_enabled(p, EXT_VARIABLES))
		return sieve_report_value(p, names,
		                          "The name of a variable needs require \"variables\"");
	for (size_t i = 0; names != NULL && i < names->n; i++)
		if (sieve_constant(p, names, i))
			(void)sieve_variable_find(p, names->items[i], names, &variable);
}
