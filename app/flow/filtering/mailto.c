/* flow/filtering/mailto.c: see mailto.h. */
#include "flow/filtering/mailto.h"

static int uri_digit(char c)
{
	c = ascii_lower(c);
	return ascii_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* pct-encoded = "%" HEXDIG HEXDIG (RFC 3986 2.1); other bytes stand for themselves. */
static struct str uri_decode(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.n);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		bool coded = s.p[i] == '%' && i + 2 < s.n && uri_digit(s.p[i + 1]) >= 0 &&
		             uri_digit(s.p[i + 2]) >= 0;

		out[n++] =
			coded ? (char)(uri_digit(s.p[i + 1]) * 16 + uri_digit(s.p[i + 2])) : s.p[i];
		i += coded ? 2 : 0;
	}
	return str_from(out, n);
}

static bool mailto_has(const struct mailto *m, const struct mailaddr *address)
{
	for (size_t i = 0; i < m->n; i++)
		if (mailaddr_equal(&m->addresses[i], address))
			return true;
	return false;
}

/* Take all before the byte, and the byte; or the rest. */
static struct str mailto_until(struct cur *c, char stop)
{
	struct str part;

	if (!cur_until(c, stop, &part)) {
		part = cur_rest(c);
		cur_skip(c, part.n);
	}
	cur_skip(c, 1);
	return part;
}

/* to = addr-spec *("," addr-spec) */
static bool addresses_parse(struct arena *a, struct str list, struct mailto *out)
{
	struct cur c = cur_of(list);
	struct str item;

	while (cur_listed(&c, &item)) {
		struct mailaddr address;

		if (!mailaddr_of(str_trim(uri_decode(a, item)), a, MAILADDR_UTF8 | MAILADDR_LITERAL,
		                 &address))
			return false;
		if (out->n < MAILTO_ADDRESSES && !mailto_has(out, &address))
			out->addresses[out->n++] = mailaddr_dup(a, &address);
	}
	return true;
}

/* hfield = hfname "=" hfvalue */
static bool field_parse(struct arena *a, struct str field, struct mailto *out)
{
	ptrdiff_t equals = str_find_byte(field, '=');
	struct str name = str_sub(field, 0, equals < 0 ? field.n : (size_t)equals);
	struct str value = str_sub(field, equals < 0 ? field.n : (size_t)equals + 1, field.n);

	if (str_eqi(name, STR("to")) || str_eqi(name, STR("cc")))
		return addresses_parse(a, value, out);
	if (str_eqi(name, STR("subject")))
		out->subject = uri_decode(a, value);
	if (str_eqi(name, STR("body")))
		out->body = uri_decode(a, value);
	return true;
}

/* mailtoURI = "mailto:" [ to ] [ "?" hfield *( "&" hfield ) ] */
bool mailto_parse(struct arena *a, struct str uri, struct mailto *out)
{
	struct cur c = cur_of(uri);

	*out = (struct mailto){ 0 };
	if (!cur_stri(&c, STR("mailto:")) || !addresses_parse(a, mailto_until(&c, '?'), out))
		return false;
	while (!cur_done(&c))
		if (!field_parse(a, mailto_until(&c, '&'), out))
			return false;
	return out->n != 0;
}
