/* formats/sieve/mime_tests.c: the parts of a message (RFC 5703 3, 4 and 7): foreverypart, the
 * options of :mime, extracttext. */
#include "formats/message/decode.h"
#include "formats/message/param.h"
#include "formats/sieve/match.h"
#include "formats/sieve/parser.h"

#include "foundation/text/utf8.h"

#include <string.h>

enum { EXTRACT_BYTES = 4 * SIEVE_VARIABLE_MAX }; /* encoded, of a part */

/* --- loops ------------------------------------------------------------------------------- */

uint32_t sieve_part_now(const struct sieve_run *r)
{
	return r->loops_n != 0 ? r->loops[r->loops_n - 1].part : 0;
}

uint32_t sieve_part_end(const struct message *m, uint32_t part)
{
	uint32_t end = part + 1;

	while (end < m->n && m->parts[end].depth > m->parts[part].depth)
		end++;
	return end;
}

/* The outer loop begins with the message itself, an inner one with the first part in that of the
 * outer loop. */
bool sieve_loop_begin(struct sieve_run *r)
{
	const struct message *m = sieve_parts(r);
	uint32_t first = r->loops_n != 0 ? sieve_part_now(r) + 1 : 0;
	uint32_t end = r->loops_n != 0 ? sieve_part_end(m, first - 1) : m->n;

	if (first == end)
		return false;
	if (r->loops_n == COUNT(r->loops))
		return sieve_fail(r, "More than %d loops are nested", SIEVE_LOOPS);
	r->loops[r->loops_n++] = (struct sieve_loop){ first, end };
	return true;
}

static bool loop_open(struct sieve_run *r)
{
	return r->loops_n > sieve_script_top(r)->loops ||
	       sieve_fail(r, "The compiled script is damaged");
}

/* A part that was replaced has no parts any more. */
static bool part_is_replaced(const struct sieve_run *r, const struct part *part)
{
	for (const struct sieve_change *c = r->result->changes; c != NULL; c = c->next)
		if (c->kind == SIEVE_REPLACE_BODY ||
		    (c->kind == SIEVE_REPLACE_PART && part->header.off > c->off &&
		     part->header.off < c->off + c->len))
			return true;
	return false;
}

bool sieve_loop_next(struct sieve_run *r)
{
	struct sieve_loop *loop;

	if (!loop_open(r))
		return false;
	loop = &r->loops[r->loops_n - 1];
	do {
		loop->part++;
	} while (loop->part < loop->end &&
	         part_is_replaced(r, &sieve_parts(r)->parts[loop->part]));
	if (loop->part < loop->end)
		return true;
	r->loops_n--;
	return false;
}

void sieve_loop_leave(struct sieve_run *r)
{
	if (loop_open(r))
		r->loops_n--;
}

/* --- :type, :subtype, :contenttype, :param ------------------------------------------------- */

static bool params_match(struct sieve_run *r, struct sieve_matcher *m, const struct sieve_op *op,
                         struct str value)
{
	struct sieve_list names = sieve_list(op, ARG_MIME_PARAMS);
	ptrdiff_t semicolon = str_find_byte(value, ';');
	struct str name, param;

	while (semicolon >= 0 && !r->stopped && sieve_list_next(r, &names, &name)) {
		(void)sieve_work(r, value.n);
		if (param_find(&r->scratch, str_sub(value, (size_t)semicolon, value.n), name,
		               &param) &&
		    sieve_matcher_value(m, param))
			return true;
	}
	return false;
}

bool sieve_mime_matches(struct sieve_run *r, struct sieve_matcher *m, const struct sieve_op *op,
                        struct str name, struct str value)
{
	uint64_t which = sieve_number(op, ARG_MIME_PART, MIME_TYPE);
	bool is_type = str_eqi(name, STR("content-type"));
	bool has_type = is_type || str_eqi(name, STR("content-disposition"));
	struct str type = STR_EMPTY, subtype = STR_EMPTY, text = STR_EMPTY;
	struct cur c = cur_of(value);

