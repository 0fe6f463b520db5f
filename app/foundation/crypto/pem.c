/* foundation/crypto/pem.c: see pem.h. */
#include "foundation/crypto/pem.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

#include <sodium.h>

enum { PEM_LINE = 64, PEM_BLOCKS_MAX = 1024 }; /* a CA bundle has 150 */

/* RFC 7468 section 3, labelchar, and the blanks between words. */
static bool label_byte(unsigned char c)
{
	return c >= ' ' && c <= '~' && c != '-';
}

/* "-----" what " " label "-----", with blanks allowed after it (RFC 7468 section 2). */
static bool boundary(struct str line, struct str what, struct str *label)
{
	struct cur c = cur_of(str_trim(line));

	if (!cur_str(&c, STR("-----")) || !cur_str(&c, what) || !cur_byte(&c, ' '))
		return false;
	*label = cur_while(&c, label_byte);
	return cur_str(&c, STR("-----")) && cur_done(&c);
}

/* The base64 lines up to the END of this label. c is after its BEGIN line. */
static bool body_read(struct cur *c, struct str label, struct arena *a, struct str *der)
{
	const char *start = c->p;
	const char *end = c->p;
	struct str line, close;
	size_t n = 0;
	char *p;

	for (;; end = c->p) {
		if (!cur_line(c, &line) || boundary(line, STR("BEGIN"), &close))
			return false;
		if (boundary(line, STR("END"), &close))
			break;
	}
	if (!str_eq(close, label))
		return false;
	p = arena_alloc(a, (size_t)(end - start) / 4 * 3 + 3);
	if (sodium_base642bin((uint8_t *)p, (size_t)(end - start) / 4 * 3 + 3, start,
	                      (size_t)(end - start), " \t\r\n", &n, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	*der = str_from(p, n);
	return true;
}

bool pem_read(struct str text, struct arena *a, struct pem **blocks, size_t *count)
{
	struct cur c = cur_of(text);
	struct str line, label;
	size_t max = 0;

	*blocks = NULL;
	*count = 0;
	if (text.n > PEM_TEXT_MAX)
		return false;
	while (cur_line(&c, &line))
		max += boundary(line, STR("BEGIN"), &label);
	if (max > PEM_BLOCKS_MAX)
		return false;
	*blocks = arena_array(a, struct pem, max);
	c = cur_of(text);
	while (cur_line(&c, &line)) {
		struct pem *b = &(*blocks)[*count];

		if (!boundary(line, STR("BEGIN"), &b->label))
			continue;
		if (!body_read(&c, b->label, a, &b->der))
			return false;
		++*count;
	}
	return true;
}

void pem_put(struct buf *out, struct str label, struct str der)
{
	char line[PEM_LINE + 1];

	buf_fmt(out, "-----BEGIN %.*s-----\n", STR_ARG(label));
	for (size_t at = 0; at < der.n; at += PEM_LINE / 4 * 3) {
		struct str part = str_sub(der, at, at + PEM_LINE / 4 * 3);

		sodium_bin2base64(line, sizeof line, (const uint8_t *)part.p, part.n,
		                  sodium_base64_VARIANT_ORIGINAL);
		buf_put(out, str_of(line));
		buf_byte(out, '\n');
	}
	buf_fmt(out, "-----END %.*s-----\n", STR_ARG(label));
	sodium_memzero(line, sizeof line);
}
