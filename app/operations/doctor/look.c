/* operations/doctor/look.c: see look.h. */
#include "operations/doctor/look.h"

#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/settings.h"
#include "network/dns/dns.h"
#include "operations/doctor/dns_facts.h"
#include "operations/doctor/lists.h"
#include "protocols/smtp_out/probe.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { DNS_MS = 5000, PORT_25_MS = 8000, OWN_MAX = 16, ROUTE_MAX = 64 << 10 };

static struct check *add(struct checks *out, const char *id, const char *title)
{
	assert(out->count < CHECKS_MAX);
	out->items[out->count] = (struct check){ .id = id, .title = title };
	return &out->items[out->count++];
}

static int64_t soon(void)
{
	return clock_mono_ms() + DNS_MS;
}

static void addresses_text(struct buf *b, const struct dns_addr_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		char text[ADDR_TEXT_MAX];

		buf_put(b, i != 0 ? STR(", ") : STR(""));
		buf_put(b, addr_ip_text(&list->items[i], text));
	}
}

static struct str list_text(const struct look *l, const struct dns_addr_list *list)
{
	struct buf b;
	struct str text;

	buf_init(&b, DNS_ADDRS_MAX * ADDR_TEXT_MAX);
	addresses_text(&b, list);
	text = str_dup(l->a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* --- names ------------------------------------------------------------------------------- */

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
		c->advice = STR("this is an address of a private network, which nobody outside can "
		                "reach: give the name your public address");
	} else if (any_own(list, own, count) && other != NULL) {
		c->state = DNS_STATE_WARN;
		c->advice = str_fmt(l->a,
		                    "some of the mail goes to %.*s, which is no address of this "
		                    "machine, and is late or lost there: remove that record, "
		                    "unless something there leads here",
		                    STR_ARG(addr_ip_text(other, text)));
	} else if (any_own(list, own, count)) {
		c->state = DNS_STATE_OK;
	} else if (count == 0) {
		c->state = DNS_STATE_OK;
		c->advice = STR("this machine is behind a router, so it cannot see its own public "
		                "address: compare it yourself");
	} else {
		c->state = DNS_STATE_WARN;
		c->advice = STR("none of these is an address of this machine; that is right only "
		                "if a proxy or router leads from there to here");
	}
}

static void look_addresses(const struct look *l, struct checks *out, struct dns_addr_list *list)
{
	struct check *c = add(out, "address", "Address of the host name");
	enum dns_status s =
		dns_addresses(l->dns, l->a, l->settings->hostname, DNS_V4 | DNS_V6, soon(), list);

	c->expected = STR("a public address of this server");
	c->seen = list_text(l, list);
	if (s == DNS_OK) {
		judge_addresses(l, c, list);
		return;
	}
	c->state = s == DNS_RETRY ? DNS_STATE_UNKNOWN : DNS_STATE_FAIL;
	c->seen = str_of(dns_status_text(s));
	c->advice = s == DNS_RETRY
	                    ? STR("the name servers did not answer: see ROOST_DNS_SERVERS")
	                    : str_fmt(l->a, "add an A record for %.*s with your public address",
	                              STR_ARG(l->settings->hostname));
}

static void look_ptr(const struct look *l, struct checks *out, const struct addr *ip)
{
	struct check *c = add(out, "ptr", "Name of the address (PTR)");
	struct str hostname = l->settings->hostname;
	struct dns_text_list names;
	enum dns_status s = dns_ptr(l->dns, l->a, ip, soon(), &names);
	char text[ADDR_TEXT_MAX];

	addr_ip_text(ip, text);
	c->expected = hostname;
	c->seen = s == DNS_OK ? names.items[0] : str_of(dns_status_text(s));
	for (size_t i = 0; i < names.count; i++)
		if (str_eqi(names.items[i], hostname))
			return; /* state is ok */
	c->state = s == DNS_RETRY ? DNS_STATE_UNKNOWN : DNS_STATE_WARN;
	c->advice = str_fmt(l->a,
	                    "ask whoever gave you %s to name it %.*s (reverse DNS): big receivers "
	                    "refuse mail without; or send through a smarthost",
	                    text, STR_ARG(hostname));
}

