/* network/dns/answer.c: see answer.h. */
#include "network/dns/answer.h"

#include <stdio.h>

enum { CNAMES_MAX = 16 };

/* --- selecting records ----------------------------------------------------------- */

static const ares_dns_rr_t *record_at(const ares_dns_record_t *answer, size_t i)
{
	return ares_dns_record_rr_get_const(answer, ARES_SECTION_ANSWER, i);
}

static bool name_is(const char *z, struct str name)
{
	return dns_name_same(str_of(z), name);
}

/* The name at the end of the aliases that begin at name. */
static struct str follow_aliases(const ares_dns_record_t *answer, struct str name)
{
	size_t n = ares_dns_record_rr_cnt(answer, ARES_SECTION_ANSWER);

	for (int hops = 0; hops < CNAMES_MAX; hops++) {
		size_t i = 0;

		for (; i < n; i++) {
			const ares_dns_rr_t *rr = record_at(answer, i);

			if (ares_dns_rr_get_type(rr) == ARES_REC_TYPE_CNAME &&
			    name_is(ares_dns_rr_get_name(rr), name)) {
				name = str_of(ares_dns_rr_get_str(rr, ARES_RR_CNAME_CNAME));
				if (str_ends(name, STR(".")))
					name.n--;
				break;
			}
		}
		if (i == n)
			break;
	}
	return name;
}

enum dns_status dns_records_find(const ares_dns_record_t *answer, struct str name,
                                 ares_dns_rec_type_t type, struct arena *a,
                                 struct dns_records *out)
{
	size_t n = ares_dns_record_rr_cnt(answer, ARES_SECTION_ANSWER);

	if (type != ARES_REC_TYPE_CNAME)
		name = follow_aliases(answer, name);
	*out = (struct dns_records){ arena_array(a, const ares_dns_rr_t *, n), 0, name };
	for (size_t i = 0; i < n; i++) {
		const ares_dns_rr_t *rr = record_at(answer, i);

		if (ares_dns_rr_get_type(rr) == type &&
		    ares_dns_rr_get_class(rr) == ARES_CLASS_IN &&
		    name_is(ares_dns_rr_get_name(rr), name))
			out->items[out->count++] = rr;
	}
	return out->count != 0 ? DNS_OK : DNS_NODATA;
}

/* --- the TTL --------------------------------------------------------------------- */

/* RFC 2181 8: the highest bit set means 0. */
static uint32_t ttl_of(const ares_dns_rr_t *rr)
{
	unsigned ttl_s = ares_dns_rr_get_ttl(rr);

	return ttl_s > INT32_MAX ? 0 : ttl_s;
}

static uint32_t negative_ttl(const ares_dns_record_t *answer)
{
	size_t n = ares_dns_record_rr_cnt(answer, ARES_SECTION_AUTHORITY);

	for (size_t i = 0; i < n; i++) {
		const ares_dns_rr_t *rr =
			ares_dns_record_rr_get_const(answer, ARES_SECTION_AUTHORITY, i);

		if (ares_dns_rr_get_type(rr) == ARES_REC_TYPE_SOA)
			return MIN(ttl_of(rr), ares_dns_rr_get_u32(rr, ARES_RR_SOA_MINIMUM));
	}
	return 0;
}

uint32_t dns_answer_ttl(const ares_dns_record_t *answer, bool *positive)
{
	size_t n = ares_dns_record_rr_cnt(answer, ARES_SECTION_ANSWER);
	ares_dns_rec_type_t type = ARES_REC_TYPE_ANY;
	uint32_t ttl_s = INT32_MAX;

	(void)!ares_dns_record_query_get(answer, 0, NULL, &type, NULL);
	*positive = false;
	for (size_t i = 0; i < n; i++) {
		const ares_dns_rr_t *rr = record_at(answer, i);

		*positive = *positive || ares_dns_rr_get_type(rr) == type;
		ttl_s = MIN(ttl_s, ttl_of(rr));
	}
	return *positive ? ttl_s : MIN(ttl_s, negative_ttl(answer));
}

/* --- as text -------------------------------------------------------------------- */

static struct str host_text(struct arena *a, const char *z)
{
	struct str host;

	return dns_host_take(a, z, &host) ? host : STR_EMPTY;
}

static struct str tlsa_text(struct arena *a, const ares_dns_rr_t *rr)
{
	size_t n;
	const unsigned char *data = ares_dns_rr_get_bin(rr, ARES_RR_TLSA_DATA, &n);
	char *hex = arena_alloc(a, 2 * n + 1);

	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", data[i]);
	return str_fmt(a, "%u %u %u %s", ares_dns_rr_get_u8(rr, ARES_RR_TLSA_CERT_USAGE),
	               ares_dns_rr_get_u8(rr, ARES_RR_TLSA_SELECTOR),
	               ares_dns_rr_get_u8(rr, ARES_RR_TLSA_MATCH), hex);
}

static struct str caa_text(struct arena *a, const ares_dns_rr_t *rr)
{
	size_t n;
	const unsigned char *value = ares_dns_rr_get_bin(rr, ARES_RR_CAA_VALUE, &n);

	return str_fmt(a, "%u %s \"%.*s\"", ares_dns_rr_get_u8(rr, ARES_RR_CAA_CRITICAL),
	               ares_dns_rr_get_str(rr, ARES_RR_CAA_TAG),
	               STR_ARG(str_from((const char *)value, n)));
}

static struct str srv_text(struct arena *a, const ares_dns_rr_t *rr)
{
	struct str host = host_text(a, ares_dns_rr_get_str(rr, ARES_RR_SRV_TARGET));

	return str_fmt(a, "%u %u %u %.*s", ares_dns_rr_get_u16(rr, ARES_RR_SRV_PRIORITY),
	               ares_dns_rr_get_u16(rr, ARES_RR_SRV_WEIGHT),
	               ares_dns_rr_get_u16(rr, ARES_RR_SRV_PORT), STR_ARG(host));
}

static struct str cname_text(struct arena *a, const ares_dns_rr_t *rr)
{
	return host_text(a, ares_dns_rr_get_str(rr, ARES_RR_CNAME_CNAME));
}

static struct str ns_text(struct arena *a, const ares_dns_rr_t *rr)
{
	return host_text(a, ares_dns_rr_get_str(rr, ARES_RR_NS_NSDNAME));
}

static const struct {
	ares_dns_rec_type_t type;
	struct str (*text)(struct arena *a, const ares_dns_rr_t *rr);
} others[DNS_TYPES] = {
	[DNS_CNAME] = { ARES_REC_TYPE_CNAME, cname_text },
	[DNS_NS] = { ARES_REC_TYPE_NS, ns_text },
	[DNS_SRV] = { ARES_REC_TYPE_SRV, srv_text },
	[DNS_TLSA] = { ARES_REC_TYPE_TLSA, tlsa_text },
	[DNS_CAA] = { ARES_REC_TYPE_CAA, caa_text },
};

ares_dns_rec_type_t dns_text_type(enum dns_type type)
{
	return others[type].type;
}

struct str dns_text(struct arena *a, enum dns_type type, const ares_dns_rr_t *rr)
{
	return others[type].text(a, rr);
}