	if (which == MIME_PARAM)
		return params_match(r, m, op, value);
	if (has_type && !param_head_parse(&c, &type, &subtype))
		return m->type != MATCH_COUNT && sieve_matcher_value(m, STR_EMPTY);
	if (which == MIME_SUBTYPE)
		text = is_type ? subtype : STR_EMPTY;
	else if (which == MIME_TYPE || !is_type)
		text = type;
	else if (type.n != 0)
		text = str_fmt(&r->scratch, "%.*s/%.*s", STR_ARG(type), STR_ARG(subtype));
	return sieve_matcher_value(m, text);
}

static void mime_check(struct sieve_parser *p, struct sieve_command *c)
{
	const struct sieve_value *child = sieve_value_of(c, ARG_ANYCHILD);
	const struct sieve_value *part = sieve_value_of(c, ARG_MIME_PART);

	if (sieve_value_of(c, ARG_MIME_TEST) != NULL)
		return;
	if (child != NULL)
		sieve_report_value(p, child, "\":anychild\" needs \":mime\"");
	if (part != NULL)
		sieve_report_value(p, part, "An option of \":mime\" needs \":mime\"");
}

void sieve_check_header(struct sieve_parser *p, struct sieve_command *c)
{
	sieve_check_match(p, c);
	mime_check(p, c);
}

void sieve_check_exists(struct sieve_parser *p, struct sieve_command *c)
{
	mime_check(p, c);
}

/* --- extracttext ------------------------------------------------------------------------- */

static struct str characters_cut(struct str s, uint64_t n)
{
	struct cur c = cur_of(s);

	while (n-- > 0 && !cur_done(&c))
		(void)utf8_next(&c);
	return str_from(s.p, s.n - cur_left(&c));
}

/* The begin of the part's text, in scratch; empty for what is not text (RFC 5703 7). */
static struct str part_text(struct sieve_run *r)
{
	const struct message *m = sieve_parts(r);
	const struct part *part = &m->parts[sieve_part_now(r)];
	struct str body = str_sub(message_str(m, part->body), 0, EXTRACT_BYTES);
	struct str charset = STR_EMPTY;
	char *room = arena_try(&r->scratch, SIEVE_VARIABLE_MAX);
	struct buf out;

	if (r->loops_n == 0 || part->kind != PART_LEAF ||
	    !message_is(m, part, STR("text"), STR_EMPTY))
		return STR_EMPTY;
	if (room == NULL) {
		(void)sieve_fail(r, "The script needs too much memory");
		return STR_EMPTY;
	}
	(void)param_find(&r->scratch, message_str(m, part->params), STR("charset"), &charset);
	(void)sieve_work(r, body.n);
	buf_init_in(&out, room, SIEVE_VARIABLE_MAX);
	decode_text(&out, part->encoding_kind, charset, body);
	return buf_ok(&out) ? buf_str(&out) : utf8_cut(buf_str(&out), out.n - (out.n != 0));
}

bool sieve_act_extracttext(struct sieve_run *r, const struct sieve_op *op)
{
	struct str text = characters_cut(part_text(r), sieve_number(op, ARG_FIRST_N, UINT64_MAX));
	struct sieve_text *variable;
	uint32_t i;

	if (!sieve_variable_named(r, sieve_str(r, op, ARG_1), &i) ||
	    (variable = sieve_variable(r, i)) == NULL)
		return false;
	sieve_text_set(r, variable, sieve_modified(r, op, text), SIEVE_VARIABLE_MAX);
	return true;
}

void sieve_check_extracttext(struct sieve_parser *p, struct sieve_command *c)
{
	sieve_check_variable(p, c);
	for (size_t i = 0; i < p->depth; i++)
		if (p->frames[i].kind == FRAME_LOOP)
			return;
	sieve_report(p, true, c->line, c->column, "\"extracttext\" is not in a \"foreverypart\"");
}
