/* foundation/crypto/der.c: see der.h. */
#include "foundation/crypto/der.h"

#include <string.h>

enum { DER_LONG = 0x80, DER_TAG_LONG = 0x1f, DER_LENGTH_BYTES_MAX = 4 };

/* Length octets (X.690 8.1.3, 10.1): one byte below 128, otherwise a count and the minimum number
 * of bytes. */
static bool length_take(struct cur *c, size_t *n)
{
	uint64_t first, value;

	if (!cur_be(c, 1, &first))
		return false;
	if (first < DER_LONG) {
		*n = first;
		return true;
	}
	first -= DER_LONG;
	if (first == 0 || first > DER_LENGTH_BYTES_MAX || !cur_be(c, (unsigned)first, &value))
		return false;
	*n = value;
	return value >= DER_LONG && value >> (8 * (first - 1)) != 0;
}

bool der_any(struct cur *c, uint8_t *tag, struct str *contents)
{
	struct cur at = *c;
	uint64_t first;
	size_t n;

	if (!cur_be(&at, 1, &first) || (first & DER_TAG_LONG) == DER_TAG_LONG ||
	    !length_take(&at, &n) || !cur_take(&at, n, contents))
		return false;
	*tag = (uint8_t)first;
	*c = at;
	return true;
}

bool der_take(struct cur *c, uint8_t tag, struct str *contents)
{
	struct cur at = *c;
	uint8_t found;

	if (!der_any(&at, &found, contents) || found != tag)
		return false;
	*c = at;
	return true;
}

bool der_enter(struct cur *c, uint8_t tag, struct cur *inside)
{
	struct str contents;

	if (!der_take(c, tag, &contents))
		return false;
	*inside = cur_of(contents);
	return true;
}

bool der_optional(struct cur *c, uint8_t tag, struct str *contents)
{
	*contents = STR_EMPTY;
	return cur_peek(c) != tag || der_take(c, tag, contents);
}

bool der_bits(struct cur *c, struct str *bits)
{
	struct cur at = *c, inside;

	if (!der_enter(&at, DER_BIT_STRING, &inside) || !cur_byte(&inside, 0))
		return false;
	*bits = cur_rest(&inside);
	*c = at;
	return true;
}

bool der_unsigned(struct cur *c, struct str *magnitude)
{
	struct cur at = *c, inside;

	if (!der_enter(&at, DER_INTEGER, &inside) || cur_peek(&inside) < 0 ||
	    cur_peek(&inside) >= 0x80)
		return false;
	while (cur_byte(&inside, 0))
		;
	*magnitude = cur_rest(&inside);
	*c = at;
	return true;
}

struct der_writer der_writer_of(void *p, size_t n)
{
	uint8_t *start = p;

	return (struct der_writer){ .start = start, .p = start + n, .end = start + n };
}

struct str der_written(const struct der_writer *w)
{
	return w->over ? STR_EMPTY : str_from((const char *)w->p, der_mark(w));
}

size_t der_mark(const struct der_writer *w)
{
	return (size_t)(w->end - w->p);
}

void der_raw(struct der_writer *w, struct str s)
{
	w->over = w->over || s.n > (size_t)(w->p - w->start);
	if (w->over || s.n == 0)
		return;
	w->p -= s.n;
	memcpy(w->p, s.p, s.n);
}

static void byte_put(struct der_writer *w, size_t byte)
{
	char c = (char)byte;

	der_raw(w, str_from(&c, 1));
}

void der_wrap(struct der_writer *w, uint8_t tag, size_t mark)
{
	size_t n = der_mark(w) - mark;
	size_t bytes = 0;

	if (n >= DER_LONG) {
		for (size_t left = n; left != 0; left >>= 8, bytes++)
			byte_put(w, left);
		byte_put(w, DER_LONG | bytes);
	} else {
		byte_put(w, n);
	}
	byte_put(w, tag);
}

void der_put(struct der_writer *w, uint8_t tag, struct str contents)
{
	size_t mark = der_mark(w);

	der_raw(w, contents);
	der_wrap(w, tag, mark);
}

void der_put_unsigned(struct der_writer *w, struct str magnitude)
{
	size_t mark = der_mark(w);

	while (magnitude.n > 0 && magnitude.p[0] == 0)
		magnitude = str_sub(magnitude, 1, magnitude.n);
	der_raw(w, magnitude);
	if (magnitude.n == 0 || (magnitude.p[0] & 0x80) != 0)
		byte_put(w, 0); /* for zero itself, or to keep it non-negative */
	der_wrap(w, DER_INTEGER, mark);
}

void der_put_bits(struct der_writer *w, struct str bits)
{
	size_t mark = der_mark(w);

	der_raw(w, bits);
	byte_put(w, 0); /* no unused bits */
	der_wrap(w, DER_BIT_STRING, mark);
}
