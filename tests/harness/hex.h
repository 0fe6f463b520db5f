/* tests/harness/hex.h: bytes written as hexadecimal digits, as RFCs give their vectors. */
#ifndef HARNESS_HEX_H
#define HARNESS_HEX_H
#include "foundation/base/arena.h"
#include "foundation/base/str.h"

static inline unsigned hex_digit(char c)
{
	return (unsigned)(ascii_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
}

/* Blanks are ignored. In a. */
static inline struct str hex_of(struct arena *a, const char *digits)
{
	struct str in = str_of(digits);
	char *out = arena_alloc(a, in.n / 2 + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] == ' ')
			continue;
		out[n / 2] = (char)(((unsigned char)out[n / 2] << 4) | hex_digit(in.p[i]));
		n++;
	}
	assert(n % 2 == 0);
	return str_from(out, n / 2);
}

#endif
