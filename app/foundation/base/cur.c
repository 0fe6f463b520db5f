/* foundation/base/cur.c: see cur.h. */
#include "foundation/base/cur.h"

#include <endian.h>
#include <string.h>

struct str cur_rest(const struct cur *c)
{
	return str_from(c->p, cur_left(c));
}

int cur_peek(const struct cur *c)
{
	return cur_peek_at(c, 0);
}

int cur_peek_at(const struct cur *c, size_t i)
{
	return i < cur_left(c) ? (unsigned char)c->p[i] : -1;
}

bool cur_any(struct cur *c, char *out)
{
	if (cur_done(c))
		return false;
	*out = *c->p++;
	return true;
}

bool cur_byte(struct cur *c, char want)
{
	if (cur_done(c) || *c->p != want)
		return false;
	c->p++;
	return true;
}

bool cur_str(struct cur *c, struct str want)
{
	if (!str_starts(cur_rest(c), want))
		return false;
	c->p += want.n;
	return true;
}

bool cur_stri(struct cur *c, struct str want)
{
	if (!str_startsi(cur_rest(c), want))
		return false;
	c->p += want.n;
	return true;
}

void cur_skip(struct cur *c, size_t n)
{
	c->p += MIN(n, cur_left(c));
}

struct str cur_while(struct cur *c, bool (*is)(unsigned char))
{
	const char *start = c->p;

	while (!cur_done(c) && is((unsigned char)*c->p))
		c->p++;
	return str_from(start, (size_t)(c->p - start));
}

struct str cur_ascii(struct cur *c)
{
	const char *start = c->p;
	uint64_t eight;

	while (cur_left(c) >= sizeof eight) {
		memcpy(&eight, c->p, sizeof eight);
		if (eight & 0x8080808080808080u)
			break;
		c->p += sizeof eight;
	}
	while (!cur_done(c) && (unsigned char)*c->p < 0x80)
		c->p++;
	return str_from(start, (size_t)(c->p - start));
}

bool cur_until(struct cur *c, char stop, struct str *out)
{
	ptrdiff_t at = str_find_byte(cur_rest(c), stop);

	return at >= 0 && cur_take(c, (size_t)at, out);
}

bool cur_blank(struct cur *c)
{
	const char *start = c->p;

	while (!cur_done(c) && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
	return c->p != start;
}

bool cur_crlf(struct cur *c)
{
	return cur_str(c, STR("\r\n"));
}

bool cur_listed(struct cur *c, struct str *out)
{
	while (!cur_done(c)) {
		if (!cur_until(c, ',', out)) {
			*out = cur_rest(c);
			c->p = c->end;
		}
		cur_byte(c, ',');
		*out = str_trim(*out);
		if (out->n != 0)
			return true;
	}
	return false;
}

bool cur_line(struct cur *c, struct str *out)
{
	if (cur_done(c))
		return false;
	if (!cur_until(c, '\n', out)) {
		*out = cur_rest(c);
		c->p = c->end;
		return true;
	}
	c->p++;
	if (out->n != 0 && out->p[out->n - 1] == '\r')
		out->n--;
	return true;
}

static bool cur_number(struct cur *c, uint64_t max, uint64_t *out)
{
	const char *p = c->p;
	uint64_t n = 0;

	for (; p < c->end && ascii_digit(*p); p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (p == c->p)
		return false;
	c->p = p;
	*out = n;
	return true;
}

bool cur_u32(struct cur *c, uint32_t *out)
{
	uint64_t n;

	if (!cur_number(c, UINT32_MAX, &n))
		return false;
	*out = (uint32_t)n;
	return true;
}

bool cur_u64(struct cur *c, uint64_t *out)
{
	return cur_number(c, UINT64_MAX, out);
}

bool cur_be(struct cur *c, unsigned bytes, uint64_t *out)
{
	uint64_t n = 0;

	if (cur_left(c) < bytes)
		return false;
	for (unsigned i = 0; i < bytes; i++)
		n = n << 8 | (unsigned char)c->p[i];
	c->p += bytes;
	*out = n;
	return true;
}

/* Seven bits of each of eight bytes; the first byte has the lowest ones. */
static uint64_t sevens(uint64_t x)
{
	x = (x & 0x007f007f007f007f) | (x & 0x7f007f007f007f00) >> 1;
	x = (x & 0x00003fff00003fff) | (x & 0x3fff00003fff0000) >> 2;
	return (x & 0x000000000fffffff) | (x & 0x0fffffff00000000) >> 4;
}

/* A varint of at most eight bytes in one step: dates and sizes of rows. */
static bool varint_short(struct cur *c, uint64_t *out)
{
	uint64_t x, ends;

	if (cur_left(c) < sizeof x)
		return false;
	memcpy(&x, c->p, sizeof x);
	x = le64toh(x);
	ends = ~x & 0x8080808080808080;
	if (ends == 0)
		return false;
	*out = sevens(x & (ends ^ (ends - 1)));
	c->p += __builtin_ctzll(ends) / 8 + 1;
	return true;
}

bool cur_varint_long(struct cur *c, uint64_t *out)
{
	const char *p = c->p;
	uint64_t n = 0;

	if (varint_short(c, out))
		return true;
	for (unsigned shift = 0; shift < 64 && p < c->end; shift += 7) {
		uint64_t byte = (unsigned char)*p++;

		if (shift == 63 && byte > 1)
			return false;
		n |= (byte & 0x7f) << shift;
		if (byte < 0x80) {
			c->p = p;
			*out = n;
			return true;
		}
	}
	return false;
}
