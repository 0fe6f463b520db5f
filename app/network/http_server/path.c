/* network/http_server/path.c: see path.h. */
#include "network/http_server/path.h"

#include "foundation/base/arena.h"

#include <string.h>

static int digit(char c)
{
	c = ascii_lower(c);
	if (ascii_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of the escape at the beginning of text; -1: none. */
static int escaped(struct str text)
{
	int high, low;

	if (text.n < 3 || text.p[0] != '%')
		return -1;
	high = digit(text.p[1]);
	low = digit(text.p[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool stays(int byte)
{
	return byte < 0 || byte == '/' || byte == '%';
}

size_t path_unescape(char *text)
{
	struct str left = str_of(text);
	char *to = text;

	if (strstr(text, "%00") != NULL)
		return left.n;
	while (left.n != 0) {
		int byte = escaped(left);

		*to++ = stays(byte) ? left.p[0] : (char)byte;
		left = str_sub(left, stays(byte) ? 1 : 3, left.n);
	}
	*to = '\0';
	return (size_t)(to - text);
}

void http_target_split(struct str *target, struct str *host)
{
	struct str rest = *target;
	ptrdiff_t end;

	if (str_startsi(rest, STR("http://")))
		rest = str_sub(rest, strlen("http://"), rest.n);
	else if (str_startsi(rest, STR("https://")))
		rest = str_sub(rest, strlen("https://"), rest.n);
	else
		return;
	end = str_find_byte(rest, '/');
	if (str_find_byte(*host, ',') < 0)
		*host = end < 0 ? rest : str_sub(rest, 0, (size_t)end);
	*target = end < 0 ? STR("/") : str_sub(rest, (size_t)end, rest.n); /* RFC 9112 3.2.1 */
}

struct str http_part(struct arena *a, struct str part)
{
	char *to = arena_alloc(a, part.n + 1);
	size_t n = 0;

	while (part.n != 0) {
		int byte = escaped(part);

		to[n++] = byte == '/' || byte == '%' ? (char)byte : part.p[0];
		part = str_sub(part, byte == '/' || byte == '%' ? 3 : 1, part.n);
	}
	return str_from(to, n);
}