static void look_mx(const struct look *l, struct checks *out)
{
	struct check *c = add(out, "mx", "Where the domain's mail goes (MX)");
	struct dns_mx_list list;
	enum dns_status s = dns_mx(l->dns, l->a, l->domain, soon(), &list);

	c->expected = str_fmt(l->a, "10 %.*s", STR_ARG(l->settings->hostname));
	c->seen = s == DNS_OK ? str_fmt(l->a, "%u %.*s", list.items[0].preference,
	                                STR_ARG(list.items[0].host))
	                      : str_of(dns_status_text(s));
	if (s == DNS_OK && str_eqi(list.items[0].host, l->settings->hostname))
		return;
	c->state = s == DNS_RETRY ? DNS_STATE_UNKNOWN : DNS_STATE_WARN;
	c->advice = s == DNS_NXDOMAIN ? STR("no such domain: is it spelt right, and registered?")
	            : s == DNS_OK ? STR("the domain's mail still goes elsewhere; the step on DNS "
	                                "has the record to change")
	                          : STR("the step on DNS has the record to add");
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

/* --- around ------------------------------------------------------------------------------ */

/* Without DNS nothing is known about the port: false, and the check says so. */
static bool destination_resolves(const struct look *l, struct check *c)
{
	struct str domain = l->settings->look_domain;
	struct dns_addr_list addresses;
	struct dns_mx_list list;
	enum dns_status s = dns_mx(l->dns, l->a, domain, soon(), &list);

	if (s != DNS_RETRY) /* without MX records the domain is its own host: RFC 5321 5.1 */
		s = dns_addresses(l->dns, l->a, s == DNS_OK ? list.items[0].host : domain,
		                  DNS_V4 | DNS_V6, soon(), &addresses);
	if (s == DNS_OK)
		return true;
	c->state = DNS_STATE_UNKNOWN;
	c->seen = str_fmt(l->a, "DNS did not resolve %.*s: %s", STR_ARG(domain),
	                  dns_status_text(s));
	c->advice = STR("port 25 was not tried, because DNS failed. Check the name servers "
	                "(ROOST_DNS_SERVERS) and the network of this machine, then check again");
	return false;
}

static void look_port_25(const struct look *l, struct checks *out)
{
	struct check *c = add(out, "port25", "Port 25 to the outside");
	struct out_probe probe = { .dns = l->dns,
		                   .settings = l->settings,
		                   .destination = l->settings->look_domain,
		                   .patience_ms = PORT_25_MS };
	struct why why = { "" };

	c->expected = STR("a mail server that greets us");
	if (probe.destination.n == 0) {
		c->state = DNS_STATE_UNKNOWN;
		c->advice = STR("ROOST_LOOK_DOMAIN is empty, so nobody was asked");
		return;
	}
	if (!destination_resolves(l, c))
		return;
	if (out_probe(&probe, l->a, &c->seen, &why) == OK)
		return;
	c->seen = str_fmt(l->a, "%.*s: %s", STR_ARG(c->seen), why.text);
	c->state = DNS_STATE_FAIL;
	c->advice = STR("most home lines and many clouds close this port: ask the provider to open "
	                "it, or send through a smarthost");
}

static void look_list(const struct look *l, struct checks *out, const struct addr *ip,
                      const struct list *list)
{
	struct check *c = add(out, "dnsbl", "List of bad senders");
	struct dns_addr_list found;
	struct list_answer answer = { .list = list };

	answer.status = dns_addresses(l->dns, l->a, list_question(list, ip, STR_EMPTY, l->a),
	                              DNS_V4, soon(), &found);
	answer.data = arena_array(l->a, struct str, found.count);
	for (; answer.count < found.count; answer.count++) {
		char text[ADDR_TEXT_MAX];

		answer.data[answer.count] =
			str_dup(l->a, addr_ip_text(&found.items[answer.count], text));
	}
	list_judge(&answer, l->a);
	c->expected = str_fmt(l->a, "not listed by %.*s", STR_ARG(list->zone));
	c->state = answer.state;
	c->seen = answer.status == DNS_OK ? list_text(l, &found) : answer.words;
	c->advice = answer.advice;
}

static void look_lists(const struct look *l, struct checks *out)
{
	struct dns_addr_list own;
	struct cur c = cur_of(l->settings->look_lists);
	struct list list;

	if (dns_addresses(l->dns, l->a, l->settings->hostname, DNS_V4, soon(), &own) != DNS_OK ||
	    addr_is_private(&own.items[0]))
		return;
	while (out->count < CHECKS_MAX - 2 && list_next(&c, &list))
		if (!list.of_domain)
			look_list(l, out, &own.items[0], &list);
}

/* --- addresses of visitors --------------------------------------------------------------- */

static bool hex_u32(struct str text, uint32_t *out)
{
	*out = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = ascii_lower(text.p[i]);

		if (!ascii_digit(c) && (c < 'a' || c > 'f'))
			return false;
		*out = *out << 4 | (uint32_t)(ascii_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return text.n == 8;
}

/* "eth0	00000000	010011AC	...": interface, destination, gateway, the latter in
 * the machine's byte order. */
static bool line_gateway(struct str line, uint32_t *gateway)
{
	struct cur c = cur_of(line);
	struct str interface, destination, text;
	uint32_t to;

	return cur_until(&c, '\t', &interface) && cur_byte(&c, '\t') &&
	       cur_until(&c, '\t', &destination) && cur_byte(&c, '\t') &&
	       cur_until(&c, '\t', &text) && hex_u32(destination, &to) && to == 0 &&
	       hex_u32(text, gateway);
}

static bool v4_gateway(const struct addr *peer, struct str route)
{
	struct cur c = cur_of(route);
	struct str line;
	uint32_t gateway;

	while (cur_line(&c, &line))
		if (line_gateway(line, &gateway) && memcmp(&gateway, peer->ip, 4) == 0)
			return true;
	return false;
}

static bool hex_ip6(struct str text, unsigned char ip[static 16])
{
	for (size_t i = 0; i < 4 && text.n == 32; i++) {
		uint32_t part;

		if (!hex_u32(str_sub(text, 8 * i, 8 * i + 8), &part))
			return false;
		for (size_t k = 0; k < 4; k++)
			ip[4 * i + k] = (unsigned char)(part >> (24 - 8 * k));
	}
	return text.n == 32;
}

static struct str word(struct cur *c)
{
	struct str text;

	cur_blank(c);
	if (cur_until(c, ' ', &text))
		return text;
	text = cur_rest(c);
	cur_skip(c, text.n);
	return text;
}

/* "DESTINATION BITS SOURCE BITS GATEWAY ...", numbers in hex, addresses in network order. */
static bool v6_gateway(const struct addr *peer, struct str route)
{
	struct cur c = cur_of(route);
	struct str line;

	while (cur_line(&c, &line)) {
		struct cur l = cur_of(line);
		unsigned char to[16], gateway[16];
		bool fits = hex_ip6(word(&l), to) && str_eq(word(&l), STR("00"));

		(void)word(&l), (void)word(&l);
		if (fits && hex_ip6(word(&l), gateway) && memcmp(gateway, peer->ip, 16) == 0)
			return true;
	}
	return false;
}

bool look_is_gateway(const struct addr *peer, struct str route)
{
	if (peer->family == ADDR_V4)
		return v4_gateway(peer, route);
	return peer->family == ADDR_V6 && v6_gateway(peer, route);
}

static bool comes_from_gateway(const struct addr *peer)
{
	const char *path = peer->family == ADDR_V6 ? "/proc/net/ipv6_route" : "/proc/net/route";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf b;
	bool yes = false;
	ssize_t got;
	char *to;

	if (fd < 0)
		return false;
	buf_init(&b, ROUTE_MAX);
	while ((to = buf_room(&b, 4096)) != NULL && (got = read(fd, to, 4096)) > 0)
		buf_commit(&b, (size_t)got);
	yes = look_is_gateway(peer, buf_str(&b));
	buf_deinit(&b);
	close(fd);
	return yes;
}

static void look_peer(const struct look *l, struct checks *out)
{
	struct check *c = add(out, "source", "Addresses of visitors");
	char text[ADDR_TEXT_MAX];

	c->expected = STR("your own address, as others would see it");
	c->seen = str_dup(l->a, addr_ip_text(l->peer, text));
	if (comes_from_gateway(l->peer)) {
		c->state = DNS_STATE_WARN;
		c->advice =
			STR("you seem to come from the gateway of the container's network: then "
		            "all visitors share one address, and limits and locks meet "
		            "everybody at once. In Docker turn the userland proxy off "
		            "(\"userland-proxy\": false) and give the network IPv6 "
		            "(enable_ipv6: true), or use network_mode: host");
	} else if (addr_is_private(l->peer)) {
		c->state = DNS_STATE_UNKNOWN;
		c->advice = STR("this is right when you sit in the same network. If you came over "
		                "the Internet, something in between replaces addresses");
	}
}

void look_outside(const struct look *l, struct checks *out)
{
	out->count = 0;
	look_port_25(l, out);
}

void look_around(const struct look *l, struct checks *out)
{
	look_outside(l, out);
	look_lists(l, out);
	if (l->peer != NULL)
		look_peer(l, out);
}
