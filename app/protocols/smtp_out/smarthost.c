/* protocols/smtp_out/smarthost.c: the smarthost setting; see route.h. */
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "network/tls/trust.h"
#include "protocols/smtp_out/route.h"
#include "protocols/smtp_out/smtp_out.h"

enum { PORT_SMTP = 587, PORT_SMTPS = 465, PORT_LMTP = 24, PORT_SOCKS = 1080 };

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower((char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %XX to bytes (RFC 3986 2.1); false for a "%" without two digits, and for a NUL, which
 * no mechanism can send (RFC 4616 2). */
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

	if (out->lmtp && str_starts(text, STR("/"))) {
		out->path = text;
		return text.n > 1;
	}
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

static const struct scheme {
	struct str text;
	uint16_t port;
	bool implicit_tls, lmtp, proxy;
} schemes[] = {
	{ { "smtp://", 7 }, PORT_SMTP, false, false, false },
	{ { "smtps://", 8 }, PORT_SMTPS, true, false, false },
	{ { "lmtp://", 7 }, PORT_LMTP, false, true, false },
	{ { "socks5://", 9 }, PORT_SOCKS, false, false, true },
};

const char *out_url_parse(struct str text, struct arena *a, struct out_smarthost *out,
                          bool *is_proxy)
{
	const struct scheme *scheme = NULL;
	struct cur c = cur_of(text);
	struct str rest;
	ptrdiff_t at;

	for (size_t i = 0; i < COUNT(schemes) && scheme == NULL; i++)
		if (cur_stri(&c, schemes[i].text))
			scheme = &schemes[i];
	if (scheme == NULL)
		return "begin with smtp:// or smtps://";
	out->port = scheme->port;
	out->implicit_tls = scheme->implicit_tls;
	out->lmtp = scheme->lmtp;
	*is_proxy = scheme->proxy;
	rest = cur_rest(&c);
	at = str_rfind_byte(rest, '@');
	if (at >= 0 && !login_parse(str_sub(rest, 0, (size_t)at), a, out))
		return "before the @ give user:password, with %XX for special characters";
	if (!host_parse(str_sub(rest, (size_t)(at + 1), rest.n), out))
		return "end with host or host:port";
	return NULL;
}

/* A password is sent only to the server of that name. An address has no name to
 * verify. */
void out_smarthost_secure(struct out_smarthost *s)
{
	struct addr literal;

	if (s->user.n != 0 && s->host.n != 0 && !addr_parse_ip(s->host, &literal))
		s->trust = &trust_builtin;
}

enum err out_smarthost_parse(struct str text, struct arena *a, struct out_smarthost *out,
                             struct why *why)
{
	const char *complaint;
	bool is_proxy = false;

	*out = (struct out_smarthost){ 0 };
	complaint = out_url_parse(text, a, out, &is_proxy);
	if (complaint == NULL && (out->lmtp || is_proxy))
		complaint = "begin with smtp:// or smtps://";
	if (complaint != NULL)
		return fail(why, ERR_SYNTAX, "ROOST_SMARTHOST: %s", complaint);
	out_smarthost_secure(out);
	return OK;
}

enum err out_smarthost_roots(struct out_smarthost *s, struct str ca, struct trust **trust,
                             struct why *why)
{
	struct arena a = { 0 };
	enum err e = trust_load_file(str_z(&a, ca), trust, why);

	s->trust = *trust;
	arena_deinit(&a);
	return e;
}

enum err out_smarthost_trust(struct out_smarthost *s, struct str ca, struct trust **trust,
                             struct why *why)
{
	struct why inner = { "" };
	struct addr literal;
	enum err e;

	*trust = NULL;
	/* Without a name no certificate can be verified. */
	if (addr_parse_ip(s->host, &literal))
		return fail(why, ERR_SYNTAX,
		            "ROOST_SMARTHOST_CA: give ROOST_SMARTHOST a name, not an address");
	e = out_smarthost_roots(s, ca, trust, &inner);
	return e ? fail(why, e, "ROOST_SMARTHOST_CA: %s", inner.text) : OK;
}

/* TLS from the first byte is mandatory, and roots require a certificate. */
struct out_tls_route out_smarthost_tls(const struct out_smarthost *s)
{
	if (s->path.n != 0)
		return (struct out_tls_route){ .level = OUT_TLS_OFF };
	if (s->tls_said)
		return (struct out_tls_route){ .level = s->tls, .trust = s->trust };
	if (s->trust != NULL)
		return (struct out_tls_route){ .level = OUT_TLS_VERIFY, .trust = s->trust };
	if (s->implicit_tls)
		return (struct out_tls_route){ .level = OUT_TLS_MUST };
	return (struct out_tls_route){ 0 };
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
