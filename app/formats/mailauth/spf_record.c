/* formats/mailauth/spf_record.c: see spf_record.h. */
#include "formats/mailauth/spf_record.h"

#include "formats/mailauth/spf_macro.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

enum { V4_BITS = 32, V6_BITS = 128 };

bool spf_record_is(struct str text)
{
	struct cur c = cur_of(text);

	return cur_stri(&c, STR("v=spf1")) && (cur_done(&c) || cur_byte(&c, ' '));
}

/* --- addresses ------------------------------------------------------------------------------ */

/* "0" or a number without zeros before it, at most max. */
static bool bits_parse(struct str digits, unsigned max, unsigned *out)
{
	struct cur c = cur_of(digits);
	uint32_t n;

	if (!cur_u32(&c, &n) || !cur_done(&c) || n > max || (digits.n > 1 && digits.p[0] == '0'))
		return false;
	*out = n;
	return true;
}

static size_t digits_before(struct str s, size_t end)
{
	size_t n = 0;

	while (n < end && ascii_digit(s.p[end - 1 - n]))
		n++;
	return n;
}

/* Cut dual-cidr-length off the end of s (RFC 7208 5). A slash may also belong to the domain-spec; a
 * length that is too great is not cut, and the grammar of names then refuses it. */
static bool dual_cidr_cut(struct str *s, struct spf_term *t)
{
	size_t n = digits_before(*s, s->n), at = s->n - n;

	if (n != 0 && at >= 2 && s->p[at - 1] == '/' && s->p[at - 2] == '/') {
		if (!bits_parse(str_sub(*s, at, s->n), V6_BITS, &t->v6_bits))
			return false;
		s->n = at - 2;
		n = digits_before(*s, s->n);
		at = s->n - n;
	}
	if (n != 0 && at >= 1 && s->p[at - 1] == '/') {
		if (!bits_parse(str_sub(*s, at, s->n), V4_BITS, &t->v4_bits))
			return false;
		s->n = at - 1;
	}
	return true;
}

static bool network_parse(struct str s, unsigned max, unsigned *bits, struct addr *out)
{
	ptrdiff_t slash = str_find_byte(s, '/');
	struct str ip = slash < 0 ? s : str_sub(s, 0, (size_t)slash);

	return (slash < 0 || bits_parse(str_sub(s, (size_t)slash + 1, s.n), max, bits)) &&
	       str_find_byte(ip, '[') < 0 && str_find_byte(ip, '%') < 0 && addr_parse_ip(ip, out);
}

bool spf_network_has(const struct addr *network, unsigned bits, const struct addr *ip)
{
	size_t whole = bits / 8;
	unsigned rest = bits % 8;

	if (network->family != ip->family || memcmp(network->ip, ip->ip, whole) != 0)
		return false;
	return rest == 0 || (network->ip[whole] ^ ip->ip[whole]) >> (8 - rest) == 0;
}

/* --- mechanisms ----------------------------------------------------------------------------- */

/* The text after the name: rest begins with ":" or "/", or is empty. */

static bool read_nothing(struct str rest, struct spf_term *t)
{
	(void)t;
	return rest.n == 0;
}

static bool read_domain(struct str rest, struct spf_term *t)
{
	t->domain = str_sub(rest, 1, rest.n);
	return rest.n != 0 && rest.p[0] == ':' && spf_macro_domain_check(t->domain);
}

static bool read_own_domain(struct str rest, struct spf_term *t)
{
	return rest.n == 0 || read_domain(rest, t);
}

static bool read_hosts(struct str rest, struct spf_term *t)
{
	return dual_cidr_cut(&rest, t) && read_own_domain(rest, t);
}

static bool read_ip4(struct str rest, struct spf_term *t)
{
	struct str value = str_sub(rest, 1, rest.n);

	return rest.n != 0 && rest.p[0] == ':' && str_find_byte(value, ':') < 0 &&
	       network_parse(value, V4_BITS, &t->v4_bits, &t->network);
}

/* An IPv4-mapped IPv6 address never matches: such clients count as IPv4 (RFC 7208 5). */
static bool read_ip6(struct str rest, struct spf_term *t)
{
	struct str value = str_sub(rest, 1, rest.n);

	if (rest.n == 0 || rest.p[0] != ':' || str_find_byte(value, ':') < 0 ||
	    !network_parse(value, V6_BITS, &t->v6_bits, &t->network))
		return false;
	if (t->network.family != ADDR_V6)
		t->network.family = ADDR_NONE;
	return true;
}

