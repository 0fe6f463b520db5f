/* foundation/text/punycode.c: see punycode.h. The names are those of RFC 3492 5 and 6. */
#include "foundation/text/punycode.h"

#include <string.h>

enum {
	BASE = 36,
	TMIN = 1,
	TMAX = 26,
	SKEW = 38,
	DAMP = 700,
	INITIAL_BIAS = 72,
	INITIAL_N = 128,
	UNICODE_MAX = 0x10ffff,
};

/* RFC 3492 6.1 */
static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
	if (k <= bias + TMIN)
		return TMIN;
	return k >= bias + TMAX ? TMAX : k - bias;
}

/* --- encoding (RFC 3492 6.3) ------------------------------------------------------------ */

static char digit_of(uint32_t value)
{
	return (char)(value < 26 ? 'a' + value : '0' + (value - 26));
}

static void delta_put(struct buf *out, uint32_t delta, uint32_t bias)
{
	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = threshold(k, bias);

		if (delta < t)
			break;
		buf_byte(out, digit_of(t + (delta - t) % (BASE - t)));
		delta = (delta - t) / (BASE - t);
	}
	buf_byte(out, digit_of(delta));
}

static uint32_t next_above(const uint32_t *chars, size_t count, uint32_t least)
{
	uint32_t m = UINT32_MAX;

	for (size_t i = 0; i < count; i++)
		if (chars[i] >= least && chars[i] < m)
			m = chars[i];
	return m;
}

static size_t basic_put(struct buf *out, const uint32_t *chars, size_t count)
{
	size_t basic = 0;

	for (size_t i = 0; i < count; i++)
		if (chars[i] < INITIAL_N) {
			buf_byte(out, (char)chars[i]);
			basic++;
		}
	if (basic != 0)
		buf_byte(out, '-');
	return basic;
}

/* Nothing overflows: 64 characters up to 0x10ffff give a delta below 2^27. */
void punycode_put(struct buf *out, const uint32_t *chars, size_t count)
{
	uint32_t n = INITIAL_N, delta = 0, bias = INITIAL_BIAS;
	size_t basic, done;

	assert(count <= PUNYCODE_MAX);
	basic = done = basic_put(out, chars, count);
	while (done < count) {
		uint32_t m = next_above(chars, count, n);

		delta += (m - n) * (uint32_t)(done + 1);
		n = m;
		for (size_t i = 0; i < count; i++) {
			delta += chars[i] < n;
			if (chars[i] != n)
				continue;
			delta_put(out, delta, bias);
			bias = adapt(delta, (uint32_t)done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		n++;
	}
}

/* --- decoding (RFC 3492 6.2) -------------------------------------------------------------- */

static uint32_t punycode_value_of(char c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 26;
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z' ? (uint32_t)(c - 'a') : BASE;
}

/* A generalized variable-length integer; false when it is malformed, or too large for any label. */
static bool delta_parse(struct str *in, uint32_t bias, uint32_t *delta)
{
	uint64_t i = 0, w = 1;

	for (uint32_t k = BASE; in->n != 0; k += BASE) {
		uint32_t digit = punycode_value_of(in->p[0]), t = threshold(k, bias);

		*in = str_sub(*in, 1, in->n);
		if (digit >= BASE)
			return false;
		i += digit * w;
		w *= BASE - t;
		if (i > UINT32_MAX || w > UINT32_MAX)
			return false;
		*delta = (uint32_t)i;
		if (digit < t)
			return true;
	}
	return false;
}

static bool basic_parse(struct str *in, uint32_t *to, size_t *n)
{
	ptrdiff_t dash = -1;

	for (size_t i = 0; i < in->n; i++)
		if (in->p[i] == '-')
			dash = (ptrdiff_t)i;
	*n = 0;
	for (ptrdiff_t i = 0; i < dash; i++) {
		if ((unsigned char)in->p[i] >= INITIAL_N)
			return false;
		to[(*n)++] = (unsigned char)in->p[i];
	}
	*in = str_sub(*in, (size_t)(dash + 1), in->n);
	return true;
}

bool punycode_parse(struct str in, uint32_t to[static PUNYCODE_MAX], size_t *count)
{
	uint32_t bias = INITIAL_BIAS;
	uint64_t n = INITIAL_N, i = 0;

	if (in.n > PUNYCODE_MAX || !basic_parse(&in, to, count))
		return false;
	while (in.n != 0) {
		uint32_t delta, points = (uint32_t)*count + 1;

		if (points > PUNYCODE_MAX || !delta_parse(&in, bias, &delta))
			return false;
		bias = adapt(delta, points, i == 0);
		i += delta;
		n += i / points;
		i %= points;
		if (n > UNICODE_MAX)
			return false;
		memmove(to + i + 1, to + i, (*count - i) * sizeof *to);
		to[i++] = (uint32_t)n;
		(*count)++;
	}
	return true;
}
