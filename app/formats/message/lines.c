/* formats/message/lines.c: see lines.h. */
#include "formats/message/lines.h"

/* The next bytes of a line, including its CR, and whether its LF follows. */
static void measure(struct lines *l, size_t text, bool end)
{
	l->n += text;
	/* In an unfinished line the CR may be the last byte. */
	l->wide = l->wide || l->n > LINES_MAX_BYTES + (size_t)(end || l->cr);
	if (end)
		l->n = 0;
}

void lines_next(struct lines *l, struct str bytes)
{
	if (bytes.n == 0)
		return;
	if (str_find_byte(bytes, '\0') >= 0)
		l->lone = true;
	while (bytes.n != 0 && !l->lone) {
		ptrdiff_t lf = str_find_byte(bytes, '\n');
		size_t text = lf >= 0 ? (size_t)lf : bytes.n;
		ptrdiff_t cr = str_find_byte(str_sub(bytes, 0, text), '\r');

		/* An earlier CR must be followed by LF now; one in this text directly. */
		if (l->cr ? text != 0 : (lf >= 0 && cr < 0))
			l->lone = true;
		if (cr >= 0 && (size_t)cr + 1 != text)
			l->lone = true;
		l->cr = cr >= 0 && lf < 0;
		measure(l, text, lf >= 0);
		bytes = str_sub(bytes, text + (lf >= 0), bytes.n);
	}
}

bool lines_strict(const struct lines *l)
{
	return !l->lone && !l->cr;
}

bool lines_fit(const struct lines *l)
{
	return !l->wide;
}

bool lines_text_strict(struct str text)
{
	struct lines l = { 0 };

	lines_next(&l, text);
	return lines_strict(&l);
}

/* Lines between a line's start and the last LF within the maximum length fit: they need not be
 * searched. */
bool lines_text_fit(struct str text)
{
	while (text.n > LINES_MAX_BYTES) {
		ptrdiff_t lf = str_rfind_byte(str_sub(text, 0, LINES_MAX_BYTES + 2), '\n');

		if (lf < 0)
			return false;
		text = str_sub(text, (size_t)lf + 1, text.n);
	}
	return true;
}
