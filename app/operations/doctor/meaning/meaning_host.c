/* operations/doctor/meaning/meaning_host.c: records that lead to a host: does the way end here? See
 * meaning.h. */
#include "operations/doctor/meaning/meaning.h"

#include "foundation/base/cur.h"
#include "network/runtime/addr.h"
#include "operations/doctor/sentence.h"

#include <string.h>

static bool is_among(const struct addr *ip, const struct addr *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (addr_eq_ip(ip, &list[i]))
			return true;
	return false;
}

/* --- names ------------------------------------------------------------------------------------ */

static struct str list_add(struct arena *a, struct str list, struct str more)
{
	return list.n == 0 ? more : str_fmt(a, "%.*s, %.*s", STR_ARG(list), STR_ARG(more));
}

bool meaning_leads_here(struct meaning *m, struct str host, struct str *other)
{
	const struct dns_home *h = m->j->home;
	struct dns_addr_list list = { .count = 0 };
	size_t ours = 0;

	*other = STR_EMPTY;
	if (str_eqi(host, h->hostname))
		return true;
	if (m->j->dns == NULL || dns_addresses(m->j->dns, m->j->a, host, DNS_V4 | DNS_V6,
	                                       m->j->deadline_ms, &list) != DNS_OK)
		return false;
	for (size_t i = 0; i < list.count; i++) {
		char text[ADDR_TEXT_MAX];

		if (is_among(&list.items[i], h->all, h->all_count))
			ours++;
		else
			*other = list_add(m->j->a, *other,
			                  str_dup(m->j->a, addr_ip_text(&list.items[i], text)));
	}
	return ours != 0 && other->n == 0;
}

static void judge_name(struct meaning *m)
{
	struct arena *a = m->j->a;
	struct str other;

	if (meaning_leads_here(m, m->r->name, &other))
		meaning_say(m, DNS_STATE_OK,
		            m->s->seen_count != 0 ? STR_EMPTY
		                                  : sentence_of(SENTENCE_alias_addresses));
	else if (other.n == 0)
		meaning_missing(m);
	else if (m->s->seen_count != 0)
		meaning_say(m, meaning_worse(m),
		            sentence(a, alias_elsewhere, { "addresses", other }));
	else
		meaning_say(m, meaning_worse(m),
		            sentence(a, alias_occupied, { "addresses", other }));
}

void meaning_alias(struct meaning *m)
{
	if (m->s->seen_count == 1 && str_eqi(m->s->seen[0], m->r->expected))
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
	else
		judge_name(m);
}

/* --- addresses -------------------------------------------------------------------------------- */

static bool is_own(const struct dns_home *h, struct str text)
{
	struct addr ip;

	return addr_parse_ip(text, &ip) &&
	       (is_among(&ip, h->own, h->own_count) || is_among(&ip, h->further, h->further_count));
}

/* By IPv6 routers change no addresses, so who has a public one of any kind knows them all; by IPv4
 * only who has one of these. */
static bool knows_its_own(const struct dns_home *h, bool v6)
{
	for (size_t i = 0; i < h->own_count; i++)
		if (v6 || h->own[i].family == ADDR_V4)
			return true;
	return false;
}

/* Those that are no addresses of this machine, in words; empty: none, or it does not know. */
static struct str strangers(const struct meaning *m, bool v6)
{
	struct str list = STR_EMPTY;

	if (!knows_its_own(m->j->home, v6))
		return list;
	for (size_t i = 0; i < m->s->seen_count; i++)
		if (!is_own(m->j->home, m->s->seen[i]))
			list = list_add(m->j->a, list, m->s->seen[i]);
	return list;
}

/* For a server behind a router only this is known about its address. */
static bool all_public(const struct dns_seen *s)
{
	struct addr ip;

	for (size_t i = 0; i < s->seen_count; i++)
		if (!addr_parse_ip(s->seen[i], &ip) || addr_is_private(&ip))
			return false;
	return s->seen_count != 0;
}

static void judge_any(struct meaning *m, bool v6)
{
	if (v6 && m->s->seen_count == 0)
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
	else if (!all_public(m->s))
		meaning_say(m, m->s->seen_count == 0 ? meaning_worse(m) : DNS_STATE_FAIL,
		            sentence_of(m->s->seen_count == 0 ? SENTENCE_address_add
		                                              : SENTENCE_address_private));
	else
		meaning_say(m, DNS_STATE_OK, v6 ? sentence_of(SENTENCE_address_v6) : STR_EMPTY);
}

static bool has_expected(const struct meaning *m)
{
	for (size_t i = 0; i < m->s->seen_count; i++)
		if (str_eqi(m->s->seen[i], m->r->expected))
			return true;
	return false;
}

/* Senders use any of the records, including those of other servers. */
static void say_strangers(struct meaning *m, bool v6, struct str list)
{
	static const enum sentence texts[2][2] = {
		{ SENTENCE_address_other, SENTENCE_address_other_add },
		{ SENTENCE_address_other_v6, SENTENCE_address_other_v6_add },
	};
	bool lacks = m->r->expected.n != 0 && !has_expected(m);

	meaning_say(m, DNS_STATE_WARN,
	            sentence_fill(m->j->a, texts[v6][lacks],
	                          &(const struct sentence_value){ "addresses", list }, 1));
}

