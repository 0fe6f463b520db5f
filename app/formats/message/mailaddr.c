/* formats/message/mailaddr.c: see mailaddr.h. */
#include "formats/message/mailaddr.h"

#include "formats/message/address.h"
#include "foundation/base/arena.h"
#include "foundation/text/idna.h"
#include "foundation/text/utf8.h"

enum { LABEL_MAX = 63 };

static bool is_atext(unsigned char c)
{
	return c < 0x80 && address_is_atext(c);
}

static bool is_atext_utf8(unsigned char c)
{
	return address_is_atext(c);
}

/* --- local-part -------------------------------------------------------------------- */

/* Dot-string = Atom *("." Atom)				RFC 5321 4.1.2 */
static bool dot_string(struct cur *c, unsigned flags, struct str *out)
{
	struct cur try = *c;

	do {
		if (cur_while(&try, flags & MAILADDR_UTF8 ? is_atext_utf8 : is_atext).n == 0)
			return false;
	} while (cur_byte(&try, '.'));
	*out = str_from(c->p, (size_t)(try.p - c->p));
	*c = try;
	return true;
}

/* qtextSMTP / quoted-pairSMTP: printable ASCII and space, the quote and the backslash only
 * after a backslash; UTF8-non-ascii by RFC 6531 3.3. */
static bool quoted_byte(struct cur *c, unsigned flags, char *out)
{
	bool escaped = cur_byte(c, '\\');
	unsigned char byte;

	if (!cur_any(c, out))
		return false;
	byte = (unsigned char)*out;
	if (byte >= 0x80)
		return !escaped && (flags & MAILADDR_UTF8);
	return byte >= 32 && byte <= 126 && (escaped || (byte != '"' && byte != '\\'));
}

/* Quoted-string = DQUOTE *QcontentSMTP DQUOTE */
static bool quoted_string(struct cur *c, struct arena *a, unsigned flags, struct str *out)
{
	struct cur try = *c;
	char text[MAILADDR_LOCAL_MAX];
	size_t n = 0;

	if (!cur_byte(&try, '"'))
		return false;
	while (!cur_byte(&try, '"'))
		if (n == sizeof text || !quoted_byte(&try, flags, &text[n++]))
			return false;
	if (n == 0)
		return false; /* "" would look like a missing local part */
	*out = str_dup(a, str_from(text, n));
	*c = try;
	return true;
}

/* Local-part = Dot-string / Quoted-string */
static bool local_part(struct cur *c, struct arena *a, unsigned flags, struct str *out)
{
	return (dot_string(c, flags, out) || quoted_string(c, a, flags, out)) &&
	       out->n <= MAILADDR_LOCAL_MAX && utf8_valid(*out);
}

/* --- domain ------------------------------------------------------------------------ */

static bool is_label(unsigned char c)
{
	return ascii_alnum((char)c) || c == '-' || c == '_';
}

static bool is_label_utf8(unsigned char c)
{
	return is_label(c) || c >= 0x80;
}

/* sub-domain = Let-dig [Ldh-str]; "_" is not in the grammar but in the DNS. idna_ascii validates
 * labels in UTF-8. */
static bool label(struct cur *c, unsigned flags)
{
	struct str s = cur_while(c, flags & MAILADDR_UTF8 ? is_label_utf8 : is_label);

	return s.n != 0 && s.p[0] != '-' && s.p[s.n - 1] != '-' &&
	       (s.n <= LABEL_MAX || !utf8_ascii(s));
}

static struct str lower(struct arena *a, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return str_lower(a, s);
	return s;
}

/* Domain = sub-domain *("." sub-domain)			RFC 5321 4.1.2 */
bool mailaddr_domain_parse(struct cur *c, struct arena *a, unsigned flags, struct str *out)
{
	struct cur try = *c;
	struct str name;

	do {
		if (!label(&try, flags))
			return false;
	} while (cur_byte(&try, '.'));
	name = str_from(c->p, (size_t)(try.p - c->p));
	if (!utf8_ascii(name) && !idna_ascii(a, name, &name)) /* RFC 6531 3.3: U-label */
		return false;
	if (name.n > MAILADDR_DOMAIN_MAX)
		return false;
	*out = lower(a, name);
	*c = try;
	return true;
}

struct str mailaddr_domain_normal(struct arena *a, struct str domain)
{
	struct str name;

	if (!utf8_ascii(domain) && idna_ascii(a, domain, &name))
		return name;
	return str_lower(a, domain);
}

static bool is_hex_group(unsigned char c)
{
	return ascii_digit((char)c) || (ascii_lower((char)c) >= 'a' && ascii_lower((char)c) <= 'f');
}

/* Snum 3("." Snum), Snum = 1*3DIGIT in 0-255			RFC 5321 4.1.3 */
static bool ipv4(struct cur *c)
{
	for (int i = 0; i < 4; i++) {
		const char *start = c->p;
		uint32_t n;

		if ((i != 0 && !cur_byte(c, '.')) || !cur_u32(c, &n) || n > 255 || c->p - start > 3)
			return false;
	}
	return true;
}

/* IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp: eight groups, or fewer and one "::". */
static bool ipv6(struct cur *c)
{
	unsigned groups = 0;
	bool gap = cur_str(c, STR("::"));

	while (cur_peek(c) != ']') {
		struct cur try = *c;
		struct str group = cur_while(&try, is_hex_group);

		if (cur_peek(&try) == '.') {
			groups += 2;
			if (!ipv4(c) || cur_peek(c) != ']')
				return false;
			break;
		}
		if (group.n == 0 || group.n > 4)
			return false;
		groups++;
		*c = try;
		if (cur_str(c, STR("::"))) {
			if (gap)
				return false;
			gap = true;
		} else if (cur_byte(c, ':')) {
			if (cur_peek(c) == ']')
				return false;
		} else {
			break;
		}
	}
	return gap ? groups <= 7 : groups == 8;
}

