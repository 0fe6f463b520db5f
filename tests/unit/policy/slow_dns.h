/* tests/unit/policy/slow_dns.h: a zone file whose name servers take time by the fake clock: names
 * that begin with "slow" four seconds, those that begin with "dead" all that they get. Who asks
 * again what is under way waits for the same answer. Include in one file of a program. */
#ifndef UNIT_POLICY_SLOW_DNS_H
#define UNIT_POLICY_SLOW_DNS_H
#include "foundation/base/clock.h"
#include "network/dns/dns.h"

#include <stdio.h>

enum { SLOW_MS = 4000 };

struct slow_dns {
	struct dns dns;
	struct dns *zone;
	int64_t waited_ms;
	char name[80]; /* under way; empty: nothing is */
	int64_t answer_ms;
};

static struct slow_dns *slow_of(struct dns *d)
{
	return container_of(d, struct slow_dns, dns);
}

static int64_t answer_takes_ms(struct str name)
{
	return str_starts(name, STR("dead"))   ? INT64_C(3600000)
	       : str_starts(name, STR("slow")) ? SLOW_MS
	                                       : 0;
}

/* False: its time has passed. */
static bool slow_wait(struct dns *d, struct str name, int64_t deadline_ms)
{
	struct slow_dns *s = slow_of(d);
	int64_t now_ms = clock_mono_ms(), ms;
	bool answered;

	if (!str_eq(name, str_of(s->name))) {
		snprintf(s->name, sizeof s->name, "%.*s", STR_ARG(name));
		s->answer_ms = now_ms + answer_takes_ms(name);
	}
	answered = s->answer_ms <= deadline_ms;
	ms = MAX(MIN(s->answer_ms, deadline_ms) - now_ms, 0);
	clock_shift_mono(ms);
	s->waited_ms += ms;
	if (answered)
		s->name[0] = '\0';
	return answered;
}

static enum dns_status slow_addresses(struct dns *d, struct arena *a, struct str name,
                                      unsigned families, int64_t deadline_ms,
                                      struct dns_addr_list *out)
{
	*out = (struct dns_addr_list){ 0 };
	return slow_wait(d, name, deadline_ms)
	               ? dns_addresses(slow_of(d)->zone, a, name, families,
	                               deadline_ms, out)
	               : DNS_RETRY;
}

static enum dns_status slow_txt(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	*out = (struct dns_text_list){ 0 };
	return slow_wait(d, name, deadline_ms)
	               ? dns_txt(slow_of(d)->zone, a, name, deadline_ms, out)
	               : DNS_RETRY;
}

static enum dns_status slow_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	return dns_ptr(slow_of(d)->zone, a, ip, deadline_ms, out);
}

static bool slow_known(struct dns *d, struct str name, uint16_t type)
{
	(void)d;
	(void)name;
	(void)type;
	return false;
}

static const struct dns_ops slow_ops = {
	.addresses = slow_addresses, .txt = slow_txt, .ptr = slow_ptr, .cached = slow_known
};

static void slow_dns_init(struct slow_dns *s, const struct dns_fake_row *zone)
{
	*s = (struct slow_dns){ .dns = { .ops = &slow_ops }, .zone = dns_fake_new(zone, false) };
}

/* The clock is as it was before. */
static void slow_dns_deinit(struct slow_dns *s)
{
	clock_shift_mono(-s->waited_ms);
	dns_free(&s->zone);
}

#endif
