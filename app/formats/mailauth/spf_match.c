/* formats/mailauth/spf_match.c: see spf_match.h. */
#include "formats/mailauth/spf_match.h"

#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "network/dns/dns.h"

struct spf_frame *spf_top(struct spf_check *c)
{
	return &c->frames[c->depth - 1];
}

enum spf_result spf_permerror(struct spf_check *c, struct str why)
{
	c->why = why;
	return SPF_PERMERROR;
}

enum spf_result spf_temperror(struct spf_check *c, struct str name)
{
	c->why = str_fmt(c->a, "DNS did not answer for %.*s", STR_ARG(name));
	return SPF_TEMPERROR;
}

/* --- DNS ------------------------------------------------------------------------------------ */

bool spf_may_ask(struct spf_check *c, enum spf_result *end)
{
	if (c->lookups == SPF_LOOKUPS_MAX) {
		*end = spf_permerror(
			c, str_fmt(c->a, "more than %d DNS lookups are needed", SPF_LOOKUPS_MAX));
		return false;
	}
	c->lookups++;
	return true;
}

/* Evaluate an answer for a mechanism: SPF_FOUND means it has records. */
static enum spf_found match_evaluate(struct spf_check *c, enum dns_status status, struct str name,
                            enum spf_result *end)
{
	if (status == DNS_RETRY) {
		*end = spf_temperror(c, name);
		return SPF_FOUND_END;
	}
	if (!dns_missing(status))
		return status == DNS_OK ? SPF_FOUND : SPF_FOUND_NOT;
	c->voids++;
	if (c->voids <= SPF_VOIDS_MAX)
		return SPF_FOUND_NOT;
	*end = spf_permerror(c, str_fmt(c->a, "more than %d names do not exist", SPF_VOIDS_MAX));
	return SPF_FOUND_END;
}

static unsigned families(const struct spf_check *c)
{
	return c->q->ip.family == ADDR_V6 ? DNS_V6 : DNS_V4;
}

static bool list_has(const struct dns_addr_list *list, const struct addr *ip, unsigned v4_bits,
                     unsigned v6_bits)
{
	for (size_t i = 0; i < list->count; i++)
		if (spf_network_has(&list->items[i], ip->family == ADDR_V6 ? v6_bits : v4_bits, ip))
			return true;
	return false;
}

/* Does the host have the client's address? named: by the term itself. Missing hosts of MX records
 * are not counted as void lookups, because the term has found records (RFC 7208 4.6.4). */
static enum spf_found host_has(struct spf_check *c, struct str host, const struct spf_term *t,
                               bool named, enum spf_result *end)
{
	struct dns_addr_list list;
	enum dns_status s =
		dns_addresses(c->q->dns, c->a, host, families(c), spf_question_end(c), &list);
	enum spf_found found =
		named || s == DNS_RETRY ? match_evaluate(c, s, host, end) : SPF_FOUND;

	if (found != SPF_FOUND)
		return found;
	return list_has(&list, &c->q->ip, t->v4_bits, t->v6_bits) ? SPF_FOUND : SPF_FOUND_NOT;
}

/* --- names of the client -------------------------------------------------------------------- */

/* RFC 7208 5.5: PTR names that lead back to the address. Errors count as no name, and names beyond
 * the tenth are ignored. Queried once in a check. The client controls these names, so they get only
 * a share of the time, and each name a share of that: otherwise slow name servers could decide the
 * rest of the record. */
static void names_find(struct spf_check *c)
{
	int64_t end_ms = MIN(c->q->deadline_ms, clock_mono_ms() + SPF_NAMES_MS);
	struct dns_text_list all;
	size_t n;

	if (c->named)
		return;
	c->named = true;
	if (dns_ptr(c->q->dns, c->a, &c->q->ip, end_ms, &all) != DNS_OK)
		return;
	n = MIN(all.count, (size_t)SPF_NAMES_MAX);
	for (size_t i = 0; i < n && clock_mono_ms() < end_ms; i++) {
		int64_t now_ms = clock_mono_ms(), share_ms = (end_ms - now_ms) / (int64_t)(n - i);
		struct dns_addr_list list;

		if (dns_addresses(c->q->dns, c->a, all.items[i], families(c), now_ms + share_ms,
		                  &list) == DNS_OK &&
		    list_has(&list, &c->q->ip, 32, 128))
			c->names[c->name_count++] = all.items[i];
	}
}

/* RFC 7208 7.3: the domain itself, else a name below it, else any. */
static struct str name_choose(const struct str *names, size_t n, struct str domain)
{
	struct str best = STR("unknown");

	for (size_t i = 0; i < n; i++) {
		if (str_eqi(names[i], domain))
			return names[i];
		if (str_eq(best, STR("unknown")) || (mailaddr_domain_within(names[i], domain) &&
		                                     !mailaddr_domain_within(best, domain)))
			best = names[i];
	}
	return best;
}

