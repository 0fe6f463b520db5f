/* network/dns/known.c: see known.h. */
#include "network/dns/known.h"
#include "network/dns/private.h"

static bool has(struct dns *d, struct str name, uint16_t type)
{
	struct dns_known *k = container_of(d, struct dns_known, dns);

	k->missed = k->missed || !k->behind->ops->known(k->behind, name, type);
	return !k->missed;
}

static struct dns *behind(struct dns *d)
{
	return container_of(d, struct dns_known, dns)->behind;
}

static enum dns_status known_mx(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_mx_list *out)
{
	return has(d, name, DNS_TYPE_MX) ? behind(d)->ops->mx(behind(d), a, name, deadline_ms, out)
	                                 : DNS_RETRY;
}

static enum dns_status known_addresses(struct dns *d, struct arena *a, struct str name,
                                       unsigned families, int64_t deadline_ms,
                                       struct dns_addr_list *out)
{
	if ((families & DNS_V4 && !has(d, name, DNS_TYPE_A)) ||
	    (families & DNS_V6 && !has(d, name, DNS_TYPE_AAAA)))
		return DNS_RETRY;
	return behind(d)->ops->addresses(behind(d), a, name, families, deadline_ms, out);
}

static enum dns_status known_txt(struct dns *d, struct arena *a, struct str name,
                                 int64_t deadline_ms, struct dns_text_list *out)
{
	return has(d, name, DNS_TYPE_TXT)
	               ? behind(d)->ops->txt(behind(d), a, name, deadline_ms, out)
	               : DNS_RETRY;
}

static enum dns_status known_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                 int64_t deadline_ms, struct dns_text_list *out)
{
	return has(d, dns_reverse_name(a, ip), DNS_TYPE_PTR)
	               ? behind(d)->ops->ptr(behind(d), a, ip, deadline_ms, out)
	               : DNS_RETRY;
}

void dns_known_init(struct dns_known *k, struct dns *behind)
{
	static const struct dns_ops ops = { .mx = known_mx,
		                            .addresses = known_addresses,
		                            .txt = known_txt,
		                            .ptr = known_ptr,
		                            .known = has };

	*k = (struct dns_known){ .dns = { &ops }, .behind = behind };
}
