/* formats/mailauth/dkim_signature.c: see dkim_signature.h. */
#include "formats/mailauth/dkim_signature.h"

#include "formats/mailauth/tags.h"
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"
#include "foundation/text/utf8.h"

enum {
	SIGNATURE_BYTES_MAX = 1024, /* twice the length for the largest supported RSA key */
	TIME_DIGITS = 12,           /* RFC 6376 3.5, t=                          */
	LENGTH_DIGITS = 76,
};

/* The state of parsing a signature field. */
struct reading {
	enum dkim_field kind;
	struct arena *a;
	struct dkim_signature *out;
	struct why *why;
};

static bool wrong(const struct reading *r, const char *what)
{
	(void)!fail(r->why, ERR_SYNTAX, "%s", what);
	return false;
}

static bool dkim_signature_is_digit(unsigned char c)
{
	return ascii_digit((char)c);
}

/* Without the white space in it. */
static struct str packed(struct arena *a, struct str s)
{
	char *to = arena_alloc(a, s.n);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (!ascii_space((unsigned char)s.p[i]))
			to[n++] = s.p[i];
	return str_from(to, n);
}

/* --- values ---------------------------------------------------------------------------------- */

/* Decimal digits only; a number that does not fit becomes the maximum. */
static bool number_read(struct str value, size_t digits_max, uint64_t *out)
{
	struct cur c = cur_of(value);
	struct str digits = cur_while(&c, dkim_signature_is_digit);

	if (digits.n == 0 || digits.n > digits_max || !cur_done(&c))
		return false;
	c = cur_of(digits);
	if (!cur_u64(&c, out))
		*out = UINT64_MAX - 1;
	return true;
}

