/* operations/doctor/records/dns_records.c: see dns_records.h. */
#include "operations/doctor/records/dns_records.h"

#include "operations/doctor/own/own_tlsa.h"

enum { KEYS_MAX = 12, TLSA_MAX = 6 };

static void add(struct dns_records *out, struct str name, const char *type, struct str expected,
                const char *purpose, bool optional)
{
	assert(out->count < DNS_RECORDS);
	out->items[out->count++] =
		(struct dns_record){ name, type, purpose, expected, optional, DNS_STANDING_USUAL };
}

static struct str below(struct arena *a, const char *label, struct str name)
{
	return str_fmt(a, "%s.%.*s", label, STR_ARG(name));
}

static void hosts(struct dns_records *out, const struct dns_facts *f)
{
	for (size_t i = 0; i < f->address_count && i < 4; i++) {
		bool v6 = str_find_byte(f->addresses[i], ':') >= 0;

		add(out, f->hostname, v6 ? "AAAA" : "A", f->addresses[i], "Where this server is",
		    v6);
	}
}

static enum dns_standing key_standing(const struct dns_facts *f, const struct dkim_key *k)
{
	if (k->state != DKIM_KEY_PUBLISH)
		return DNS_STANDING_USUAL;
	for (size_t i = 0; i < f->next_count; i++)
		if (str_eq(f->next[i], k->selector))
			return DNS_STANDING_NEXT;
	return DNS_STANDING_WAITING;
}

static const char *key_purpose(enum dkim_key_state state, enum dns_standing standing)
{
	static const char *const purposes[] = {
		"DKIM: a key that does not sign yet: activate it when DNS shows it (RFC 6376)",
		"DKIM: the key that signs the domain's mail (RFC 6376)",
		"DKIM: an old key, for mail still in transit; remove it after a week (RFC 6376)",
	};

	return standing == DNS_STANDING_NEXT
	               ? "DKIM: the next key, which signs by itself once DNS shows it (RFC 6376)"
	               : purposes[state];
}

/* RFC 6376 3.6.2.1: where a key is. Mail suffers only without those that sign. Those that do not
 * any more may go when no mail that they signed is under way. */
static void signing(struct dns_records *out, const struct dns_facts *f, struct arena *a)
{
	for (size_t i = 0; i < f->keys.count && i < KEYS_MAX; i++) {
		const struct dkim_key *k = &f->keys.items[i];
		enum dns_standing standing = key_standing(f, k);

		add(out,
		    str_fmt(a, "%.*s._domainkey.%.*s", STR_ARG(k->selector), STR_ARG(f->domain)),
		    "TXT", dkim_record(k->algorithm, k->public, a), key_purpose(k->state, standing),
		    k->state != DKIM_KEY_ACTIVE);
		out->items[out->count - 1].standing = standing;
	}
}

static enum dns_standing mx_standing(const struct dns_facts *f)
{
	static const enum dns_standing standings[] = {
		[MTA_STS_TESTING] = DNS_STANDING_TESTED,
		[MTA_STS_NONE] = DNS_STANDING_USUAL,
		[MTA_STS_ENFORCE] = DNS_STANDING_ENFORCED,
	};

	return f->mta_sts.n != 0 ? standings[f->mta_sts_mode] : DNS_STANDING_USUAL;
}

static void mail(struct dns_records *out, const struct dns_facts *f, struct arena *a)
{
	add(out, f->domain, "MX", str_fmt(a, "10 %.*s", STR_ARG(f->hostname)),
	    "MX: the server that receives the domain's mail (RFC 5321 5.1)", false);
	out->items[out->count - 1].standing = mx_standing(f);
	add(out, f->domain, "TXT", dns_spf_merge(f->spf, f->smarthost, a),
	    "SPF: which servers may send in the domain's name; one record for all of them "
	    "(RFC 7208)",
	    false);
	add(out, below(a, "_dmarc", f->domain), "TXT",
	    str_fmt(a, "v=DMARC1; p=none; rua=mailto:postmaster@%.*s", STR_ARG(f->domain)),
	    "DMARC: the policy for mail that fails authentication, and where reports go (RFC 7489)",
	    false);
}

