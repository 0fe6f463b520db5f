/* network/dnssec/data.c: see data.h. */
#include "network/dnssec/data.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

static void hex_put(struct buf *out, struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		buf_fmt(out, "%02x", (unsigned char)bytes.p[i]);
}

static void string_put(struct buf *out, struct str s)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char byte = (unsigned char)s.p[i];

		if (byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\')
			buf_byte(out, (char)byte);
		else
			buf_fmt(out, "\\%03u", byte);
	}
	buf_byte(out, '"');
}

static bool v4_put(struct buf *out, struct cur *c)
{
	struct str ip;

	if (!cur_take(c, 4, &ip))
		return false;
	for (size_t i = 0; i < 4; i++)
		buf_fmt(out, i == 0 ? "%u" : ".%u", (unsigned char)ip.p[i]);
	return true;
}

static bool v6_put(struct buf *out, struct cur *c)
{
	uint64_t part;

	for (size_t i = 0; i < 8; i++) {
		if (!cur_be(c, 2, &part))
			return false;
		buf_fmt(out, i == 0 ? "%x" : ":%x", (unsigned)part);
	}
	return true;
}

static bool data_number_put(struct buf *out, struct cur *c, unsigned bytes)
{
	uint64_t n;

	if (!cur_be(c, bytes, &n))
		return false;
	buf_u64(out, n);
	return true;
}

static bool name_put(struct buf *out, struct cur *c, struct arena *a)
{
	struct str name;

	if (!dname_take_plain(c, &name))
		return false;
	buf_put(out, dname_text(name, a));
	return true;
}

static bool strings_put(struct buf *out, struct cur *c)
{
	uint64_t n;
	struct str s;

	for (bool first = true; !cur_done(c); first = false) {
		if (!cur_be(c, 1, &n) || !cur_take(c, n, &s))
			return false;
		buf_put(out, first ? STR("") : STR(" "));
		string_put(out, s);
	}
	return true;
}

/* '1', '2', '4': numbers; 'n': a name; 'x': the rest in hexadecimal; 'a', 'b': addresses; 't': the
 * rest as strings. */
static const struct {
	uint16_t type;
	const char *parts;
} forms[] = {
	{ RR_A, "a" },      { RR_AAAA, "b" },       { RR_NS, "n" },    { RR_CNAME, "n" },
	{ RR_DNAME, "n" },  { RR_PTR, "n" },        { RR_MX, "2n" },   { RR_TXT, "t" },
	{ RR_SRV, "222n" }, { RR_SOA, "nn44444" },  { RR_TLSA, "111x" }, { RR_DS, "211x" },
};

static bool data_part_put(char part, struct buf *out, struct cur *c, struct arena *a)
{
	switch (part) {
	case 'a':
		return v4_put(out, c);
	case 'b':
		return v6_put(out, c);
	case 'n':
		return name_put(out, c, a);
	case 't':
		return strings_put(out, c);
	case 'x':
		hex_put(out, cur_rest(c));
		c->p = c->end;
		return true;
	default:
		return data_number_put(out, c, (unsigned)(part - '0'));
	}
}

static bool form_put(const char *parts, struct buf *out, struct str data, struct arena *a)
{
	struct cur c = cur_of(data);

	for (const char *p = parts; *p != '\0'; p++) {
		buf_put(out, p == parts ? STR("") : STR(" "));
		if (!data_part_put(*p, out, &c, a))
			return false;
	}
	return cur_done(&c);
}

void rr_data_put(struct buf *out, uint16_t type, struct str data, struct arena *a)
{
	size_t before = out->n;

	for (size_t i = 0; i < COUNT(forms); i++)
		if (forms[i].type == type && form_put(forms[i].parts, out, data, a))
			return;
	buf_cut(out, before);
	buf_fmt(out, "\\# %zu ", data.n);
	hex_put(out, data);
}
