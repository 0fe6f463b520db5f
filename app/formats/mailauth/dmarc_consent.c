/* formats/mailauth/dmarc_consent.c: does a host consent to reports about a domain; see dmarc.h. */
#include "formats/mailauth/dmarc.h"
#include "formats/mailauth/psl.h"
#include "foundation/base/arena.h"
#include "network/dns/dns.h"

static struct str organization(struct str domain)
{
	struct str found = psl_organization(domain);

	return found.n != 0 ? found : domain;
}

/* RFC 7489 7.1 step 8: no other hosts, which prevents loops. */
static bool names_only(const struct dmarc_uris *uris, struct str host, struct arena *a)
{
	struct mailaddr to;

	for (size_t i = 0; i < uris->count; i++)
		if (!dmarc_uri_mailto(&uris->items[i], a, &to) || !str_eqi(to.domain, host))
			return false;
	return true;
}

/* Steps 5 to 8 for one record. p= has no meaning here. */
static bool gives(struct str text, struct str host, struct arena *a, struct dmarc_record *said)
{
	struct why why;

	if (!dmarc_record_is(text))
		return false;
	(void)!dmarc_record_parse(text, DMARC_TREE, said, &why);
	return names_only(&said->rua, host, a) && names_only(&said->ruf, host, a);
}

enum dmarc_consent dmarc_consent(const struct dmarc_query *q, struct str host, struct arena *a,
                                 struct dmarc_record *said)
{
	struct str name = str_fmt(a, "%.*s._report._dmarc.%.*s", STR_ARG(q->author), STR_ARG(host));
	struct dns_text_list list;
	enum dns_status s;

	*said = (struct dmarc_record){ 0 };
	if (str_eqi(organization(host), organization(q->author)))
		return DMARC_CONSENT_OWN;
	s = dns_txt(q->dns, a, name, q->deadline_ms, &list);
	if (s == DNS_RETRY)
		return DMARC_CONSENT_UNANSWERED;
	for (size_t i = 0; s == DNS_OK && i < list.count; i++)
		if (gives(list.items[i], host, a, said))
			return DMARC_CONSENT_GIVEN;
	return DMARC_CONSENT_REFUSED;
}
