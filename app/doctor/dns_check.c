/* doctor/dns_check.c: see dns_check.h. */
#include "doctor/dns_check.h"

#include "base/cur.h"
#include "net/addr.h"
#include "net/dns.h"

#include <string.h>

const char *dns_state_name(enum dns_state s)
{
	static const char *const names[] = { "ok", "warn", "fail", "unknown" };

	return names[s];
}

/* --- asking -------------------------------------------------------------------------- */

struct asking {
	struct dns *dns;
	struct arena *a;
	int64_t deadline_ms;
	bool authenticated; /* the last answer was signed by DNSSEC */
};

static enum dns_status ask_addresses(struct asking *q, struct str name, unsigned family,
                                     struct dns_seen *out)
{
	struct dns_addr_list list;
	enum dns_status s = dns_addresses(q->dns, q->a, name, family, q->deadline_ms, &list);

	out->seen = arena_array(q->a, struct str, list.count);
	out->seen_count = list.count;
	for (size_t i = 0; i < list.count; i++) {
		char text[ADDR_TEXT_MAX];

		out->seen[i] = str_dup(q->a, addr_ip_text(&list.items[i], text));
	}
	return s;
}

static enum dns_status ask_mx(struct asking *q, struct str name, struct dns_seen *out)
{
	struct dns_mx_list list;
	enum dns_status s = dns_mx(q->dns, q->a, name, q->deadline_ms, &list);

	out->seen = arena_array(q->a, struct str, list.count);
	out->seen_count = list.count;
	for (size_t i = 0; i < list.count; i++)
		out->seen[i] = str_fmt(q->a, "%u %.*s", list.items[i].preference,
		                       STR_ARG(list.items[i].host));
	return s;
}

static enum dns_status ask_text(struct asking *q, const struct dns_record *r, struct dns_seen *out)
{
	static const struct {
		const char *name;
		enum dns_type type;
	} types[] = {
		{ "CNAME", DNS_CNAME }, { "SRV", DNS_SRV }, { "TLSA", DNS_TLSA }, { "CAA", DNS_CAA }
	};
	struct dns_text_list list = { 0 };
	enum dns_status s = DNS_BADNAME;

	if (strcmp(r->type, "TXT") == 0)
		s = dns_txt(q->dns, q->a, r->name, q->deadline_ms, &list);
	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(r->type, types[i].name) == 0)
			s = dns_records(q->dns, q->a, r->name, types[i].type, q->deadline_ms,
			                &list);
	out->seen = list.items;
	out->seen_count = list.count;
	q->authenticated = list.authenticated;
	return s;
}

static enum dns_status ask(struct asking *q, const struct dns_record *r, struct dns_seen *out)
{
	if (strcmp(r->type, "A") == 0)
		return ask_addresses(q, r->name, DNS_V4, out);
	if (strcmp(r->type, "AAAA") == 0)
		return ask_addresses(q, r->name, DNS_V6, out);
	if (strcmp(r->type, "MX") == 0)
		return ask_mx(q, r->name, out);
	return ask_text(q, r, out);
}

/* --- judging ------------------------------------------------------------------------- */

static bool is_dkim(const struct dns_record *r)
{
	return strcmp(r->type, "TXT") == 0 && str_find(r->name, STR("._domainkey.")) >= 0;
}

/* Letters of a DKIM key have a case, and its record may be spaced in many ways. */
static bool among(const struct dns_seen *s, const struct dns_record *r)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (is_dkim(r) ? dkim_record_same(s->seen[i], r->expected)
		               : str_eqi(s->seen[i], r->expected))
			return true;
	return false;
}

static bool is_type(const struct dns_record *r, const char *type)
{
	return strcmp(r->type, type) == 0;
}

/* Of a server behind a router only that is known of its address. */
static bool all_public(const struct dns_seen *s)
{
	struct addr ip;

	for (size_t i = 0; i < s->seen_count; i++)
		if (!addr_parse_ip(s->seen[i], &ip) || addr_is_private(&ip))
			return false;
	return s->seen_count != 0;
}

