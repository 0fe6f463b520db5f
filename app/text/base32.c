/* text/base32.c: see base32.h. */
#include "text/base32.h"

void base32_put(struct buf *out, struct str raw)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < raw.n; i++) {
		bits = bits << 8 | (unsigned char)raw.p[i];
		for (have += 8; have >= 5; have -= 5)
			buf_byte(out, alphabet[bits >> (have - 5) & 31]);
	}
	if (have != 0)
		buf_byte(out, alphabet[bits << (5 - have) & 31]);
}
