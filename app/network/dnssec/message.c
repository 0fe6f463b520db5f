/* network/dnssec/message.c: see message.h. */
#include "network/dnssec/message.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"

enum { CLASS_IN = 1, HEADER_RR = 10, FLAG_QR = 0x8000, DATA_MAX = 65535 };

/* --- names within the data -------------------------------------------------------- */

/* The bytes before and between the names in a type's data: 'n' a name, '2' two octets, 's' a string
 * after its length; the rest is copied. RFC 4034 6.2 lists the types, RFC 3597 4 those that may be
 * compressed. */
static const struct layout {
	uint16_t type;
	const char *parts;
} layouts[] = {
	{ RR_NS, "n" },
	{ 3, "n" }, /* MD */
	{ 4, "n" }, /* MF */
	{ RR_CNAME, "n" },
	{ RR_SOA, "nn" },
	{ 7, "n" }, /* MB */
	{ 8, "n" }, /* MG */
	{ 9, "n" }, /* MR */
	{ RR_PTR, "n" },
	{ 14, "nn" }, /* MINFO */
	{ RR_MX, "2n" },
	{ 17, "nn" },       /* RP */
	{ 18, "2n" },       /* AFSDB */
	{ 21, "2n" },       /* RT */
	{ 24, "222222222n" }, /* SIG */
	{ 26, "2nn" },      /* PX */
	{ 30, "n" },        /* NXT */
	{ RR_SRV, "222n" },
	{ 35, "22sssn" }, /* NAPTR */
	{ 36, "2n" },     /* KX */
	{ RR_DNAME, "n" },
	{ RR_RRSIG, "222222222n" },
};

static const char *layout_of(uint16_t type)
{
	for (size_t i = 0; i < COUNT(layouts); i++)
		if (layouts[i].type == type)
			return layouts[i].parts;
	return "";
}

static bool string_copy(struct cur *c, struct buf *out)
{
	int n = cur_peek(c);
	struct str s;

	if (n < 0 || !cur_take(c, 1 + (size_t)n, &s))
		return false;
	buf_put(out, s);
	return true;
}

static bool part_copy(char part, struct cur *c, struct str message, struct arena *a,
                      struct buf *out)
{
	struct str s;

	if (part == 's')
		return string_copy(c, out);
	if (part == 'n' ? !dname_take(c, message, a, &s) : !cur_take(c, 2, &s))
		return false;
	buf_put(out, s);
	return true;
}

/* data is a part of message. */
static bool data_canonical(uint16_t type, struct str data, struct str message, struct arena *a,
                           struct str *out)
{
	const char *parts = layout_of(type);
	struct cur c = cur_of(data);
	struct buf b;
	bool ok = true;

	*out = data;
	if (*parts == '\0')
		return true;
	buf_init(&b, DATA_MAX);
	for (; ok && *parts != '\0'; parts++)
		ok = part_copy(*parts, &c, message, a, &b);
	buf_put(&b, cur_rest(&c));
	ok = ok && buf_ok(&b);
	*out = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return ok;
}

/* --- the message -------------------------------------------------------------------- */

struct header {
	uint64_t id, flags, questions, answers, authorities, additionals;
};

static bool message_header_take(struct cur *c, struct header *h)
{
	return cur_be(c, 2, &h->id) && cur_be(c, 2, &h->flags) && cur_be(c, 2, &h->questions) &&
	       cur_be(c, 2, &h->answers) && cur_be(c, 2, &h->authorities) &&
	       cur_be(c, 2, &h->additionals);
}

static bool question_skip(struct cur *c, struct str message, struct arena *a)
{
	struct str name, rest;

	return dname_take(c, message, a, &name) && cur_take(c, 4, &rest);
}

static bool record_take(struct cur *c, struct str message, enum rr_section section,
                        struct arena *a, struct dns_message *out)
{
	struct rr *r = &out->records[out->count];
	uint64_t type, class, ttl, n;
	struct str data;

	if (!dname_take(c, message, a, &r->owner) || !cur_be(c, 2, &type) ||
	    !cur_be(c, 2, &class) || !cur_be(c, 4, &ttl) || !cur_be(c, 2, &n) ||
	    !cur_take(c, n, &data))
		return false;
	if (class != CLASS_IN)
		return true;
	r->section = section;
	r->type = (uint16_t)type;
	/* RFC 2181 8: the highest bit set means 0. */
	r->ttl = ttl > INT32_MAX ? 0 : (uint32_t)ttl;
	out->count++;
	return data_canonical(r->type, data, message, a, &r->data);
}

bool dns_message_parse(struct str bytes, size_t records_max, struct arena *a,
                       struct dns_message *out)
{
	struct cur c = cur_of(bytes);
	struct header h;

	*out = (struct dns_message){ 0 };
	if (!message_header_take(&c, &h) || !(h.flags & FLAG_QR) ||
	    h.answers + h.authorities > records_max)
		return false;
	out->rcode = h.flags & 15;
	out->records = arena_array(a, struct rr, h.answers + h.authorities);
	for (uint64_t i = 0; i < h.questions; i++)
		if (!question_skip(&c, bytes, a))
			return false;
	for (uint64_t i = 0; i < h.answers; i++)
		if (!record_take(&c, bytes, RR_ANSWER, a, out))
			return false;
	for (uint64_t i = 0; i < h.authorities; i++)
		if (!record_take(&c, bytes, RR_AUTHORITY, a, out))
			return false;
	return true;
}

/* --- types by name ------------------------------------------------------------------- */

static const struct {
	uint16_t type;
	const char *name;
} names[] = {
	{ RR_A, "A" },       { RR_NS, "NS" },         { RR_CNAME, "CNAME" }, { RR_SOA, "SOA" },
	{ RR_PTR, "PTR" },   { RR_MX, "MX" },         { RR_TXT, "TXT" },     { RR_AAAA, "AAAA" },
	{ RR_SRV, "SRV" },   { RR_DNAME, "DNAME" },   { RR_DS, "DS" },       { RR_RRSIG, "RRSIG" },
	{ RR_NSEC, "NSEC" }, { RR_DNSKEY, "DNSKEY" }, { RR_NSEC3, "NSEC3" }, { RR_TLSA, "TLSA" },
	{ RR_CAA, "CAA" },
};

struct str rr_type_text(uint16_t type, struct arena *a)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].type == type)
			return str_of(names[i].name);
	return str_fmt(a, "TYPE%u", type); /* RFC 3597 5 */
}

bool rr_type_parse(struct str text, uint16_t *out)
{
	struct cur c = cur_of(text);
	uint32_t number;

	for (size_t i = 0; i < COUNT(names); i++) {
		if (str_eqi(text, str_of(names[i].name))) {
			*out = names[i].type;
			return true;
		}
	}
	if (!cur_stri(&c, STR("TYPE")) || !cur_u32(&c, &number) || !cur_done(&c) ||
	    number > UINT16_MAX)
		return false;
	*out = (uint16_t)number;
	return true;
}
