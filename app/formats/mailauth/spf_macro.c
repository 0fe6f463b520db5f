/* formats/mailauth/spf_macro.c: see spf_macro.h. */
#include "formats/mailauth/spf_macro.h"

#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

#include <inttypes.h>

enum {
	NAME_MAX_BYTES = 253, /* RFC 7208 7.3 */
	PARTS_MAX = 128,      /* the maximum for %{d} or %{l}; RFC 1035 2.3.4 bounds the former */
	VALUE_MAX = 400,      /* a local part, "@" and a domain                            */
	ROOM_MAX = 16384,     /* of a name before it is cut: 255 bytes of "%{s}" and more */
};

/* --- grammar -------------------------------------------------------------------------------- */

struct macro {
	char letter;    /* in lower case */
	bool escape;    /* it was in upper case: escape for a URL (RFC 7208 7.3) */
	bool reverse;
	uint32_t parts; /* number of parts from the right; 0: all */
	struct str delimiters;
};

static bool is_delimiter(unsigned char c)
{
	return c == '.' || c == '-' || c == '+' || c == ',' || c == '/' || c == '_' || c == '=';
}

static bool letter_take(struct cur *c, enum spf_macro_use use, struct macro *m)
{
	char letter;

	if (!cur_any(c, &letter))
		return false;
	m->letter = ascii_lower(letter);
	m->escape = m->letter != letter;
	return str_find_byte(use == SPF_MACRO_DOMAIN ? STR("slodipvh") : STR("slodipvhcrt"),
	                     m->letter) >= 0;
}

/* macro-expand after "%{" (RFC 7208 7.1). A number must not be zero. */
static bool macro_take(struct cur *c, enum spf_macro_use use, struct macro *m)
{
	*m = (struct macro){ 0 };
	if (!letter_take(c, use, m))
		return false;
	if (cur_peek(c) >= 0 && ascii_digit((char)cur_peek(c)) &&
	    (!cur_u32(c, &m->parts) || m->parts == 0))
		return false;
	m->reverse = cur_stri(c, STR("r"));
	m->delimiters = cur_while(c, is_delimiter);
	return cur_byte(c, '}');
}

/* macro-literal; explain-string also has spaces. */
static bool is_literal(char c, enum spf_macro_use use)
{
	return (c >= 0x21 && c <= 0x7e && c != '%') || (c == ' ' && use == SPF_MACRO_EXPLANATION);
}

/* One macro or byte; *macro: it was a macro-expand. */
static bool piece_take(struct cur *c, enum spf_macro_use use, bool *macro)
{
	struct macro m;
	char byte;

	*macro = cur_byte(c, '%');
	if (!*macro)
		return cur_any(c, &byte) && is_literal(byte, use);
	return cur_byte(c, '%') || cur_byte(c, '_') || cur_byte(c, '-') ||
	       (cur_byte(c, '{') && macro_take(c, use, &m));
}

static bool pieces_take(struct str text, enum spf_macro_use use, bool *macro)
{
	struct cur c = cur_of(text);

	*macro = false;
	while (!cur_done(&c))
		if (!piece_take(&c, use, macro))
			return false;
	return true;
}

bool spf_macro_check(struct str text, enum spf_macro_use use)
{
	bool macro;

	return pieces_take(text, use, &macro);
}

/* toplabel: letters, digits and inner hyphens, not digits alone. */
static bool toplabel_check(struct str label)
{
	bool other = false;

	for (size_t i = 0; i < label.n; i++) {
		if (!ascii_alnum(label.p[i]) && label.p[i] != '-')
			return false;
		other |= !ascii_digit(label.p[i]);
	}
	return other && label.p[0] != '-' && label.p[label.n - 1] != '-';
}

/* domain-end (RFC 7208 7.1): a top label needs a dot before it. */
bool spf_macro_domain_check(struct str text)
{
	ptrdiff_t dot;
	bool macro;

	if (text.n == 0 || !pieces_take(text, SPF_MACRO_DOMAIN, &macro))
		return false;
	if (macro)
		return true;
	if (text.p[text.n - 1] == '.')
		text.n--;
	dot = str_rfind_byte(text, '.');
	return dot >= 0 && toplabel_check(str_sub(text, (size_t)dot + 1, text.n));
}

/* --- values --------------------------------------------------------------------------------- */

