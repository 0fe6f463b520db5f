/* protocols/smtp_out/dane.c: see dane.h. */
#include "protocols/smtp_out/dane.h"

#include "formats/mailauth/dane.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/crypto/tlsa.h"
#include "network/dns/dns.h"

enum { DANE_DNS_MS = 20000, POLICY_MAX = 16384 };

static void name_add(struct str name, struct arena *a, struct tlsa_set *set)
{
	for (size_t i = 0; i < set->name_count; i++)
		if (str_eqi(set->names[i], name))
			return;
	if (name.n != 0)
		set->names[set->name_count++] = str_dup(a, name);
}

/* RFC 7672 3.2.2: the TLSA base domain, the next-hop domain, and its alias target. */
static void names_add(const struct out_dane_host *h, struct str base, struct arena *a,
                      struct tlsa_set *set)
{
	name_add(base, a, set);
	name_add(h->domain, a, set);
	name_add(h->alias, a, set);
}

/* RFC 8460 4.5: the records in the form of reports, one each line, the hexadecimal digits
 * in one piece. Only whole records, as far as there is room. */
static struct str policy_text(const struct dns_text_list *found, struct arena *a)
{
	struct str text;
	struct buf b;

	buf_init(&b, POLICY_MAX);
	for (size_t i = 0; i < found->count; i++)
		if (b.n + found->items[i].n + 1 <= POLICY_MAX)
			buf_fmt(&b, "%.*s\n", STR_ARG(found->items[i]));
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* RFC 7672 2.2: evaluate signed records. */
static void dane_records_take(const struct out_dane_host *h, struct str base,
                              const struct dns_text_list *found, struct arena *a,
                              struct out_tls_hop *out)
{
	struct tlsa *items = arena_array(a, struct tlsa, found->count);
	struct tlsa_set *set = arena_new(a, struct tlsa_set);
	size_t n = 0;

	for (size_t i = 0; i < found->count; i++)
		n += dane_record_parse(found->items[i], a, &items[n]);
	set->items = items;
	set->count = dane_choose(items, n);
	names_add(h, base, a, set);
	out->dane = set->count != 0 ? OUT_DANE_USABLE : OUT_DANE_UNUSABLE;
	out->records = set->count != 0 ? set : NULL;
	out->tlsa_policy = policy_text(found, a);
}

/* RFC 7672 2.2.3. True: base is the TLSA base domain, or nothing may be sent there
 * now. */
static bool base_try(struct dns *dns, const struct out_dane_host *h, struct str base,
                     struct arena *a, struct out_tls_hop *out)
{
	struct str name = str_fmt(a, "_%u._tcp.%.*s", h->port, STR_ARG(base));
	struct dns_text_list found;
	enum dns_status s = dns_records(dns, a, name, DNS_TLSA, clock_mono_ms() + DANE_DNS_MS,
	                                &found);

	if (s == DNS_RETRY) { /* RFC 7672 2.1.2: forged, or no answer */
		out->dane = OUT_DANE_UNKNOWN;
		out->dane_trouble = dns_trouble_text(&found.trouble, a);
		return true;
	}
	if (s != DNS_OK || !found.authenticated)
		return false;
	dane_records_take(h, base, &found, a, out);
	return true;
}

void out_dane_find(struct dns *dns, const struct out_dane_host *h, struct arena *a,
                   struct out_tls_hop *out)
{
	const struct dns_addr_list *addresses = h->addresses;

	out->dane = OUT_DANE_NONE;
	out->records = NULL;
	/* RFC 7672 2.2.2: skip hosts in unsigned zones; their name servers may not even
	 * answer this query. */
	if (!addresses->authenticated && !addresses->alias_signed)
		return;
	if (addresses->authenticated && addresses->canonical.n != 0 &&
	    base_try(dns, h, addresses->canonical, a, out))
		return;
	(void)base_try(dns, h, h->host, a, out);
}