static const struct {
	struct str name;
	bool (*read)(struct str rest, struct spf_term *t);
} mechanisms[] = {
	[SPF_ALL] = { STR("all"), read_nothing },
	[SPF_INCLUDE] = { STR("include"), read_domain },
	[SPF_A] = { STR("a"), read_hosts },
	[SPF_MX] = { STR("mx"), read_hosts },
	[SPF_PTR] = { STR("ptr"), read_own_domain },
	[SPF_IP4] = { STR("ip4"), read_ip4 },
	[SPF_IP6] = { STR("ip6"), read_ip6 },
	[SPF_EXISTS] = { STR("exists"), read_domain },
};

static enum spf_result qualifier_take(struct cur *c)
{
	if (cur_byte(c, '-'))
		return SPF_FAIL;
	if (cur_byte(c, '~'))
		return SPF_SOFTFAIL;
	if (cur_byte(c, '?'))
		return SPF_NEUTRAL;
	(void)cur_byte(c, '+');
	return SPF_PASS;
}

static bool is_name_char(unsigned char c)
{
	return ascii_alnum((char)c) || c == '-' || c == '_' || c == '.';
}

/* directive = [ qualifier ] mechanism		RFC 7208 4.6.1 */
static bool directive_parse(struct str text, struct spf_term *out)
{
	struct cur c = cur_of(text);
	struct str name;

	*out = (struct spf_term){ .v4_bits = V4_BITS, .v6_bits = V6_BITS, .text = text };
	out->result = qualifier_take(&c);
	name = cur_while(&c, is_name_char);
	for (size_t i = 0; i < COUNT(mechanisms); i++)
		if (str_eqi(name, mechanisms[i].name)) {
			out->mechanism = (enum spf_mechanism)i;
			return mechanisms[i].read(cur_rest(&c), out);
		}
	return false;
}

/* --- modifiers ------------------------------------------------------------------------------ */

/* name "=" of a modifier; c moves after it. */
static bool modifier_name(struct cur *c, struct str *name)
{
	struct cur at = *c;

	if (cur_peek(&at) < 0 || !ascii_alpha((char)cur_peek(&at)))
		return false;
	*name = cur_while(&at, is_name_char);
	if (!cur_byte(&at, '='))
		return false;
	*c = at;
	return true;
}

static bool once(struct str value, struct str *to)
{
	if (to->n != 0 || !spf_macro_domain_check(value))
		return false;
	*to = value;
	return true;
}

/* Unknown modifiers are ignored (RFC 7208 6). */
static bool modifier_take(struct str name, struct str value, struct spf_record *out)
{
	if (str_eqi(name, STR("redirect")))
		return once(value, &out->redirect);
	if (str_eqi(name, STR("exp")))
		return once(value, &out->exp);
	return spf_macro_check(value, SPF_MACRO_DOMAIN);
}

/* --- the record ----------------------------------------------------------------------------- */

static bool spf_record_not_blank(unsigned char c)
{
	return c != ' ';
}

static enum err term_take(struct str text, struct spf_record *out, struct why *why)
{
	struct cur c = cur_of(text);
	struct str name;

	if (modifier_name(&c, &name))
		return modifier_take(name, cur_rest(&c), out)
		               ? OK
		               : fail(why, ERR_SYNTAX, "\"%.*s\" is wrong", STR_ARG(text));
	if (out->count == SPF_TERMS_MAX)
		return fail(why, ERR_SYNTAX, "there are more than %d terms", SPF_TERMS_MAX);
	if (!directive_parse(text, &out->terms[out->count]))
		return fail(why, ERR_SYNTAX, "\"%.*s\" is wrong", STR_ARG(text));
	out->count++;
	return OK;
}

enum err spf_record_parse(struct str text, struct arena *a, struct spf_record *out, struct why *why)
{
	struct cur c = cur_of(text);
	enum err e = OK;

	*out = (struct spf_record){ 0 };
	cur_skip(&c, STR("v=spf1").n);
	/* A term takes at least two bytes with the blank before it. */
	out->terms = arena_array(a, struct spf_term, MIN(cur_left(&c) / 2, (size_t)SPF_TERMS_MAX));
	while (e == OK && cur_byte(&c, ' ')) {
		struct str term = cur_while(&c, spf_record_not_blank);

		if (term.n != 0)
			e = term_take(term, out, why);
	}
	return e;
}
