/* formats/sieve/include.c: include, return and global (RFC 6609). */
#include "formats/sieve/parser.h"
#include "formats/sieve/run.h"

static bool was_included(const struct sieve_run *r, bool global, struct str name)
{
	for (const struct sieve_included *i = r->included; i != NULL; i = i->next)
		if (i->global == global && str_eq(i->name, name))
			return true;
	return false;
}

static void included_add(struct sieve_run *r, bool global, struct str name)
{
	struct sieve_included *i = sieve_alloc(r, sizeof *i);

	if (i == NULL)
		return;
	*i = (struct sieve_included){ sieve_keep_str(r, name), global, r->included };
	r->included = i;
}

bool sieve_act_include(struct sieve_run *r, const struct sieve_op *op)
{
	const struct sieve_host *h = r->host;
	bool global = sieve_number(op, ARG_LOCATION, 0) != 0;
	struct str name = sieve_str(r, op, ARG_1), program;
	bool seen = was_included(r, global, name);

	if (seen && sieve_has(op, ARG_ONCE))
		return true;
	if (h->script == NULL || !h->script(h->arg, global, name, &program))
		return sieve_has(op, ARG_OPTIONAL) ||
		       sieve_fail(r, "There is no script \"%.*s\" to include", STR_ARG(name));
	if (r->depth == COUNT(r->scripts) || r->includes++ == r->limits->includes)
		return sieve_fail(r, "Scripts include each other too deeply or too often");
	if (!seen)
		included_add(r, global, name);
	return sieve_script_begin(r, program);
}

bool sieve_act_return(struct sieve_run *r, const struct sieve_op *op)
{
	(void)op;
	sieve_script_end(r);
	return true;
}

struct sieve_text *sieve_global(struct sieve_run *r, struct str name)
{
	struct sieve_global *g = r->globals;

	while (g != NULL && !str_eqi(g->name, name))
		g = g->next;
	if (g != NULL)
		return &g->value;
	if ((g = sieve_alloc(r, sizeof *g)) == NULL)
		return NULL;
	g->name = sieve_keep_str(r, name);
	g->next = r->globals;
	r->globals = g;
	return &g->value;
}

/* The names are shared with all scripts that declare them too. */
bool sieve_act_global(struct sieve_run *r, const struct sieve_op *op)
{
	struct sieve_list names = sieve_list(op, ARG_1);
	struct sieve_text **variable, *global;
	struct str name;
	uint32_t i;

	while (sieve_list_next(r, &names, &name)) {
		if (!sieve_variable_named(r, name, &i))
			continue;
		variable = &sieve_script_top(r)->variables[i];
		global = sieve_global(r, name);
		if (*variable != NULL && *variable != global)
			return sieve_fail(r,
			                  "The variable \"%.*s\" was used before it became global",
			                  STR_ARG(name));
		*variable = global;
	}
	return true;
}

void sieve_check_global(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *names = sieve_value_of(c, ARG_1);
	uint32_t variable;

	if (!sieve_enabled(p, EXT_VARIABLES))
		return sieve_report(p, true, c->line, c->column,
		                    "\"global\" needs require \"variables\"");
	for (size_t i = 0; i < names->n; i++)
		(void)sieve_variable_find(p, names->items[i], names, &variable);
}