/* "0 issue \"ca.example; accounturi=...\"" to "0 issue \"ca.example" (RFC 8659 4.2). */
static struct str issuer_of(struct str caa)
{
	ptrdiff_t end = str_find_byte(caa, ';');

	if (end < 0)
		end = str_rfind_byte(caa, '"');
	return str_trim(str_sub(caa, 0, end < 0 ? caa.n : (size_t)end));
}

/* May the authority issue to our account? A record may leave the account open, and one that names
 * another does not help (RFC 8657 3). */
static bool lets_issue(const struct dns_record *r, const struct dns_seen *s)
{
	const struct str parameter = STR("accounturi=");

	for (size_t i = 0; i < s->seen_count; i++)
		if (str_eqi(issuer_of(s->seen[i]), issuer_of(r->expected)) &&
		    (str_find(s->seen[i], parameter) < 0 || str_find(r->expected, parameter) < 0 ||
		     str_eq(s->seen[i], r->expected)))
			return true;
	return false;
}

/* The version a TXT record begins with says what it is for: "v=DMARC1". */
static struct str tag_of(struct str text)
{
	size_t n = 0;

	while (n < text.n && text.p[n] != ' ' && text.p[n] != ';')
		n++;
	return str_sub(text, 0, n);
}

/* Only those of the same kind; a domain's TXT records serve many. */
static void keep_kind(struct dns_seen *s, struct str expected)
{
	struct str tag = tag_of(expected);
	size_t kept = 0;

	for (size_t i = 0; i < s->seen_count; i++)
		if (str_eqi(tag_of(s->seen[i]), tag))
			s->seen[kept++] = s->seen[i];
	s->seen_count = kept;
}

/* A host name without its priority: "10 mx.example.org" and "20 mx.example.org" are as good. */
static struct str host_of(struct str data)
{
	ptrdiff_t blank = str_rfind_byte(data, ' ');

	return str_sub(data, (size_t)(blank + 1), data.n);
}

static struct str preference_of(struct str data)
{
	return str_sub(data, 0, data.n - host_of(data).n);
}

/* Is ours among the hosts that others try first? seen begins with those. */
static bool comes_first(const struct dns_record *r, const struct dns_seen *s)
{
	for (size_t i = 0; i < s->seen_count; i++) {
		if (!str_eq(preference_of(s->seen[i]), preference_of(s->seen[0])))
			return false;
		if (str_eqi(host_of(s->seen[i]), host_of(r->expected)))
			return true;
	}
	return false;
}

/* A host that gets the domain's mail besides ours; empty: there is none. */
static struct str other_host(const struct dns_record *r, const struct dns_seen *s)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (!str_eqi(host_of(s->seen[i]), host_of(r->expected)))
			return host_of(s->seen[i]);
	return STR_EMPTY;
}

/* Others may have chosen their own words where ours are only one good way to say it. */
static bool good_enough(const struct dns_record *r, const struct dns_seen *s)
{
	bool own_words = str_starts(r->expected, STR("v=DMARC1")) ||
	                 str_starts(r->expected, STR("v=TLSRPTv1"));

	if (is_type(r, "MX"))
		return comes_first(r, s);
	if (is_type(r, "CAA"))
		return lets_issue(r, s);
	if (r->expected.n == 0)
		return all_public(s);
	/* RFC 7208 4.5, RFC 6376 3.6.2.2: what several records of a kind mean is undefined. */
	if (among(s, r))
		return !(dns_spf_is(r->expected) || is_dkim(r)) || s->seen_count == 1;
	return own_words && s->seen_count == 1;
}

static struct str advise_host(const struct dns_record *r, const struct dns_seen *s, struct arena *a)
{
	if (is_type(r, "PTR"))
		return str_fmt(a,
		               "ask whoever gave you the address to name it %.*s (reverse DNS): "
		               "big receivers refuse mail without; or send through a smarthost",
		               STR_ARG(r->expected));
	return s->seen_count == 0
	               ? STR("add a record with your public address")
	               : STR("this is an address of a private network, which nobody outside can "
	                     "reach: give the name your public address");
}

