/* formats/imap_wire/search.c: a search program, its parentheses, OR and NOT; see search.h. */
#include "formats/imap_wire/search_parser.h"

#include "foundation/text/charset.h"

static bool frame_push(struct imap_search_parser *p, enum imap_search_frame_kind kind)
{
	if (p->depth == p->depth_max)
		return false;
	p->frames[p->depth++] = (struct imap_search_frame){ .kind = kind };
	return true;
}

/* An OR whose operand is an OR is part of a chain: clients write a list of alternatives as "OR a OR
 * b OR c d" of any length. A chain is one level and needs two verdicts. */
static bool frame_or(struct imap_search_parser *p)
{
	if (p->frames[p->depth - 1].kind != FRAME_OR) {
		if (!frame_push(p, FRAME_OR))
			return false;
		p->frames[p->depth - 1].wanted = 1;
	}
	p->frames[p->depth - 1].wanted++;
	return true;
}

/* "(", "NOT", "OR" or "FUZZY" (RFC 6203 7) before a key, or a FILTER that contains the key; *is:
 * there was one. False: too deep, no space after it, or the filter is invalid. */
static bool opening(struct imap_search_parser *p, bool *is)
{
	*is = true;
	if (cur_byte(p->c, '('))
		return frame_push(p, FRAME_LIST);
	if (imap_word(p->c, STR("NOT")))
		return imap_space(p->c) && frame_push(p, FRAME_NOT);
	if (imap_word(p->c, STR("OR")))
		return imap_space(p->c) && frame_or(p);
	if (imap_word(p->c, STR("FUZZY"))) {
		p->fuzzy++;
		p->out->fuzzy = true;
		return imap_space(p->c) && frame_push(p, FRAME_FUZZY);
	}
	if (p->filters && imap_word(p->c, STR("FILTER")))
		return imap_search_source_enter(p);
	*is = false;
	return true;
}

enum after { AFTER_KEY, AFTER_CLOSED, AFTER_END, AFTER_BAD };

/* An operand of the innermost frame is complete: what follows? */
static enum after operand_done(struct imap_search_parser *p)
{
	struct imap_search_frame *f = &p->frames[p->depth - 1];

	imap_search_source_leave(p);
	switch (f->kind) {
	case FRAME_NOT:
		imap_search_emit(p, SEARCH_NOT);
		break;
	case FRAME_FUZZY:
		p->fuzzy--;
		break;
	case FRAME_OR:
		if (f->operands++ > 0)
			imap_search_emit(p, SEARCH_OR);
		if (f->operands < f->wanted)
			return imap_space(p->c) ? AFTER_KEY : AFTER_BAD;
		break;
	case FRAME_LIST:
		if (f->operands++ > 0)
			imap_search_emit(p, SEARCH_AND);
		if (p->depth == 1 && imap_end(p->c))
			return AFTER_END;
		if (imap_space(p->c))
			return AFTER_KEY;
		if (p->depth == 1 || !cur_byte(p->c, ')'))
			return AFTER_BAD;
		break;
	}
	p->depth--;
	return AFTER_CLOSED;
}

bool imap_search_program_parse(struct imap_search_parser *p)
{
	enum after after;
	bool open;

	p->out->keys = *p->c;
	p->out->charset_name = p->charset;
	if (!frame_push(p, FRAME_LIST))
		return false;
	for (;;) {
		do {
			if (!opening(p, &open))
				return false;
		} while (open);
		if (p->out->n >= IMAP_SEARCH_STEPS || !imap_search_key_parse(p))
			return false;
		do {
			after = operand_done(p);
		} while (after == AFTER_CLOSED);
		if (after != AFTER_KEY)
			return after == AFTER_END && p->stack_max <= IMAP_SEARCH_STACK &&
			       p->out->n <= IMAP_SEARCH_STEPS;
	}
}

static bool charset(struct imap_search_parser *p)
{
	if (!imap_astring_parse(p->c, p->a, &p->charset) || !imap_space(p->c))
		return false;
	p->out->charset_unknown = !charset_known(p->charset);
	return true;
}

bool imap_search_scores_allowed(const struct imap_search *s)
{
	return s->fuzzy || s->filtered || !(s->by_relevancy || s->returns & RETURN_RELEVANCY);
}

bool imap_search_keys_parse(struct cur *c, struct arena *a, unsigned depth, struct imap_search *out)
{
	struct imap_search_parser p = { .c = c, .a = a, .out = out };

	p.depth_max = MIN(depth, (unsigned)IMAP_SEARCH_STACK);
	return imap_space(c) && charset(&p) && imap_search_program_parse(&p) &&
	       imap_search_scores_allowed(out);
}

bool imap_search_parse(struct cur *c, struct arena *a, unsigned depth, struct imap_search *out)
{
	struct imap_search_parser p = { .c = c, .a = a, .out = out, .charset = STR("utf-8") };

	*out = (struct imap_search){ 0 };
	p.depth_max = MIN(depth, (unsigned)IMAP_SEARCH_STACK);
	if (!imap_search_returns_parse(c, a, out) || !imap_space(c))
		return false;
	out->charset = imap_word(c, STR("CHARSET"));
	if (out->charset && (!imap_space(c) || !charset(&p)))
		return false;
	return imap_search_program_parse(&p) && imap_search_scores_allowed(out);
}