/* %{p}, for the macros, depending on the present domain. It is one lookup (RFC 7208 4.6.4), unless
 * its answer is known already. */
static struct str client_name(void *arg)
{
	struct spf_check *c = arg;
	enum spf_result end;

	if (!c->named && !c->explaining && !spf_may_ask(c, &end)) {
		c->overrun = true;
		return STR("unknown");
	}
	names_find(c);
	return name_choose(c->names, c->name_count, spf_top(c)->domain);
}

struct spf_macros spf_macros_of(struct spf_check *c)
{
	return (struct spf_macros){
		.local = c->local,
		.origin = c->origin,
		.domain = spf_top(c)->domain,
		.helo = c->q->helo,
		.receiver = c->q->receiver,
		.now_s = c->q->now_s,
		.ip = &c->q->ip,
		.name = client_name,
		.arg = c,
	};
}

bool spf_target(struct spf_check *c, struct str spec, struct str *name, enum spf_result *end)
{
	struct spf_macros m = spf_macros_of(c);

	*name = spec.n == 0 ? spf_top(c)->domain : spf_macro_name(spec, &m, c->a);
	if (c->overrun)
		*end = SPF_PERMERROR; /* spf_may_ask has set the reason */
	return !c->overrun;
}

/* --- mechanisms ----------------------------------------------------------------------------- */

static enum spf_found match_a(struct spf_check *c, const struct spf_term *t, enum spf_result *end)
{
	struct str name;

	if (!spf_target(c, t->domain, &name, end))
		return SPF_FOUND_END;
	return host_has(c, name, t, true, end);
}

static enum spf_found match_mx(struct spf_check *c, const struct spf_term *t, enum spf_result *end)
{
	struct dns_mx_list list;
	enum spf_found found;
	struct str name;

	if (!spf_target(c, t->domain, &name, end))
		return SPF_FOUND_END;
	found = match_evaluate(c, dns_mx(c->q->dns, c->a, name, spf_question_end(c), &list), name,
	                       end);
	if (found != SPF_FOUND)
		return found;
	if (list.count > SPF_NAMES_MAX) {
		*end = spf_permerror(c, str_fmt(c->a, "%.*s has more than %d MX hosts",
		                                STR_ARG(name), SPF_NAMES_MAX));
		return SPF_FOUND_END;
	}
	for (size_t i = 0; i < list.count; i++) {
		if (list.items[i].host.n == 0) /* RFC 7505 */
			continue;
		found = host_has(c, list.items[i].host, t, false, end);
		if (found != SPF_FOUND_NOT)
			return found;
	}
	return SPF_FOUND_NOT;
}

static enum spf_found match_ptr(struct spf_check *c, const struct spf_term *t, enum spf_result *end)
{
	struct str domain;

	if (!spf_target(c, t->domain, &domain, end))
		return SPF_FOUND_END;
	names_find(c);
	for (size_t i = 0; i < c->name_count; i++)
		if (mailaddr_domain_within(c->names[i], domain))
			return SPF_FOUND;
	return SPF_FOUND_NOT;
}

/* An A record, also for an IPv6 client (RFC 7208 5.7). */
static enum spf_found match_exists(struct spf_check *c, const struct spf_term *t,
                                   enum spf_result *end)
{
	struct dns_addr_list list;
	struct str name;

	if (!spf_target(c, t->domain, &name, end))
		return SPF_FOUND_END;
	return match_evaluate(
		c, dns_addresses(c->q->dns, c->a, name, DNS_V4, spf_question_end(c), &list), name,
		end);
}

static enum spf_found match_ip(struct spf_check *c, const struct spf_term *t, enum spf_result *end)
{
	unsigned bits = t->mechanism == SPF_IP6 ? t->v6_bits : t->v4_bits;

	(void)end;
	return spf_network_has(&t->network, bits, &c->q->ip) ? SPF_FOUND : SPF_FOUND_NOT;
}

static enum spf_found match_all(struct spf_check *c, const struct spf_term *t, enum spf_result *end)
{
	(void)c, (void)t, (void)end;
	return SPF_FOUND;
}

static const struct {
	bool asks;
	enum spf_found (*match)(struct spf_check *c, const struct spf_term *t,
	                        enum spf_result *end);
} mechanisms[] = {
	[SPF_ALL] = { false, match_all }, [SPF_INCLUDE] = { true, NULL /* spf.c */ },
	[SPF_A] = { true, match_a },      [SPF_MX] = { true, match_mx },
	[SPF_PTR] = { true, match_ptr },  [SPF_IP4] = { false, match_ip },
	[SPF_IP6] = { false, match_ip },  [SPF_EXISTS] = { true, match_exists },
};

enum spf_found spf_match(struct spf_check *c, const struct spf_term *t, enum spf_result *end)
{
	if (mechanisms[t->mechanism].asks && !spf_may_ask(c, end))
		return SPF_FOUND_END;
	return mechanisms[t->mechanism].match(c, t, end);
}