static struct str advise(const struct dns_record *r, const struct dns_seen *s, struct arena *a)
{
	if (is_type(r, "PTR") || r->expected.n == 0)
		return advise_host(r, s, a);
	if (dns_spf_is(r->expected) && s->seen_count > 1)
		return STR("there are several SPF records, so none of them counts (RFC 7208 4.5): "
		           "keep this one and remove the others");
	if (s->seen_count == 0)
		return str_fmt(a, "add this record%s", r->optional ? ", if you like" : "");
	if (is_dkim(r))
		return STR("another key is there, or part of this one: put exactly this, all "
		           "strings of it, and nothing else at this name");
	if (strcmp(r->type, "MX") == 0)
		return STR("mail for the domain goes elsewhere first: give this server the lowest "
		           "number, and remove the old record when you have moved");
	if (strcmp(r->type, "TXT") == 0)
		return STR("replace the record by this one; it keeps what others put there");
	return STR("replace what is there by this, or keep it if you know why it differs");
}

static uint32_t number_of(struct str data)
{
	struct cur c = cur_of(data);
	uint32_t n = 0;

	return cur_u32(&c, &n) ? n : 0;
}

static void by_preference(struct dns_seen *s)
{
	for (size_t i = 1; i < s->seen_count; i++)
		for (size_t k = i; k > 0 && number_of(s->seen[k]) < number_of(s->seen[k - 1]);
		     k--) {
			struct str t = s->seen[k];

			s->seen[k] = s->seen[k - 1];
			s->seen[k - 1] = t;
		}
}

void dns_judge(const struct dns_record *r, enum dns_status status, bool authenticated,
               struct arena *a, struct dns_seen *s)
{
	if (is_type(r, "MX"))
		by_preference(s);
	if (strcmp(r->type, "TXT") == 0 && !is_dkim(r))
		keep_kind(s, r->expected);
	if (status == DNS_RETRY) {
		s->state = DNS_STATE_UNKNOWN;
		s->advice = STR("the name servers did not answer; try again in a moment");
		return;
	}
	s->state = good_enough(r, s) ? DNS_STATE_OK : r->optional ? DNS_STATE_WARN : DNS_STATE_FAIL;
	if (s->state == DNS_STATE_OK && r->alone && other_host(r, s).n != 0) {
		struct str other = other_host(r, s);

		/* RFC 8461 4.1, 5: a host that the policy does not list gets no mail. */
		s->state = DNS_STATE_WARN;
		s->advice = str_fmt(a,
		                    "the MTA-STS policy of the domain lists this server only, so "
		                    "senders that follow it bring nothing to %.*s when this one is "
		                    "away: remove that record, or set MTA-STS to testing",
		                    STR_ARG(other));
	} else if (s->state != DNS_STATE_OK)
		s->advice = advise(r, s, a);
	else if (strcmp(r->type, "TLSA") == 0 && !authenticated)
		s->advice = STR("it counts only when the zone is signed by DNSSEC, which it does "
		                "not seem to be: see docs/dnssec.md");
}

void dns_check(struct dns *d, const struct dns_records *records, int64_t deadline_ms,
               struct arena *a, struct dns_seen *seen)
{
	struct asking q = { .dns = d, .a = a, .deadline_ms = deadline_ms };

	for (size_t i = 0; i < records->count; i++) {
		enum dns_status status;

		seen[i] = (struct dns_seen){ .advice = STR_EMPTY };
		status = ask(&q, &records->items[i], &seen[i]);
		dns_judge(&records->items[i], status, q.authenticated, a, &seen[i]);
	}
}

struct str dns_spf_find(struct dns *d, struct str domain, int64_t deadline_ms, struct arena *a)
{
	struct dns_text_list list;

	if (dns_txt(d, a, domain, deadline_ms, &list) != DNS_OK)
		return STR_EMPTY;
	for (size_t i = 0; i < list.count; i++)
		if (dns_spf_is(list.items[i]))
			return list.items[i];
	return STR_EMPTY;
}
