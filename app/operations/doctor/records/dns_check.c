/* operations/doctor/records/dns_check.c: see dns_check.h. */
#include "operations/doctor/records/dns_check.h"

#include "network/dns/dns.h"
#include "network/runtime/addr.h"

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

/* --- all of it -------------------------------------------------------------------------------- */

void dns_check(struct dns_judging *j, const struct dns_records *records, struct dns_seen *seen)
{
	struct asking q = { .dns = j->dns, .a = j->a, .deadline_ms = j->deadline_ms };

	for (size_t i = 0; i < records->count; i++) {
		enum dns_status status;

		seen[i] = (struct dns_seen){ .advice = STR_EMPTY };
		status = ask(&q, &records->items[i], &seen[i]);
		j->authenticated = q.authenticated;
		dns_judge(&records->items[i], status, j, &seen[i]);
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