/* How others see that the way here is encrypted, and tell when it is not. */
static void transport(struct dns_records *out, const struct dns_facts *f, struct arena *a)
{
	if (f->mta_sts.n != 0) {
		bool ended = f->mta_sts_mode == MTA_STS_NONE;

		add(out, below(a, "_mta-sts", f->domain), "TXT",
		    str_fmt(a, "v=STSv1; id=%.*s", STR_ARG(f->mta_sts)),
		    ended ? "MTA-STS: ends the policy that senders have cached (RFC 8461 8.3)"
		          : "MTA-STS: requires TLS for mail to the domain (RFC 8461)",
		    true);
		if (ended)
			out->items[out->count - 1].standing = DNS_STANDING_ENDED;
		add(out, below(a, "mta-sts", f->domain), "CNAME", f->hostname,
		    "MTA-STS: the server of the policy file", true);
	}
	add(out, below(a, "_smtp._tls", f->domain), "TXT",
	    str_fmt(a, "v=TLSRPTv1; rua=mailto:postmaster@%.*s", STR_ARG(f->domain)),
	    "TLS-RPT: where reports of failed TLS connections go (RFC 8460)", true);
	/* A record for each key (RFC 7671 8.1). */
	for (size_t i = 0; i < f->tlsa_count && i < TLSA_MAX; i++)
		add(out, below(a, "_25._tcp", f->hostname), "TLSA",
		    str_fmt(a, "3 1 1 %.*s", STR_ARG(f->tlsa[i])), own_tlsa_purpose(f->tlsa_files),
		    true);
	if (f->caa.n != 0)
		add(out, f->domain, "CAA", str_fmt(a, "0 issue \"%.*s\"", STR_ARG(f->caa)),
		    "CAA: which authority may issue certificates for the domain (RFC 8659)", true);
}

/* How mail programs find their servers (RFC 6186, RFC 8314 5.1). */
static void clients(struct dns_records *out, const struct dns_facts *f, struct arena *a)
{
	const struct {
		const char *label, *purpose;
		unsigned port, priority;
	} services[] = {
		{ "_imaps._tcp", "Where mail clients read mail (RFC 6186)", f->imaps, 0 },
		/* RFC 6186 3.4: a higher number, so that clients prefer IMAP. */
		{ "_pop3s._tcp", "Where mail clients fetch mail by POP3 (RFC 6186)", f->pop3s,
		  10 },
		{ "_submissions._tcp", "Where mail clients send mail (RFC 8314)", f->submissions,
		  0 },
		{ "_submission._tcp", "The same with STARTTLS (RFC 6186)", f->submission, 0 },
		{ "_sieve._tcp", "Where mail clients edit Sieve scripts (RFC 5804)", f->sieve,
		  0 },
		{ "_autodiscover._tcp", "Autodiscover of Outlook", f->https, 0 },
	};

	for (size_t i = 0; i < COUNT(services); i++)
		if (services[i].port != 0)
			add(out, below(a, services[i].label, f->domain), "SRV",
			    str_fmt(a, "%u 1 %u %.*s", services[i].priority,
			            services[i].port, STR_ARG(f->hostname)),
			    services[i].purpose, true);
	if (f->https == 0)
		return;
	add(out, below(a, "autoconfig", f->domain), "CNAME", f->hostname,
	    "Autoconfiguration of Thunderbird", true);
	add(out, below(a, "autodiscover", f->domain), "CNAME", f->hostname,
	    "Autodiscover of Outlook", true);
}

void dns_records_make(struct dns_records *out, const struct dns_facts *facts, struct arena *a)
{
	*out = (struct dns_records){ 0 };
	hosts(out, facts);
	mail(out, facts, a);
	signing(out, facts, a);
	transport(out, facts, a);
	clients(out, facts, a);
}
