/* formats/smtp_wire/data.c: see data.h. */
#include "formats/smtp_wire/data.h"

#include <string.h>

static struct str rest(struct str s, size_t from)
{
	return str_sub(s, from, s.n);
}

/* The length of a line up to and including its LF, or of all input. Records lone CRs and LFs, and
 * sets the state after them. */
static size_t text_run(struct smtp_data *d, struct str in)
{
	ptrdiff_t lf = str_find_byte(in, '\n');
	size_t n = lf >= 0 ? (size_t)lf + 1 : in.n;
	/* A CR is valid directly before the LF, and undecided at the end of input. */
	size_t plain = lf >= 0 ? (size_t)lf : in.n;
	bool cr = plain != 0 && in.p[plain - 1] == '\r';

	if (str_find_byte(str_sub(in, 0, plain - cr), '\r') >= 0)
		d->lone = true;
	if (lf < 0) {
		d->state = cr ? DATA_CR : DATA_TEXT;
	} else if (cr) {
		d->state = DATA_LINE_START;
	} else {
		d->lone = true;
		d->state = DATA_TEXT;
	}
	return n;
}

/* Take lines as long as none begins with a dot; *in starts within a line. */
static void data_text_take(struct smtp_data *d, struct str *in, struct str *out)
{
	size_t n = 0;

	do {
		n += text_run(d, rest(*in, n));
	} while (n < in->n &&
	         (d->state == DATA_TEXT || (d->state == DATA_LINE_START && in->p[n] != '.')));
	*out = str_sub(*in, 0, n);
	*in = rest(*in, n);
	if (str_find_byte(*out, '\0') >= 0)
		d->lone = true;
}

void smtp_data_next(struct smtp_data *d, struct str *in, struct str *out)
{
	*out = STR_EMPTY;
	if (in->n == 0 || d->state == DATA_END)
		return;
	switch (d->state) {
	case DATA_LINE_START:
		if (in->p[0] == '.') {
			/* RFC 5321 4.5.2: the first dot of a line is not part of it. */
			*in = rest(*in, 1);
			d->state = DATA_DOT;
			return;
		}
		data_text_take(d, in, out);
		return;
	case DATA_DOT:
		if (in->p[0] == '\r') {
			*in = rest(*in, 1);
			d->state = DATA_DOT_CR;
			return;
		}
		data_text_take(d, in, out);
		return;
	case DATA_DOT_CR:
		if (in->p[0] == '\n') {
			*in = rest(*in, 1);
			d->state = DATA_END;
			return;
		}
		/* The CR was text; it is lone, so the message is refused and the missing byte does
		 * not matter. */
		d->lone = true;
		d->state = DATA_TEXT;
		return;
	case DATA_CR:
		if (in->p[0] == '\n') {
			*out = str_sub(*in, 0, 1);
			*in = rest(*in, 1);
			d->state = DATA_LINE_START;
			return;
		}
		d->lone = true;
		d->state = DATA_TEXT;
		return;
	case DATA_TEXT:
		data_text_take(d, in, out);
		return;
	case DATA_END:
		return;
	}
}