/* IPv6: the nibbles, each as a label (RFC 7208 7.3). */
static void ip_put(struct buf *out, const struct addr *ip)
{
	if (ip->family == ADDR_V6)
		for (size_t i = 0; i < 32; i++)
			buf_fmt(out, "%s%X", i != 0 ? "." : "",
			        ip->ip[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0xf);
	else
		buf_fmt(out, "%d.%d.%d.%d", ip->ip[0], ip->ip[1], ip->ip[2], ip->ip[3]);
}

/* In the order of the letters. */
static struct str spf_macro_text_of(char letter, const struct spf_macros *m)
{
	switch (letter) {
	case 'd':
		return m->domain;
	case 'h':
		return m->helo;
	case 'l':
		return m->local;
	case 'o':
		return m->origin;
	case 'p':
		return m->name(m->arg);
	case 'r':
		return m->receiver.n != 0 ? m->receiver : STR("unknown");
	case 'v':
		return m->ip->family == ADDR_V6 ? STR("ip6") : STR("in-addr");
	default:
		assert(!"a letter that was not checked");
		return STR_EMPTY;
	}
}

static void value_put(struct buf *out, char letter, const struct spf_macros *m)
{
	char text[ADDR_TEXT_MAX];

	switch (letter) {
	case 'c':
		buf_put(out, addr_ip_text(m->ip, text));
		break;
	case 'i':
		ip_put(out, m->ip);
		break;
	case 's':
		buf_put(out, m->local);
		buf_byte(out, '@');
		buf_put(out, m->origin);
		break;
	case 't':
		buf_fmt(out, "%" PRIi64, m->now_s);
		break;
	default:
		buf_put(out, spf_macro_text_of(letter, m));
	}
}

/* Returns the number of parts; text beyond PARTS_MAX stays in the last one. */
static size_t split(struct str value, struct str delimiters, struct str *parts)
{
	size_t n = 0, from = 0;

	for (size_t i = 0; i < value.n && n + 1 < PARTS_MAX; i++)
		if (str_find_byte(delimiters, value.p[i]) >= 0) {
			parts[n++] = str_sub(value, from, i);
			from = i + 1;
		}
	parts[n++] = str_sub(value, from, value.n);
	return n;
}

/* Every byte that is not unreserved in a URL (RFC 3986 2.3). */
static void escaped_put(struct buf *out, struct str s, bool escape)
{
	for (size_t i = 0; i < s.n; i++)
		if (!escape || ascii_alnum(s.p[i]) || str_find_byte(STR("-._~"), s.p[i]) >= 0)
			buf_byte(out, s.p[i]);
		else
			buf_fmt(out, "%%%02X", (unsigned char)s.p[i]);
}

static void parts_put(struct buf *out, const struct macro *m, const struct str *parts, size_t n)
{
	size_t keep = m->parts != 0 && m->parts < n ? m->parts : n;

	for (size_t i = n - keep; i < n; i++) {
		if (i != n - keep)
			buf_byte(out, '.');
		escaped_put(out, parts[m->reverse ? n - 1 - i : i], m->escape);
	}
}

static void macro_put(struct buf *out, const struct macro *m, const struct spf_macros *values)
{
	struct str parts[PARTS_MAX];
	char room[VALUE_MAX];
	struct buf value;
	size_t n;

	buf_init_in(&value, room, sizeof room);
	value_put(&value, m->letter, values);
	n = split(buf_str(&value), m->delimiters.n != 0 ? m->delimiters : STR("."), parts);
	parts_put(out, m, parts, n);
}

void spf_macro_put(struct buf *out, struct str text, const struct spf_macros *values)
{
	struct cur c = cur_of(text);
	struct macro m;
	char byte;

	while (cur_any(&c, &byte)) {
		if (byte != '%')
			buf_byte(out, byte);
		else if (cur_byte(&c, '%'))
			buf_byte(out, '%');
		else if (cur_byte(&c, '_'))
			buf_byte(out, ' ');
		else if (cur_byte(&c, '-'))
			buf_put(out, STR("%20"));
		else if (cur_byte(&c, '{') && macro_take(&c, SPF_MACRO_EXPLANATION, &m))
			macro_put(out, &m, values);
	}
}

static struct str spf_macro_cut(struct str name)
{
	if (name.n != 0 && name.p[name.n - 1] == '.')
		name.n--;
	while (name.n > NAME_MAX_BYTES) {
		ptrdiff_t dot = str_find_byte(name, '.');

		name = dot < 0 ? STR_EMPTY : str_sub(name, (size_t)dot + 1, name.n);
	}
	return name;
}

struct str spf_macro_name(struct str text, const struct spf_macros *m, struct arena *a)
{
	struct str name;
	struct buf b;

	buf_init(&b, ROOM_MAX);
	spf_macro_put(&b, text, m);
	name = buf_ok(&b) ? str_dup(a, spf_macro_cut(buf_str(&b))) : STR_EMPTY;
	buf_deinit(&b);
	return name;
}
