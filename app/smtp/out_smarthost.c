/* smtp/out_smarthost.c: the smarthost setting; see out_route.h. */
#include "base/arena.h"
#include "base/cur.h"
#include "net/tls_trust.h"
#include "smtp/out.h"
#include "smtp/out_route.h"

enum { PORT_SMTP = 587, PORT_SMTPS = 465 };

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower((char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %XX to bytes (RFC 3986 2.1); false for a "%" that is not followed by two digits, and for a
 * NUL, which no mechanism can send (RFC 4616 2). */
static bool percent_decode(struct arena *a, struct str in, struct str *out)
{
	char *to = arena_alloc(a, in.n);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] != '%') {
			to[n++] = in.p[i];
			continue;
		}
		if (in.n - i < 3 || hex_digit(in.p[i + 1]) < 0 || hex_digit(in.p[i + 2]) < 0)
			return false;
		to[n] = (char)(hex_digit(in.p[i + 1]) << 4 | hex_digit(in.p[i + 2]));
		if (to[n++] == '\0')
			return false;
		i += 2;
	}
	*out = str_from(to, n);
	return true;
}

static bool login_parse(struct str text, struct arena *a, struct out_smarthost *out)
{
	ptrdiff_t colon = str_find_byte(text, ':');

	return colon > 0 && percent_decode(a, str_sub(text, 0, (size_t)colon), &out->user) &&
	       percent_decode(a, str_sub(text, (size_t)colon + 1, text.n), &out->password);
}

static bool host_byte(unsigned char c)
{
	return ascii_alnum((char)c) || c == '.' || c == '-' || c == '_';
}

/* host, [IPv6], either with :port */
static bool host_parse(struct str text, struct out_smarthost *out)
{
	struct cur c = cur_of(text);
	uint32_t port = out->port;
	struct str rest;

	if (cur_byte(&c, '[')) {
		if (!cur_until(&c, ']', &out->host))
			return false;
		cur_skip(&c, 1);
	} else {
		out->host = cur_while(&c, host_byte);
	}
	if (cur_byte(&c, ':') && !cur_u32(&c, &port))
		return false;
	cur_byte(&c, '/');
	rest = cur_rest(&c);
	out->port = (uint16_t)port;
	return out->host.n != 0 && rest.n == 0 && port != 0 && port <= 65535;
}

enum err out_smarthost_parse(struct str text, struct arena *a, struct out_smarthost *out,
                             struct why *why)
{
	struct cur c = cur_of(text);
	struct addr literal;
	struct str rest;
	ptrdiff_t at;

	*out = (struct out_smarthost){ .port = PORT_SMTP };
	if (cur_stri(&c, STR("smtps://"))) {
		out->implicit_tls = true;
		out->port = PORT_SMTPS;
	} else if (!cur_stri(&c, STR("smtp://"))) {
		return fail(why, ERR_SYNTAX, "ROOST_SMARTHOST: begin with smtp:// or smtps://");
	}
	rest = cur_rest(&c);
	at = str_rfind_byte(rest, '@');
	if (at >= 0 && !login_parse(str_sub(rest, 0, (size_t)at), a, out))
		return fail(why, ERR_SYNTAX,
		            "ROOST_SMARTHOST: before the @ give user:password, with %%XX for "
		            "special characters");
	if (!host_parse(str_sub(rest, (size_t)(at + 1), rest.n), out))
		return fail(why, ERR_SYNTAX, "ROOST_SMARTHOST: end with host or host:port");
	/* A password goes to nobody but the server of that name. An address is no name that a
	 * certificate could be compared with. */
	if (out->user.n != 0 && !addr_parse_ip(out->host, &literal))
		out->trust = &trust_builtin;
	return OK;
}

enum err out_smarthost_trust(struct out_smarthost *s, struct str ca, struct trust **trust,
                             struct why *why)
{
	struct arena a = { 0 };
	struct why inner = { "" };
	struct addr literal;
	enum err e;

	*trust = NULL;
	/* Without a name there is nothing a certificate could be compared with. */
	if (addr_parse_ip(s->host, &literal))
		return fail(why, ERR_SYNTAX,
		            "ROOST_SMARTHOST_CA: give ROOST_SMARTHOST a name, not an address");
	e = trust_load_file(str_z(&a, ca), trust, &inner);
	s->trust = *trust;
	arena_deinit(&a);
	return e ? fail(why, e, "ROOST_SMARTHOST_CA: %s", inner.text) : OK;
}

enum err smtp_out_check(struct str smarthost, struct str ca, struct why *why)
{
	struct out_smarthost parsed;
	struct trust *trust = NULL;
	struct arena a;
	enum err e;

	if (smarthost.n == 0)
		return OK;
	arena_init(&a, true);
	e = out_smarthost_parse(smarthost, &a, &parsed, why);
	if (e == OK && ca.n != 0)
		e = out_smarthost_trust(&parsed, ca, &trust, why);
	trust_free(trust);
	arena_deinit(&a);
	return e;
}