static bool time_read(struct str value, int64_t *out)
{
	uint64_t n;

	if (!number_read(value, TIME_DIGITS, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

/* A domain name in A-labels, also from U-labels (RFC 8616 4). For an ASCII name only its form is
 * checked: the DNS has names that IDNA2008 does not allow, such as emoji, and their owners sign
 * with them. */
static bool name_read(struct arena *a, struct str value, struct str *out)
{
	struct cur c = cur_of(value);

	return mailaddr_domain_parse(&c, a, MAILADDR_UTF8, out) && cur_done(&c);
}

/* --- tags: each is called with the tag's value ------------------------------------------------ */

/* domain-name = sub-domain 1*("." sub-domain) */
static bool read_d(const struct reading *r, struct str value)
{
	return (name_read(r->a, value, &r->out->domain) &&
	        str_find_byte(r->out->domain, '.') > 0) ||
	       wrong(r, "d= is no domain name");
}

static bool read_s(const struct reading *r, struct str value)
{
	return name_read(r->a, value, &r->out->selector) || wrong(r, "s= is no selector");
}

/* The algorithm; an obsolete one gets its own error text. */
static bool read_a(const struct reading *r, struct str value)
{
	r->out->algorithm_text = value;
	if (str_eq(value, STR("rsa-sha256")))
		r->out->algorithm = DKIM_RSA_SHA256;
	else if (str_eq(value, STR("ed25519-sha256")))
		r->out->algorithm = DKIM_ED25519_SHA256;
	else if (str_eq(value, STR("rsa-sha1"))) /* RFC 8301 3.1 */
		return wrong(r, "rsa-sha1 is not safe any more and proves nothing");
	else
		return wrong(r, "a= names an unknown algorithm");
	return true;
}

static bool read_v(const struct reading *r, struct str value)
{
	return str_eq(value, STR("1")) || wrong(r, "v= is not 1");
}

/* The number of a set of ARC (RFC 8617 4.2.1). */
static bool read_instance(const struct reading *r, struct str value)
{
	uint64_t n;

	if (!number_read(value, 2, &n) || n == 0 || n > ARC_INSTANCES_MAX)
		return wrong(r, "i= is not a number from 1 to 50");
	r->out->instance = (unsigned)n;
	return true;
}

/* [ Local-part ] "@" domain-name, at or below d= (RFC 6376 6.1.1) */
static bool read_i(const struct reading *r, struct str value)
{
	struct str identity = packed(r->a, value), domain;
	ptrdiff_t at = str_rfind_byte(identity, '@');

	if (r->kind != DKIM_SIGNATURE)
		return read_instance(r, value);
	if (at < 0 || !utf8_valid(identity) ||
	    !name_read(r->a, str_sub(identity, (size_t)at + 1, identity.n), &domain))
		return wrong(r, "i= is no address");
	r->out->identity = str_fmt(r->a, "%.*s@%.*s", (int)at, identity.p, STR_ARG(domain));
	return mailaddr_domain_within(domain, r->out->domain) ||
	       wrong(r, "i= is not at or below d=");
}

static bool canon_read(struct str name, enum canon *out)
{
	*out = str_eq(name, STR("relaxed")) ? CANON_RELAXED : CANON_SIMPLE;
	return *out == CANON_RELAXED || str_eq(name, STR("simple"));
}

static bool read_c(const struct reading *r, struct str value)
{
	ptrdiff_t slash = str_find_byte(value, '/');
	size_t n = slash < 0 ? value.n : (size_t)slash;

	return (canon_read(str_sub(value, 0, n), &r->out->header) &&
	        (slash < 0 || canon_read(str_sub(value, n + 1, value.n), &r->out->body))) ||
	       wrong(r, "c= names an unknown canonicalization");
}

/* The next item of a list separated by colons, with white space around them; false after the last.
 * An empty item has no bytes. */
static bool list_next(struct cur *c, bool *more, struct str *out)
{
	if (!*more)
		return false;
	(void)cur_while(c, ascii_space);
	*more = cur_until(c, ':', out);
	if (*more)
		(void)cur_byte(c, ':');
	else
		*out = cur_rest(c);
	while (out->n != 0 && ascii_space((unsigned char)out->p[out->n - 1]))
		out->n--;
	return true;
}

/* hdr-name = field-name (RFC 5322 3.6.8), without the colon */
static bool field_name_check(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~')
			return false;
	return true;
}

/* For DKIM the author must be among them (RFC 6376 5.4), and no name may be empty. A signature of
 * ARC must not cover the seals of a chain (RFC 8617 4.1.2); otherwise its list is parsed
 * leniently. */
static bool read_h(const struct reading *r, struct str value)
{
	struct cur c = cur_of(value);
	bool more = true, from = false;
	struct str name;
	size_t n = 0;

	while (list_next(&c, &more, &name)) {
		if (++n > DKIM_NAMES_MAX)
			return wrong(r, "h= names too many fields");
		if (!field_name_check(name) || (name.n == 0 && r->kind == DKIM_SIGNATURE))
			return wrong(r, "h= is no list of field names");
		if (r->kind == DKIM_ARC_MESSAGE && str_eqi(name, STR("ARC-Seal")))
			return wrong(r, "h= names ARC-Seal");
		from = from || str_eqi(name, STR("From"));
	}
	r->out->names = value;
	return from || r->kind != DKIM_SIGNATURE || wrong(r, "h= does not name From");
}

static bool refuse_h(const struct reading *r, struct str value)
{
	(void)value;
	return wrong(r, "a seal must not have h=");
}

static bool read_bh(const struct reading *r, struct str value)
{
	struct buf b;

	buf_init_in(&b, (char *)r->out->body_hash, HASH_BYTES);
	return (tags_base64(value, &b) && b.n == HASH_BYTES) || wrong(r, "bh= is no hash");
}

static bool read_b(const struct reading *r, struct str value)
{
	char room[SIGNATURE_BYTES_MAX];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	if (!tags_base64(value, &b))
		return wrong(r, "b= is no signature");
	r->out->signature = str_dup(r->a, buf_str(&b));
	return true;
}

static bool read_l(const struct reading *r, struct str value)
{
	return number_read(value, LENGTH_DIGITS, &r->out->length) || wrong(r, "l= is no number");
}

static bool read_q(const struct reading *r, struct str value)
{
	struct cur c = cur_of(value);
	struct str method;
	bool more = true;

	while (list_next(&c, &more, &method))
		if (str_eq(method, STR("dns/txt")))
			return true;
	return wrong(r, "q= names no way to get the key that is known");
}

static bool read_t(const struct reading *r, struct str value)
{
	return time_read(value, &r->out->signed_s) || wrong(r, "t= is no time");
}

static bool read_x(const struct reading *r, struct str value)
{
	if (!time_read(value, &r->out->expires_s))
		return wrong(r, "x= is no time");
	return r->out->expires_s > r->out->signed_s || wrong(r, "x= is not after t=");
}

static bool read_cv(const struct reading *r, struct str value)
{
	static const struct str names[ARC_RESULTS] = { STR("none"), STR("pass"), STR("fail") };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(value, names[i])) {
			r->out->cv = (enum arc_result)i;
			return true;
		}
	return wrong(r, "cv= is not none, pass or fail");
}

/* --- the field ------------------------------------------------------------------------------*/

enum {
	OF_DKIM = BIT(DKIM_SIGNATURE),
	OF_AMS = BIT(DKIM_ARC_MESSAGE),
	OF_AS = BIT(DKIM_ARC_SEAL),
	OF_ALL = OF_DKIM | OF_AMS | OF_AS,
};

/* In the order of processing: d= before i=, t= before x=, and first the tags that identify the
 * signer. Others are ignored (RFC 6376 3.5, RFC 8617 4.1.2). */
static const struct {
	const char *name;
	unsigned needed, known;
	bool (*read)(const struct reading *r, struct str value);
} rows[] = {
	{ "a", OF_ALL, OF_ALL, read_a },
	{ "d", OF_ALL, OF_ALL, read_d },
	{ "s", OF_ALL, OF_ALL, read_s },
	{ "v", OF_DKIM, OF_DKIM, read_v },
	{ "i", OF_AMS | OF_AS, OF_ALL, read_i },
	{ "h", OF_DKIM | OF_AMS, OF_DKIM | OF_AMS, read_h },
	{ "h", 0, OF_AS, refuse_h },
	{ "bh", OF_DKIM | OF_AMS, OF_DKIM | OF_AMS, read_bh },
	{ "b", OF_ALL, OF_ALL, read_b },
	{ "cv", OF_AS, OF_AS, read_cv },
	{ "c", 0, OF_DKIM | OF_AMS, read_c },
	{ "l", 0, OF_DKIM | OF_AMS, read_l },
	{ "q", 0, OF_DKIM | OF_AMS, read_q },
	{ "t", 0, OF_ALL, read_t },
	{ "x", 0, OF_DKIM | OF_AMS, read_x },
};

/* Read all tags, also after a malformed one, so that as much as possible is set; why is about the
 * first error. */
static bool rows_read(const struct reading *r, const struct tags *tags)
{
	struct reading rest = *r;
	bool ok = true;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct tag *tag = tags_find(tags, str_of(rows[i].name));
		bool good = true;

		if ((rows[i].known & BIT(r->kind)) == 0)
			continue;
		if (tag != NULL)
			good = rows[i].read(&rest, tag->value);
		else if ((rows[i].needed & BIT(r->kind)) != 0)
			good = fail(rest.why, ERR_SYNTAX, "%s= is missing", rows[i].name) == OK;
		if (!good)
			rest.why = NULL;
		ok = ok && good;
	}
	return ok;
}

bool dkim_signature_parse(enum dkim_field kind, struct str field, struct arena *a,
                          struct dkim_signature *out, struct why *why)
{
	struct reading r = { .kind = kind, .a = a, .out = out, .why = why };
	ptrdiff_t colon = str_find_byte(field, ':');
	struct tags tags;
	bool ok;

	*out = (struct dkim_signature){ .length = UINT64_MAX, .signed_s = -1, .expires_s = -1 };
	if (colon < 0 || !tags_parse(str_sub(field, (size_t)colon + 1, field.n), &tags))
		return wrong(&r, "it is no list of tags");
	/* The default of DKIM is simple. For ARC it is relaxed, as in the public test suite and the
	 * common sealers: a forwarded field rarely stays unchanged. */
	if (kind == DKIM_ARC_MESSAGE && tags_find(&tags, STR("c")) == NULL)
		out->header = out->body = CANON_RELAXED;
	ok = rows_read(&r, &tags);
	if (kind == DKIM_SIGNATURE && tags_find(&tags, STR("i")) == NULL)
		out->identity = str_fmt(a, "@%.*s", STR_ARG(out->domain));
	return ok;
}

bool dkim_signature_domain(struct str field, struct arena *a, struct str *out)
{
	ptrdiff_t colon = str_find_byte(field, ':');
	struct dkim_signature s;
	const struct reading r = { .kind = DKIM_SIGNATURE, .a = a, .out = &s };
	const struct tag *d;
	struct tags tags;

	if (colon < 0 || !tags_parse(str_sub(field, (size_t)colon + 1, field.n), &tags))
		return false;
	d = tags_find(&tags, STR("d"));
	if (d == NULL || !read_d(&r, d->value))
		return false;
	*out = s.domain;
	return true;
}

struct str dkim_key_name(const struct dkim_signature *s, struct arena *a)
{
	return str_fmt(a, "%.*s._domainkey.%.*s", STR_ARG(s->selector), STR_ARG(s->domain));
}
