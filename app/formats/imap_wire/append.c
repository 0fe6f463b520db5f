/* formats/imap_wire/append.c: see append.h. */
#include "formats/imap_wire/append.h"
#include "foundation/text/date.h"

/* A parse under way. */
struct parse {
	struct cur *c;
	struct arena *a;
	bool literal;
	bool bytes; /* the text has ended in bytes */
	struct imap_append_text *out;
};

static struct imap_append_step *append_step(struct parse *p, enum imap_append_op op)
{
	struct imap_append_step *s =
		imap_push(p->a, &p->out->steps, &p->out->n, sizeof(*p->out->steps));

	s->op = op;
	return s;
}

/* The literal follows here: the text ends. */
static bool append_bytes(struct parse *p, enum imap_append_at behind)
{
	if (!p->literal || !cur_done(p->c))
		return false;
	(void)append_step(p, APPEND_BYTES);
	p->out->at = behind;
	p->bytes = true;
	return true;
}

/* cat-part = "TEXT" SP literal / "URL" SP astring */
static bool cat_part(struct parse *p)
{
	if (imap_word(p->c, STR("TEXT")))
		return imap_space(p->c) && append_bytes(p, APPEND_AT_PART);
	return imap_word(p->c, STR("URL")) && imap_space(p->c) &&
	       imap_astring_parse(p->c, p->a, &append_step(p, APPEND_URL)->url);
}

/* The rest after a part: *(SP cat-part) ")" */
static bool cat_rest(struct parse *p)
{
	while (imap_space(p->c)) {
		if (!cat_part(p))
			return false;
		if (p->bytes)
			return true;
	}
	(void)append_step(p, APPEND_END);
	return cur_byte(p->c, ')');
}

/* append-data = literal / literal8 / "CATENATE" SP "(" cat-part *(SP cat-part) ")" /
 *               "UTF8" SP "(" literal8 ")" */
static bool append_data(struct parse *p)
{
	if (imap_word(p->c, STR("CATENATE"))) {
		if (!imap_space(p->c) || !cur_byte(p->c, '(') || !cat_part(p))
			return false;
		return p->bytes || cat_rest(p);
	}
	if (imap_word(p->c, STR("UTF8")))
		return imap_space(p->c) && cur_byte(p->c, '(') && append_bytes(p, APPEND_AT_UTF8);
	return append_bytes(p, APPEND_AT_MESSAGE);
}

/* append-message = [SP flag-list] [SP date-time] SP append-data */
static bool append_message(struct parse *p)
{
	struct imap_append_step *begin = append_step(p, APPEND_BEGIN);
	struct date date;

	if (!imap_space(p->c))
		return false;
	if (cur_peek(p->c) == '(' &&
	    (!imap_flag_list_parse(p->c, p->a, &begin->flags) || !imap_space(p->c)))
		return false;
	/* date-time = DQUOTE date-day-fixed "-" ... SP zone DQUOTE */
	if (cur_byte(p->c, '"')) {
		if (!date_parse_imap(p->c, &date) || !cur_byte(p->c, '"') || !imap_space(p->c))
			return false;
		begin->dated = true;
		begin->date_ms = date.time_ms;
	}
	return append_data(p);
}

/* After a message: further ones, or the end of the command. */
static bool messages(struct parse *p)
{
	while (!p->bytes) {
		if (!p->literal && imap_end(p->c))
			return true;
		if (!append_message(p))
			return false;
	}
	return true;
}

bool imap_append_text_parse(struct cur *c, struct arena *a, enum imap_append_at at, bool literal,
                            struct imap_append_text *out)
{
	struct parse p = { .c = c, .a = a, .literal = literal, .out = out };

	*out = (struct imap_append_text){ 0 };
	if (at == APPEND_AT_UTF8) {
		if (!cur_byte(c, ')'))
			return false;
		(void)append_step(&p, APPEND_END);
	} else if (at == APPEND_AT_PART && !cat_rest(&p)) {
		return false;
	}
	return messages(&p);
}

bool imap_append_parse(struct cur *c, struct arena *a, bool utf8, bool literal,
                       struct imap_append *out)
{
	*out = (struct imap_append){ .mailbox = STR_EMPTY };
	return imap_mailbox_parse(c, a, utf8, &out->mailbox) &&
	       imap_append_text_parse(c, a, APPEND_AT_MESSAGE, literal, &out->text) &&
	       out->text.n != 0;
}

bool imap_replace_parse(struct cur *c, struct arena *a, bool utf8, bool literal,
                        struct imap_append *out)
{
	uint32_t replaced;

	if (!imap_nz_parse(c, &replaced) || !imap_space(c) ||
	    !imap_append_parse(c, a, utf8, literal, out))
		return false;
	out->replaced = replaced;
	return true;
}
