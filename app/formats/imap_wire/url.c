/* formats/imap_wire/url.c: see url.h. Rules are those of RFC 5092 11. */
#include "formats/imap_wire/url.h"
#include "foundation/base/arena.h"
#include "foundation/text/date.h"
#include <string.h>

static bool is_unreserved(unsigned char c)
{
	return ascii_alnum((char)c) || (c != 0 && strchr("-._~", c));
}

/* achar = unreserved / sub-delims-sh / pct-encoded / "&" / "=" */
static bool is_achar(unsigned char c)
{
	return is_unreserved(c) || (c != 0 && strchr("!$'()*+,&=%", c));
}

/* bchar = achar / ":" / "@" / "/" */
static bool is_bchar(unsigned char c)
{
	return is_achar(c) || (c != 0 && strchr(":@/", c));
}

/* A byte of a host or port: not one that ends the authority (RFC 3986 3.2). */
static bool url_is_host(unsigned char c)
{
	return is_achar(c) || c == ':' || c == '[' || c == ']';
}

static bool is_mechanism(unsigned char c)
{
	return ascii_alnum((char)c) || c == '-' || c == '.';
}

/* -1: not a hexadecimal digit. */
static int url_hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, ascii_lower(c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool is_hex(unsigned char c)
{
	return url_hex_value((char)c) >= 0;
}

/* pct-encoded = "%" HEXDIG HEXDIG; IMAP allows no NUL. */
static bool pct_decode(struct arena *a, struct str raw, struct str *out)
{
	char *p = arena_alloc(a, raw.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < raw.n; i++) {
		int hi, lo;

		if (raw.p[i] != '%') {
			p[n++] = raw.p[i];
			continue;
		}
		if (raw.n - i < 3 || (hi = url_hex_value(raw.p[i + 1])) < 0 ||
		    (lo = url_hex_value(raw.p[i + 2])) < 0 || (hi | lo) == 0)
			return false;
		p[n++] = (char)(hi << 4 | lo);
		i += 2;
	}
	*out = str_from(p, n);
	return true;
}

static bool enc(struct cur *c, struct arena *a, bool (*is)(unsigned char), struct str *out)
{
	struct str raw = cur_while(c, is);

	return raw.n != 0 && pct_decode(a, raw, out);
}

/* iauth = ";AUTH=" ( "*" / enc-auth-type ): ignored, because these URLs do not log in. */
static bool iauth(struct cur *c, struct arena *a)
{
	struct str type;

	return !cur_stri(c, STR(";AUTH=")) || enc(c, a, is_achar, &type);
}

/* iserver = [iuserinfo "@"] host [ ":" port ], up to the "/" of the path */
static bool iserver(struct cur *c, struct arena *a, struct imap_url *out)
{
	struct cur at = *c;
	struct str user = cur_while(&at, is_achar);

	if (user.n != 0 && !pct_decode(a, user, &out->user))
		return false;
	if (iauth(&at, a) && cur_byte(&at, '@'))
		*c = at;
	else
		out->user = STR_EMPTY;
	out->host = cur_while(c, url_is_host);
	return out->host.n != 0 && cur_byte(c, '/');
}

/* ";UIDVALIDITY=" and ";UID=" nz-number */
static bool url_number(struct cur *c, const char *name, uint32_t *out)
{
	return cur_stri(c, str_of(name)) && imap_nz_parse(c, out);
}

/* imailbox-ref = enc-mailbox [uidvalidity], and the "/" after it. enc-mailbox may contain "/", and
 * the next part begins with ";". */
static bool mailbox_ref(struct cur *c, struct arena *a, struct imap_url *out)
{
	struct str raw = cur_while(c, is_bchar), name;

	if (raw.n < 2)
		return false;
	if (cur_stri(c, STR(";UIDVALIDITY="))) {
		if (!imap_nz_parse(c, &out->uidvalidity) || !cur_byte(c, '/'))
			return false;
	} else if (raw.p[--raw.n] != '/') {
		return false;
	}
	return raw.p[0] != '/' && pct_decode(a, raw, &name) &&
	       imap_mailbox_decode_strict(a, true, name, &out->mailbox);
}

/* isection = "/" ";SECTION=" enc-section */
static bool isection(struct cur *c, struct arena *a, struct imap_url *out)
{
	struct str spec;
	struct cur at;

	if (!cur_stri(c, STR("/;SECTION=")))
		return true;
	/* enc-section may contain "/", which is not part of a section. */
	if (!enc(c, a, is_achar, &spec))
		return false;
	at = cur_of(spec);
	return imap_section_spec_parse(&at, a, &out->section) && cur_done(&at);
}

/* ipartial = "/" ";PARTIAL=" number ["." nz-number] */
static bool ipartial(struct cur *c, struct imap_url *out)
{
	struct imap_section *s = &out->section;

	if (!cur_stri(c, STR("/;PARTIAL=")))
		return true;
	s->partial = true;
	s->size = INT64_MAX; /* to the end */
	if (!cur_u64(c, &s->offset) || s->offset > INT64_MAX)
		return false;
	return !cur_byte(c, '.') || (cur_u64(c, &s->size) && s->size != 0 && s->size <= INT64_MAX);
}

static bool access_parse(struct cur *c, struct arena *a, struct imap_url *out)
{
	static const struct {
		const char *name;
		enum imap_url_access access;
		bool user;
	} rows[] = {
		{ "SUBMIT+", URL_ACCESS_SUBMIT, true },
		{ "USER+", URL_ACCESS_USER, true },
		{ "AUTHUSER", URL_ACCESS_AUTHUSER, false },
		{ "ANONYMOUS", URL_ACCESS_ANONYMOUS, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (cur_stri(c, str_of(rows[i].name))) {
			out->access = rows[i].access;
			return !rows[i].user || enc(c, a, is_achar, &out->access_user);
		}
	return false;
}

/* iurlauth = iurlauth-rump [":" uauth-mechanism ":" enc-urlauth]
 * iurlauth-rump = [";EXPIRE=" date-time] ";URLAUTH=" access */
static bool iurlauth(struct cur *c, struct arena *a, struct imap_url *out)
{
	enum { TOKEN_MIN = 32 }; /* enc-urlauth = 32*HEXDIG */

	if (cur_stri(c, STR(";EXPIRE="))) {
		out->expires = true;
		if (!date_parse_iso(c, &out->expire_ms))
			return false;
	}
	if (!cur_stri(c, STR(";URLAUTH=")))
		return !out->expires;
	if (!access_parse(c, a, out))
		return false;
	out->rump -= cur_left(c);
	if (!cur_byte(c, ':'))
		return true;
	out->mech = cur_while(c, is_mechanism);
	if (out->mech.n == 0 || !cur_byte(c, ':'))
		return false;
	out->token = cur_while(c, is_hex);
	return out->token.n >= TOKEN_MIN;
}

/* path-noscheme (RFC 3986 4.2): a relative path whose first segment has a ":" is a URL of
 * another scheme. */
static bool has_scheme(struct str text)
{
	ptrdiff_t colon = str_find_byte(text, ':'), slash = str_find_byte(text, '/');

	return colon >= 0 && (slash < 0 || colon < slash);
}

/* The part before ";UID=": server and mailbox, the mailbox, or nothing. */
static bool base(struct cur *c, struct str text, struct arena *a, struct imap_url *out)
{
	out->absolute = cur_stri(c, STR("imap://"));
	if (out->absolute)
		return iserver(c, a, out) && mailbox_ref(c, a, out);
	if (cur_byte(c, '/'))
		return mailbox_ref(c, a, out);
	/* A path that begins with ";UID=" is relative to a mailbox: RFC 5092 7.2. */
	return cur_peek(c) == ';' || (!has_scheme(text) && mailbox_ref(c, a, out));
}

bool imap_url_parse(struct str text, struct arena *a, struct imap_url *out)
{
	struct cur c = cur_of(text);

	*out = (struct imap_url){ .section = { .peek = true }, .rump = text.n };
	return base(&c, text, a, out) && url_number(&c, ";UID=", &out->uid) &&
	       isection(&c, a, out) && ipartial(&c, out) && iurlauth(&c, a, out) && cur_done(&c);
}
