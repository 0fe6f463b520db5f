/* formats/mailauth/dmarc_text.c: see dmarc_text.h and dmarc_record.h. */
#include "formats/mailauth/dmarc_text.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

struct str dmarc_trim(struct str s)
{
	while (s.n != 0 && ascii_space((unsigned char)s.p[s.n - 1]))
		s.n--;
	while (s.n != 0 && ascii_space((unsigned char)s.p[0]))
		s = str_sub(s, 1, s.n);
	return s;
}

struct str dmarc_cut(struct str *rest, char at)
{
	ptrdiff_t i = str_find_byte(*rest, at);
	struct str head = str_sub(*rest, 0, i < 0 ? rest->n : (size_t)i);

	*rest = str_sub(*rest, head.n + 1, rest->n);
	return dmarc_trim(head);
}

/* --- URIs ----------------------------------------------------------------------------------- */

/* RFC 7489 6.4: powers of two */
static bool unit_parse(struct cur *c, unsigned *bits)
{
	static const struct str units = STR("kmgt");
	ptrdiff_t i;
	char unit;

	*bits = 0;
	if (!cur_any(c, &unit))
		return true;
	i = str_find_byte(units, ascii_lower(unit));
	*bits = 10 * (unsigned)(i + 1);
	return i >= 0;
}

/* 1*DIGIT [ "k" / "m" / "g" / "t" ] */
static bool size_parse(struct str text, uint64_t *out)
{
	struct cur c = cur_of(text);
	unsigned bits;
	uint64_t n;

	if (!cur_u64(&c, &n) || !unit_parse(&c, &bits) || !cur_done(&c) || n > UINT64_MAX >> bits)
		return false;
	*out = n << bits;
	return true;
}

static bool is_scheme(unsigned char c)
{
	return ascii_alnum((char)c) || c == '+' || c == '-' || c == '.';
}

static bool is_uri(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"' && c != '\\';
}

/* scheme ":" and characters that a URI may have (RFC 3986 2, 3.1) */
static bool uri_check(struct str uri)
{
	struct cur c = cur_of(uri);
	struct str scheme = cur_while(&c, is_scheme);

	return scheme.n != 0 && ascii_alpha(scheme.p[0]) && cur_byte(&c, ':') &&
	       cur_while(&c, is_uri).n != 0 && cur_done(&c);
}

/* dmarc-uri *(*WSP "," *WSP dmarc-uri)					RFC 7489 6.4 */
void dmarc_uris_parse(struct str value, struct dmarc_uris *out)
{
	while (value.n != 0) {
		struct str size = dmarc_cut(&value, ',');
		bool sized = str_find_byte(size, '!') >= 0;
		struct dmarc_uri one = { .uri = dmarc_cut(&size, '!') };

		if (!uri_check(one.uri) || (sized && !size_parse(size, &one.max_bytes)))
			continue;
		out->limited = out->limited || out->count == DMARC_URIS_MAX;
		if (!out->limited)
			out->items[out->count++] = one;
	}
}

static int hex(char c)
{
	c = ascii_lower(c);
	return ascii_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False: a "%" without its two digits. */
static bool percent_decode(struct str s, struct arena *a, struct str *out)
{
	char *to = arena_alloc(a, s.n);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '%') {
			to[n++] = s.p[i];
			continue;
		}
		if (s.n - i < 3 || hex(s.p[i + 1]) < 0 || hex(s.p[i + 2]) < 0)
			return false;
		to[n++] = (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2]));
		i += 2;
	}
	*out = str_from(to, n);
	return true;
}

bool dmarc_uri_mailto(const struct dmarc_uri *uri, struct arena *a, struct mailaddr *out)
{
	const struct str scheme = STR("mailto:");
	struct str rest = str_sub(uri->uri, scheme.n, uri->uri.n), address;

	return str_startsi(uri->uri, scheme) &&
	       percent_decode(dmarc_cut(&rest, '?'), a, &address) &&
	       mailaddr_of(address, a, MAILADDR_UTF8, out);
}
