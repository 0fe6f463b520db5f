/* network/dns/cached.c: see cached.h. */
#include "network/dns/cached.h"
#include "network/dns/private.h"

static bool cached_has(struct dns *d, struct str name, uint16_t type)
{
	struct dns_cached *k = container_of(d, struct dns_cached, dns);

	k->missed = k->missed || !k->upstream->ops->cached(k->upstream, name, type);
	return !k->missed;
}

static struct dns *upstream(struct dns *d)
{
	return container_of(d, struct dns_cached, dns)->upstream;
}

static enum dns_status cached_mx(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_mx_list *out)
{
	return cached_has(d, name, DNS_TYPE_MX)
	               ? upstream(d)->ops->mx(upstream(d), a, name, deadline_ms, out)
	               : DNS_RETRY;
}

static enum dns_status cached_addresses(struct dns *d, struct arena *a, struct str name,
                                       unsigned families, int64_t deadline_ms,
                                       struct dns_addr_list *out)
{
	if ((families & DNS_V4 && !cached_has(d, name, DNS_TYPE_A)) ||
	    (families & DNS_V6 && !cached_has(d, name, DNS_TYPE_AAAA)))
		return DNS_RETRY;
	return upstream(d)->ops->addresses(upstream(d), a, name, families, deadline_ms, out);
}

static enum dns_status cached_txt(struct dns *d, struct arena *a, struct str name,
                                 int64_t deadline_ms, struct dns_text_list *out)
{
	return cached_has(d, name, DNS_TYPE_TXT)
	               ? upstream(d)->ops->txt(upstream(d), a, name, deadline_ms, out)
	               : DNS_RETRY;
}

static enum dns_status cached_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                 int64_t deadline_ms, struct dns_text_list *out)
{
	return cached_has(d, dns_reverse_name(a, ip), DNS_TYPE_PTR)
	               ? upstream(d)->ops->ptr(upstream(d), a, ip, deadline_ms, out)
	               : DNS_RETRY;
}

void dns_cached_init(struct dns_cached *k, struct dns *upstream)
{
	static const struct dns_ops ops = { .mx = cached_mx,
		                            .addresses = cached_addresses,
		                            .txt = cached_txt,
		                            .ptr = cached_ptr,
		                            .cached = cached_has };

	*k = (struct dns_cached){ .dns = { &ops }, .upstream = upstream };
}