/* address-literal = "[" ( IPv4 / IPv6 ) "]"; there are no other tags in use. */
static bool literal(struct cur *c, struct arena *a, unsigned flags, struct str *out)
{
	struct cur try = *c;

	if (!(flags & MAILADDR_LITERAL) || !cur_byte(&try, '['))
		return false;
	if (!(cur_stri(&try, STR("IPv6:")) ? ipv6(&try) : ipv4(&try)) || !cur_byte(&try, ']'))
		return false;
	*out = lower(a, str_from(c->p, (size_t)(try.p - c->p)));
	*c = try;
	return true;
}

/* --- mailbox and path --------------------------------------------------------------- */

/* Mailbox = Local-part "@" ( Domain / address-literal )	RFC 5321 4.1.2 */
bool mailaddr_parse(struct cur *c, struct arena *a, unsigned flags, struct mailaddr *out)
{
	struct cur try = *c;

	if (!local_part(&try, a, flags, &out->local) || !cur_byte(&try, '@'))
		return false;
	if (!literal(&try, a, flags, &out->domain) &&
	    !mailaddr_domain_parse(&try, a, flags, &out->domain))
		return false;
	*c = try;
	return true;
}

/* A-d-l ":" with A-d-l = At-domain *( "," At-domain ): accepted and ignored, as required by RFC
 * 5321 4.1.1.3 and appendix C. */
static bool source_route(struct cur *c, struct arena *a, unsigned flags)
{
	struct str ignored;

	do {
		if (!cur_byte(c, '@') || !mailaddr_domain_parse(c, a, flags, &ignored))
			return false;
	} while (cur_byte(c, ','));
	return cur_byte(c, ':');
}

/* Path = "<" [ A-d-l ":" ] Mailbox ">"; Reverse-path = Path / "<>" (RFC 5321 4.1.2). "<Postmaster>"
 * without a domain is valid as a recipient (4.1.1.3), not as a sender: the bare name is for RCPT
 * only (2.3.5). */
bool mailaddr_parse_path(struct cur *c, struct arena *a, unsigned flags, struct mailaddr *out)
{
	struct cur try = *c;

	*out = (struct mailaddr){ STR_EMPTY, STR_EMPTY };
	if (!cur_byte(&try, '<'))
		return false;
	if ((flags & MAILADDR_NULL) && cur_byte(&try, '>')) {
		*c = try;
		return true;
	}
	if (cur_peek(&try) == '@' && !source_route(&try, a, flags))
		return false;
	if (!(flags & MAILADDR_NULL) && cur_stri(&try, STR("postmaster>"))) {
		out->local = STR("postmaster");
		*c = try;
		return true;
	}
	if (!mailaddr_parse(&try, a, flags, out) || !cur_byte(&try, '>'))
		return false;
	if (out->local.n + out->domain.n + 3 > MAILADDR_PATH_MAX)
		return false;
	*c = try;
	return true;
}

bool mailaddr_of(struct str s, struct arena *a, unsigned flags, struct mailaddr *out)
{
	struct cur c = cur_of(s);

	return mailaddr_parse(&c, a, flags, out) && cur_done(&c) &&
	       out->local.n + out->domain.n + 3 <= MAILADDR_PATH_MAX;
}

/* --- the rest ------------------------------------------------------------------------- */

bool mailaddr_domain_within(struct str name, struct str domain)
{
	if (name.n <= domain.n)
		return str_eqi(name, domain);
	return domain.n != 0 && name.p[name.n - domain.n - 1] == '.' &&
	       str_eqi(str_sub(name, name.n - domain.n, name.n), domain);
}

bool mailaddr_is_null(const struct mailaddr *m)
{
	return m->local.n == 0 && m->domain.n == 0;
}

bool mailaddr_equal(const struct mailaddr *a, const struct mailaddr *b)
{
	return str_eq(a->local, b->local) && str_eq(a->domain, b->domain);
}

bool mailaddr_is_utf8(const struct mailaddr *m)
{
	return !utf8_ascii(m->local);
}

bool mailaddr_split_tag(struct str local, struct str separators, size_t *at, struct str *base,
                        struct str *tag)
{
	*base = local;
	*tag = STR_EMPTY;
	while (*at > 1) {
		--*at;
		if (str_find_byte(separators, local.p[*at]) < 0)
			continue;
		*base = str_sub(local, 0, *at);
		*tag = str_sub(local, *at + 1, local.n);
		return true;
	}
	return false;
}

void mailaddr_put(struct buf *out, const struct mailaddr *m)
{
	if (mailaddr_is_null(m))
		return;
	address_put_local(out, m->local);
	if (m->domain.n != 0) {
		buf_byte(out, '@');
		buf_put(out, m->domain);
	}
}

struct str mailaddr_text(struct arena *a, const struct mailaddr *m)
{
	struct buf b;
	struct str text;

	buf_init(&b, 4 * MAILADDR_PATH_MAX); /* each byte of a local part may be quoted */
	mailaddr_put(&b, m);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

struct mailaddr mailaddr_dup(struct arena *a, const struct mailaddr *m)
{
	return (struct mailaddr){ str_dup(a, m->local), str_dup(a, m->domain) };
}
