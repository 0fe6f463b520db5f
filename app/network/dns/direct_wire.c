/* network/dns/direct_wire.c: encoding of queries and answers; see direct.h. */
#include "network/dns/direct.h"

#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "network/dns/private.h"
#include "network/dnssec/data.h"

#include <string.h>

enum {
	FLAG_QR = 0x8000,
	FLAG_AA = 0x0400,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
	CLASS_IN = 1,
	RR_OPT = 41,
	UDP_SIZE = 1232, /* RFC 9715 */
	RECORDS_MAX = 200,
	ALIASES_MAX = 8,
	TEXT_MAX = 70000,
	RCODE_SERVFAIL = 2,
	RCODE_REFUSED = 5,
	RCODE_NOTAUTH = 9,
};

static void be16_put(struct buf *out, unsigned n)
{
	buf_byte(out, (char)(n >> 8));
	buf_byte(out, (char)n);
}

bool dns_direct_put(struct buf *out, const struct dns_direct *q, uint16_t id)
{
	struct arena a = { 0 };
	struct str name, text = q->name;
	bool ok = dns_name_check(&text) && dname_from_text(text, &a, &name);

	if (ok) {
		be16_put(out, id);
		be16_put(out, q->recurse ? FLAG_RD : 0);
		be16_put(out, 1); /* questions */
		be16_put(out, 0);
		be16_put(out, 0);
		be16_put(out, 1); /* additional: OPT (RFC 6891 6.1.2) */
		buf_put(out, name);
		be16_put(out, q->type);
		be16_put(out, CLASS_IN);
		buf_byte(out, '\0');
		be16_put(out, RR_OPT);
		be16_put(out, UDP_SIZE);
		be16_put(out, 0);
		be16_put(out, 0);
		be16_put(out, 0);
	}
	arena_deinit(&a);
	return ok;
}

/* --- data as text ------------------------------------------------------------------------- */

/* The strings of a TXT record, joined (RFC 7208 3.3). */
static bool direct_joined(struct cur c, struct buf *out)
{
	uint64_t n;
	struct str s;

	while (!cur_done(&c)) {
		if (!cur_be(&c, 1, &n) || !cur_take(&c, n, &s))
			return false;
		buf_put(out, s);
	}
	return true;
}

/* flags, tag after its length, value RFC 8659 4.1 */
static bool caa_put(struct cur c, struct buf *out)
{
	uint64_t flags, n;
	struct str tag, value;

	if (!cur_be(&c, 1, &flags) || !cur_be(&c, 1, &n) || !cur_take(&c, n, &tag))
		return false;
	value = cur_rest(&c);
	buf_fmt(out, "%u %.*s \"%.*s\"", (unsigned)flags, STR_ARG(tag), STR_ARG(value));
	return true;
}

/* Host names without their final dot, in lower case from network/dnssec/message.h. */
static struct str data_text(const struct rr *rr, struct arena *a)
{
	struct buf b;
	struct str text;
	struct addr ip = { .family = rr->type == RR_A ? ADDR_V4 : ADDR_V6 };
	bool ok = false;

	buf_init(&b, TEXT_MAX);
	if (rr->type == RR_TXT) {
		ok = direct_joined(cur_of(rr->data), &b);
	} else if (rr->type == RR_CAA) {
		ok = caa_put(cur_of(rr->data), &b);
	} else if ((rr->type == RR_A && rr->data.n == 4) ||
	           (rr->type == RR_AAAA && rr->data.n == 16)) {
		char words[ADDR_TEXT_MAX];

		memcpy(ip.ip, rr->data.p, rr->data.n);
		buf_put(&b, addr_ip_text(&ip, words));
		ok = true;
	}
	if (!ok) {
		buf_reset(&b);
		rr_data_put(&b, rr->type, rr->data, a);
	}
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* --- evaluating an answer ----------------------------------------------------------------- */

static const struct rr *record_of(const struct dns_message *m, enum rr_section section,
                                  struct str owner, uint16_t type)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->records[i].section == section && m->records[i].type == type &&
		    (owner.n == 0 || str_eq(m->records[i].owner, owner)))
			return &m->records[i];
	return NULL;
}

/* The target of the aliases in this answer. */
static struct str followed(const struct dns_message *m, struct str name, uint16_t type)
{
	const struct rr *alias;

