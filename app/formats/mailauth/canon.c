/* formats/mailauth/canon.c: see canon.h. */
#include "formats/mailauth/canon.h"

static bool canon_is_text(unsigned char c)
{
	return c != ' ' && c != '\t' && c != '\r' && c != '\n';
}

/* --- bodies ------------------------------------------------------------------------------ */

void canon_body_init(struct canon_body *b, enum canon how, canon_out *out, void *to)
{
	*b = (struct canon_body){ .how = how, .out = out, .to = to };
}

/* Text arrives: pending blanks and line ends before it are output. */
static void body_text(struct canon_body *b, struct str text)
{
	for (; b->lines != 0; b->lines--)
		b->out(b->to, STR("\r\n"));
	if (b->blank)
		b->out(b->to, STR(" "));
	if (b->cr)
		b->out(b->to, STR("\r"));
	b->blank = b->cr = false;
	b->any = true;
	if (text.n != 0)
		b->out(b->to, text);
}

static void body_other(struct canon_body *b, struct str byte)
{
	bool blank = byte.p[0] == ' ' || byte.p[0] == '\t';

	if (byte.p[0] == '\n' && b->cr) {
		b->lines++;
		b->blank = b->cr = false;
		return;
	}
	if (b->cr)
		body_text(b, STR_EMPTY); /* a lone CR */
	if (byte.p[0] == '\r')
		b->cr = true;
	else if (blank && b->how == CANON_RELAXED)
		b->blank = true;
	else
		body_text(b, byte);
}

void canon_body_put(struct canon_body *b, struct str bytes)
{
	struct cur c = cur_of(bytes);

	while (!cur_done(&c)) {
		struct str run = cur_while(&c, canon_is_text);

		if (run.n != 0)
			body_text(b, run);
		else if (cur_take(&c, 1, &run))
			body_other(b, run);
	}
}

/* An empty body is one line end when simple, and nothing when relaxed. */
void canon_body_end(struct canon_body *b)
{
	if (b->cr)
		body_text(b, STR_EMPTY);
	if (b->any || b->how == CANON_SIMPLE)
		b->out(b->to, STR("\r\n"));
}

/* --- fields ------------------------------------------------------------------------------ */

void canon_field_init(struct canon_field *f, enum canon how, canon_out *out, void *to)
{
	*f = (struct canon_field){ .how = how, .out = out, .to = to };
}

static void lower_put(struct canon_field *f, struct str text)
{
	char piece[64];

	for (size_t at = 0, n; at < text.n; at += n) {
		for (n = 0; n < sizeof piece && at + n < text.n; n++)
			piece[n] = ascii_lower(text.p[at + n]);
		f->out(f->to, str_from(piece, n));
	}
}

/* The name in lower case up to the colon, without the blanks before it. Returns the rest of the
 * text. */
static struct str name_text(struct canon_field *f, struct str text)
{
	ptrdiff_t colon = str_find_byte(text, ':');
	size_t n = colon < 0 ? text.n : (size_t)colon + 1;

	lower_put(f, str_sub(text, 0, n));
	f->value = colon >= 0;
	f->blank = false;
	return str_sub(text, n, text.n);
}

/* Blanks around the value are dropped, runs of blanks in it become one. */
static void relaxed_text(struct canon_field *f, struct str text)
{
	if (!f->value)
		text = name_text(f, text);
	if (text.n == 0)
		return;
	if (f->blank && f->any)
		f->out(f->to, STR(" "));
	f->blank = false;
	f->any = true;
	f->out(f->to, text);
}

static void field_text(struct canon_field *f, struct str text)
{
	if (f->line)
		f->out(f->to, STR("\r\n"));
	f->line = false;
	if (f->how == CANON_RELAXED)
		relaxed_text(f, text);
	else
		f->out(f->to, text);
}

static void lone_cr(struct canon_field *f)
{
	if (f->cr)
		field_text(f, STR("\r"));
	f->cr = false;
}

/* A line end within the field folds it: relaxed drops it. */
static void field_line(struct canon_field *f)
{
	if (f->line)
		f->out(f->to, STR("\r\n"));
	f->line = f->how == CANON_SIMPLE;
	f->cr = false;
}

static void field_other(struct canon_field *f, struct str byte)
{
	bool blank = byte.p[0] == ' ' || byte.p[0] == '\t';

	if (byte.p[0] == '\n' && f->cr) {
		field_line(f);
		return;
	}
	lone_cr(f);
	if (byte.p[0] == '\r')
		f->cr = true;
	else if (blank && f->how == CANON_RELAXED)
		f->blank = true;
	else
		field_text(f, byte);
}

void canon_field_put(struct canon_field *f, struct str bytes)
{
	struct cur c = cur_of(bytes);

	while (!cur_done(&c)) {
		struct str run = cur_while(&c, canon_is_text);

		if (run.n != 0) {
			lone_cr(f);
			field_text(f, run);
		} else if (cur_take(&c, 1, &run)) {
			field_other(f, run);
		}
	}
}

void canon_field_end(struct canon_field *f, bool line)
{
	lone_cr(f);
	if (line)
		f->out(f->to, STR("\r\n"));
}