void meaning_address(struct meaning *m)
{
	bool v6 = strcmp(m->r->type, "AAAA") == 0, there = has_expected(m);
	struct str other = v6 || there ? strangers(m, v6) : STR_EMPTY;

	if (other.n != 0)
		say_strangers(m, v6, other);
	else if (m->r->expected.n == 0)
		judge_any(m, v6);
	else if (m->s->seen_count == 0)
		meaning_missing(m);
	else if (there)
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
	else
		meaning_say(m, meaning_worse(m), sentence_of(SENTENCE_replace));
}

/* --- mail ------------------------------------------------------------------------------------- */

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
static bool comes_first(struct meaning *m)
{
	struct str other;

	for (size_t i = 0; i < m->s->seen_count; i++) {
		if (!str_eq(preference_of(m->s->seen[i]), preference_of(m->s->seen[0])))
			return false;
		if (str_eqi(host_of(m->s->seen[i]), host_of(m->r->expected)) ||
		    meaning_leads_here(m, host_of(m->s->seen[i]), &other))
			return true;
	}
	return false;
}

/* A host that gets the domain's mail besides ours; empty: there is none. */
static struct str other_host(const struct meaning *m)
{
	for (size_t i = 0; i < m->s->seen_count; i++)
		if (!str_eqi(host_of(m->s->seen[i]), host_of(m->r->expected)))
			return host_of(m->s->seen[i]);
	return STR_EMPTY;
}

/* By its own name, which is not all that leads here. */
static bool names_ours(const struct meaning *m)
{
	for (size_t i = 0; i < m->s->seen_count; i++)
		if (str_eqi(host_of(m->s->seen[i]), host_of(m->r->expected)))
			return true;
	return false;
}

/* RFC 8461 4.1: names are compared, so another name of this very host does not count. */
static void say_unnamed(struct meaning *m, struct str other)
{
	bool enforced = m->r->standing == DNS_STANDING_ENFORCED;
	const struct sentence_value values[] = { { "record", m->r->expected },
		                                 { "host", host_of(m->r->expected) },
		                                 { "other", other } };

	meaning_say(m, enforced ? DNS_STATE_FAIL : DNS_STATE_WARN,
	            sentence_fill(m->j->a,
	                          enforced ? SENTENCE_mx_unnamed_enforced : SENTENCE_mx_unnamed,
	                          values, COUNT(values)));
}

/* A host of an MX record must be no alias (RFC 2181 10.3, RFC 5321 5.1). Returns the first
 * alias that leads to this server; empty: none, or unknown. Hosts of others get no advice. */
static struct str find_alias(struct meaning *m)
{
	for (size_t i = 0; i < m->s->seen_count && m->j->dns != NULL; i++) {
		struct str host = host_of(m->s->seen[i]), other;
		struct dns_text_list list;

		if (meaning_leads_here(m, host, &other) &&
		    dns_records(m->j->dns, m->j->a, host, DNS_CNAME, m->j->deadline_ms, &list) ==
		            DNS_OK)
			return host;
	}
	return STR_EMPTY;
}

static void say_alias(struct meaning *m, struct str alias)
{
	const struct sentence_value host = { "host", alias }, record = { "record", m->r->expected };
	struct arena *a = m->j->a;

	meaning_say(m, DNS_STATE_WARN,
	            str_eqi(alias, host_of(m->r->expected)) ? sentence(a, mx_alias_ours, host)
	            : names_ours(m) ? sentence(a, mx_alias_extra, host, record)
	                            : sentence(a, mx_alias, host, record));
}

void meaning_mx(struct meaning *m)
{
	struct str other = other_host(m), alias;

	if (m->s->seen_count == 0)
		meaning_missing(m);
	else if (!comes_first(m))
		meaning_say(m, meaning_worse(m), sentence_of(SENTENCE_mx_elsewhere));
	else if (m->r->standing != DNS_STANDING_USUAL && !names_ours(m))
		say_unnamed(m, other);
	else if (m->r->standing == DNS_STANDING_ENFORCED && other.n != 0)
		/* RFC 8461 4.1, 5: a host that the policy does not list gets no mail. */
		meaning_say(m, DNS_STATE_WARN, sentence(m->j->a, mx_unlisted, { "other", other }));
	else if ((alias = find_alias(m)).n != 0)
		say_alias(m, alias);
	else
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
}

/* --- services --------------------------------------------------------------------------------- */

/* "0 1 993 host": priority, weight, and where (RFC 2782). */
static bool srv_parse(struct str data, uint32_t *priority, struct str *where)
{
	struct cur c = cur_of(data);
	uint32_t weight;

	if (!cur_u32(&c, priority) || !cur_byte(&c, ' ') || !cur_u32(&c, &weight) ||
	    !cur_byte(&c, ' '))
		return false;
	*where = cur_rest(&c);
	return true;
}

/* Is ours one of those that are tried first, whatever its numbers are? */
static bool serves(const struct meaning *m)
{
	uint32_t best = UINT32_MAX, ours = UINT32_MAX, priority, unused;
	struct str expected, where;

	if (!srv_parse(m->r->expected, &unused, &expected))
		return has_expected(m);
	for (size_t i = 0; i < m->s->seen_count; i++) {
		if (!srv_parse(m->s->seen[i], &priority, &where))
			continue;
		best = MIN(best, priority);
		if (str_eqi(where, expected))
			ours = MIN(ours, priority);
	}
	return ours != UINT32_MAX && ours == best;
}

void meaning_srv(struct meaning *m)
{
	if (m->s->seen_count == 0)
		meaning_missing(m);
	else if (serves(m))
		meaning_say(m, DNS_STATE_OK, STR_EMPTY);
	else
		meaning_say(m, meaning_worse(m), sentence_of(SENTENCE_replace));
}
