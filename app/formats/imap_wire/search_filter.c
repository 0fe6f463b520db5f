/* formats/imap_wire/search_filter.c: named searches in a search program (RFC 5466), see search.h.
 *
 * The parser reads a filter's value in place of its name and then continues after the name, as if
 * it were one text. Filters may contain filters: those being read are a stack of sources, in which
 * a cycle is detected. Each value was validated alone before, so that parentheses and operands of
 * OR do not cross its end. */
#include "formats/imap_wire/search_parser.h"
#include "foundation/base/arena.h"
#include "foundation/text/utf8.h"

static bool is_name_char(unsigned char c)
{
	return c != '/' && imap_is_atom_char(c);
}

bool imap_filter_name_parse(struct cur *c, struct str *out)
{
	*out = cur_while(c, is_name_char);
	return out->n != 0;
}

bool imap_filter_value_valid(struct str value, unsigned depth)
{
	struct arena scratch = { 0 };
	struct imap_search out = { .n = 0 };
	struct cur c = cur_of(value);
	struct imap_search_parser p = {
		.c = &c, .a = &scratch, .out = &out, .charset = STR("utf-8")
	};
	bool ok;

	p.depth_max = MIN(depth, (unsigned)IMAP_SEARCH_STACK);
	ok = utf8_valid(value) && imap_search_program_parse(&p);
	arena_deinit(&scratch);
	return ok;
}

static bool is_being_read(const struct imap_search_parser *p, struct str name)
{
	for (unsigned i = 0; i < p->source_n; i++)
		if (str_eqi(p->sources[i].name, name))
			return true;
	return false;
}

/* RFC 5466 3.1: a filter that contains itself, or is too deep, counts as missing. */
static enum err value_find(struct imap_search_parser *p, struct str name, struct str *value)
{
	struct imap_search_filters *f = p->filters;
	enum err e;

	if (is_being_read(p, name) || p->source_n >= MIN(f->passes, (unsigned)IMAP_SEARCH_FILTERS))
		return ERR_MISSING;
	if ((e = f->find(name, value, f->arg)))
		return e;
	if (value->n > f->bytes - p->out->inserted)
		return ERR_LIMIT;
	p->out->inserted += value->n;
	return imap_filter_value_valid(*value, p->depth_max) ? OK : ERR_SYNTAX;
}

bool imap_search_source_enter(struct imap_search_parser *p)
{
	struct imap_search_source *s;
	struct str name, value;

	if (!imap_space(p->c) || !imap_filter_name_parse(p->c, &name))
		return false;
	p->failed = value_find(p, name, &value);
	if (p->failed) {
		p->filters->name = name;
		return false;
	}
	s = &p->sources[p->source_n++];
	*s = (struct imap_search_source){ name, cur_of(value), p->c, p->charset };
	p->c = &s->c;
	p->charset = STR("utf-8"); /* RFC 5466 2 */
	return true;
}

void imap_search_source_leave(struct imap_search_parser *p)
{
	while (p->source_n && imap_end(p->c)) {
		const struct imap_search_source *s = &p->sources[--p->source_n];

		p->c = s->outer;
		p->charset = s->outer_charset;
	}
}

enum err imap_search_expand(struct imap_search *what, struct arena *a, unsigned depth,
                            struct imap_search_filters *with)
{
	struct cur c = what->keys;
	struct imap_search_parser p = {
		.c = &c, .a = a, .out = what, .charset = what->charset_name, .filters = with
	};

	what->steps = NULL;
	what->n = 0;
	what->inserted = 0;
	what->fuzzy = what->modseq = what->filtered = false;
	p.depth_max = MIN(depth, (unsigned)IMAP_SEARCH_STACK);
	/* The keys and each value were parsed before, so the only possible error is that they are
	 * too many together. */
	if (imap_search_program_parse(&p))
		return OK;
	return p.failed ? p.failed : ERR_LIMIT;
}
