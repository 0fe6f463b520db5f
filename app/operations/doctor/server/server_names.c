/* operations/doctor/server/server_names.c: has the host name the addresses of this
 * server, do they have its name, and where does the domain's mail go; see
 * server_checks.h. */
#include "foundation/config/settings.h"
#include "network/dns/dns.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/doctor_private.h"
#include "operations/doctor/server/server_checks.h"
#include "operations/doctor/sentence.h"

enum { OWN_MAX = 16 };

static bool any_private(const struct dns_addr_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (addr_is_private(&list->items[i]))
			return true;
	return false;
}

static bool any_own(const struct dns_addr_list *list, const struct addr *own, size_t count)
{
	for (size_t i = 0; i < list->count; i++)
		for (size_t k = 0; k < count; k++)
			if (addr_eq_ip(&list->items[i], &own[k]))
				return true;
	return false;
}

/* One that is not ours, by a way by which others of the name are; by IPv6, which routers do not
 * change, in any case. NULL: there is none. */
static const struct addr *stranger(const struct dns_addr_list *list, const struct addr *own,
                                   size_t count)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct dns_addr_list one = { .items = &list->items[i], .count = 1 };
		bool known = one.items->family == ADDR_V6;

		for (size_t k = 0; k < count; k++)
			known = known || own[k].family == one.items->family;
		if (known && !any_own(&one, own, count))
			return one.items;
	}
	return NULL;
}

static void judge_addresses(const struct look *l, struct check *c, const struct dns_addr_list *list)
{
	struct addr own[OWN_MAX];
	size_t count = own_public_addresses(own, OWN_MAX);
	const struct addr *other = stranger(list, own, count);
	char text[ADDR_TEXT_MAX];

	if (any_private(list)) {
		c->state = DNS_STATE_FAIL;
		c->advice = sentence_of(SENTENCE_address_private);
	} else if (any_own(list, own, count) && other != NULL) {
		c->state = DNS_STATE_WARN;
		c->advice =
			sentence(l->a, address_other, { "addresses", addr_ip_text(other, text) });
	} else if (any_own(list, own, count)) {
		c->state = DNS_STATE_OK;
	} else if (count == 0) {
		c->state = DNS_STATE_OK;
		c->advice = sentence_of(SENTENCE_address_router);
	} else {
		c->state = DNS_STATE_WARN;
		c->advice = sentence_of(SENTENCE_address_not_ours);
	}
}

static void look_addresses(const struct look *l, struct checks *out, struct dns_addr_list *list)
{
	struct check *c = checks_add(out, "address", "Address of the host name");
	enum dns_status s = dns_addresses(l->dns, l->a, l->settings->hostname, DNS_V4 | DNS_V6,
	                                  look_deadline_ms(), list);

	c->expected = STR("a public address of this server");
	c->seen = look_addresses_text(l, list);
	if (s == DNS_OK) {
		judge_addresses(l, c, list);
		return;
	}
	c->state = s == DNS_RETRY ? DNS_STATE_UNKNOWN : DNS_STATE_FAIL;
	c->seen = str_of(dns_status_text(s));
	c->advice = s == DNS_RETRY
	                    ? sentence_of(SENTENCE_look_unanswered)
	                    : sentence(l->a, address_add_at, { "host", l->settings->hostname });
}

static void look_ptr(const struct look *l, struct checks *out, const struct addr *ip)
{
	struct check *c = checks_add(out, "ptr", "Name of the address (PTR)");
	struct str hostname = l->settings->hostname;
	struct dns_text_list names;
	enum dns_status s = dns_ptr(l->dns, l->a, ip, look_deadline_ms(), &names);

	c->expected = hostname;
	c->seen = s == DNS_OK ? names.items[0] : str_of(dns_status_text(s));
	for (size_t i = 0; i < names.count; i++)
		if (str_eqi(names.items[i], hostname))
			return; /* state is ok */
	c->state = s == DNS_RETRY ? DNS_STATE_UNKNOWN : DNS_STATE_WARN;
	c->advice = sentence(l->a, ptr, { "host", hostname });
}

static void look_mx(const struct look *l, struct checks *out)
{
	struct check *c = checks_add(out, "mx", "Where the domain's mail goes (MX)");
	struct dns_mx_list list;
	enum dns_status s = dns_mx(l->dns, l->a, l->domain, look_deadline_ms(), &list);

	c->expected = str_fmt(l->a, "10 %.*s", STR_ARG(l->settings->hostname));
	c->seen = s == DNS_OK ? str_fmt(l->a, "%u %.*s", list.items[0].preference,
	                                STR_ARG(list.items[0].host))
	                      : str_of(dns_status_text(s));
	if (s == DNS_OK && str_eqi(list.items[0].host, l->settings->hostname))
		return;
	c->state = s == DNS_RETRY ? DNS_STATE_UNKNOWN : DNS_STATE_WARN;
	c->advice = sentence_of(s == DNS_NXDOMAIN ? SENTENCE_mx_no_domain
	                        : s == DNS_OK     ? SENTENCE_mx_change
	                                          : SENTENCE_mx_add);
}

void look_names(const struct look *l, struct checks *out)
{
	struct dns_addr_list list;

	out->count = 0;
	look_addresses(l, out, &list);
	if (list.count != 0)
		look_ptr(l, out, &list.items[list.count - 1]); /* IPv4 ones are last */
	if (l->domain.n != 0)
		look_mx(l, out);
}