	for (int i = 0; type != RR_CNAME && i < ALIASES_MAX; i++) {
		alias = record_of(m, RR_ANSWER, name, RR_CNAME);
		if (alias == NULL)
			break;
		name = alias->data;
	}
	return name;
}

/* RFC 2308 5: the SOA record's TTL or its last field, whichever is less. */
static uint32_t denial_ttl(const struct dns_message *m)
{
	const struct rr *soa = record_of(m, RR_AUTHORITY, STR_EMPTY, RR_SOA);
	struct cur c;
	uint64_t least;

	if (soa == NULL || soa->data.n < 4)
		return 0;
	c = cur_of(str_sub(soa->data, soa->data.n - 4, soa->data.n));
	return cur_be(&c, 4, &least) ? (uint32_t)MIN((uint64_t)soa->ttl, least) : 0;
}

static void direct_refused(struct dns_direct *q, const char *why)
{
	q->status = DNS_RETRY;
	q->why = why;
}

static void found_take(struct dns_direct *q, const struct dns_message *m, struct str name,
                       struct arena *a)
{
	q->data = arena_array(a, struct str, m->count);
	q->ttl_s = UINT32_MAX;
	for (size_t i = 0; i < m->count; i++) {
		const struct rr *rr = &m->records[i];

		if (rr->section != RR_ANSWER || rr->type != q->type || !str_eq(rr->owner, name))
			continue;
		q->data[q->count++] = data_text(rr, a);
		q->ttl_s = MIN(q->ttl_s, rr->ttl);
	}
	q->status = q->count != 0 ? DNS_OK : DNS_NODATA;
	if (q->count == 0)
		q->ttl_s = denial_ttl(m);
}

static void direct_evaluate(struct dns_direct *q, const struct dns_message *m, struct str name,
                  struct arena *a)
{
	struct str end = followed(m, name, q->type);

	q->alias = !str_eq(end, name);
	q->referral = !q->recurse && !q->authoritative && m->rcode == RCODE_NOERROR &&
	              record_of(m, RR_AUTHORITY, STR_EMPTY, RR_NS) != NULL;
	if (q->referral) {
		direct_refused(q, "says that others have the zone");
	} else if (m->rcode == RCODE_NXDOMAIN) {
		/* RFC 2308 2.1: the target of an alias does not exist */
		q->status = DNS_NXDOMAIN;
		q->ttl_s = denial_ttl(m);
	} else if (m->rcode == RCODE_REFUSED || m->rcode == RCODE_NOTAUTH) {
		direct_refused(q, "refuses to answer for this zone");
	} else if (m->rcode == RCODE_SERVFAIL) {
		direct_refused(q, "says that it failed (SERVFAIL)");
	} else if (m->rcode != RCODE_NOERROR) {
		direct_refused(q, "answers with an error");
	} else {
		found_take(q, m, end, a);
		/* An alias into another zone: this server is not authoritative for its target. */
		if (q->count == 0 && !q->recurse && !str_eq(end, name))
			direct_refused(q, "has an alias that leads to another zone");
	}
}

bool dns_direct_take(struct str bytes, uint16_t id, struct dns_direct *q, struct arena *a,
                     bool *truncated)
{
	struct cur c = cur_of(bytes);
	uint64_t number, flags, count, type, class;
	struct str name, asked;
	struct dns_message m;

	*truncated = false;
	if (!dname_from_text(q->name, a, &asked) || !cur_be(&c, 2, &number) || number != id ||
	    !cur_be(&c, 2, &flags) || !(flags & FLAG_QR) || !cur_be(&c, 2, &count) || count != 1 ||
	    !cur_be(&c, 6, &count) || !dname_take(&c, bytes, a, &name) || !cur_be(&c, 2, &type) ||
	    !cur_be(&c, 2, &class) || !str_eq(name, asked) || type != q->type || class != CLASS_IN)
		return false;
	*truncated = (flags & FLAG_TC) != 0;
	q->authoritative = (flags & FLAG_AA) != 0;
	if (!*truncated && !dns_message_parse(bytes, RECORDS_MAX, a, &m))
		direct_refused(q, "answers with something malformed");
	else if (!*truncated)
		direct_evaluate(q, &m, name, a);
	return true;
}
