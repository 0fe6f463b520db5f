/* operations/doctor/server/server_checks.c: outbound port 25, blocklists, and what the
 * checks share. */
#include "operations/doctor/server/server_checks.h"

#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/settings.h"
#include "network/dns/dns.h"
#include "operations/doctor/doctor_private.h"
#include "operations/doctor/examine/lists.h"
#include "operations/doctor/sentence.h"
#include "protocols/smtp_out/probe.h"

enum { DNS_MS = 5000, PORT_25_MS = 8000 };

struct check *checks_add(struct checks *out, const char *id, const char *title)
{
	struct check *c = &out->items[MIN(out->count, (size_t)CHECKS_MAX - 1)];

	*c = (struct check){ .id = id, .title = title };
	out->count = MIN(out->count + 1, (size_t)CHECKS_MAX);
	return c;
}

int64_t look_deadline_ms(void)
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

struct str look_addresses_text(const struct look *l, const struct dns_addr_list *list)
{
	struct buf b;
	struct str text;

	buf_init(&b, DNS_ADDRS_MAX * ADDR_TEXT_MAX);
	addresses_text(&b, list);
	text = str_dup(l->a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* Without DNS nothing is known about the port: false, and the check says so. */
static bool destination_resolves(const struct look *l, struct check *c)
{
	struct str domain = l->settings->doctor_test_domain;
	struct dns_addr_list addresses;
	struct dns_mx_list list;
	enum dns_status s = dns_mx(l->dns, l->a, domain, look_deadline_ms(), &list);

	if (s != DNS_RETRY) /* without MX records the domain is its own host: RFC 5321 5.1 */
		s = dns_addresses(l->dns, l->a, s == DNS_OK ? list.items[0].host : domain,
		                  DNS_V4 | DNS_V6, look_deadline_ms(), &addresses);
	if (s == DNS_OK)
		return true;
	c->state = DNS_STATE_UNKNOWN;
	c->seen =
		str_fmt(l->a, "DNS did not resolve %.*s: %s", STR_ARG(domain), dns_status_text(s));
	c->advice = sentence_of(SENTENCE_port25_no_dns);
	return false;
}

static void look_port_25(const struct look *l, struct checks *out)
{
	struct check *c = checks_add(out, "port25", "Port 25 to the outside");
	struct out_probe probe = { .dns = l->dns,
		                   .settings = l->settings,
		                   .destination = l->settings->doctor_test_domain,
		                   .patience_ms = PORT_25_MS };
	struct why why = { "" };

	c->expected = STR("a mail server that greets us");
	if (probe.destination.n == 0) {
		c->state = DNS_STATE_UNKNOWN;
		c->advice = sentence_of(SENTENCE_port25_off);
		return;
	}
	if (!destination_resolves(l, c))
		return;
	if (out_probe(&probe, l->a, &c->seen, &why) == OK)
		return;
	c->seen = str_fmt(l->a, "%.*s: %s", STR_ARG(c->seen), why.text);
	c->state = DNS_STATE_FAIL;
	c->advice = sentence_of(SENTENCE_port25_closed);
}

static void look_list(const struct look *l, struct checks *out, const struct addr *ip,
                      const struct list *list)
{
	struct check *c = checks_add(out, "dnsbl", "DNS blocklist");
	struct dns_addr_list found;
	struct list_answer answer = { .list = list };

	answer.status = dns_addresses(l->dns, l->a, list_question(list, ip, STR_EMPTY, l->a),
	                              DNS_V4, look_deadline_ms(), &found);
	answer.data = arena_array(l->a, struct str, found.count);
	for (; answer.count < found.count; answer.count++) {
		char text[ADDR_TEXT_MAX];

		answer.data[answer.count] =
			str_dup(l->a, addr_ip_text(&found.items[answer.count], text));
	}
	list_judge(&answer, l->a);
	c->expected = str_fmt(l->a, "not listed by %.*s", STR_ARG(list->zone));
	c->state = answer.state;
	c->seen = answer.status == DNS_OK ? look_addresses_text(l, &found) : answer.words;
	c->advice = answer.advice;
}

static void look_lists(const struct look *l, struct checks *out)
{
	struct dns_addr_list own;
	struct cur c = cur_of(l->settings->doctor_blocklists);
	struct list list;

	if (dns_addresses(l->dns, l->a, l->settings->hostname, DNS_V4, look_deadline_ms(), &own) !=
	            DNS_OK ||
	    addr_is_private(&own.items[0]))
		return;
	while (out->count < CHECKS_MAX - 2 && list_next(&c, &list))
		if (!list.of_domain)
			look_list(l, out, &own.items[0], &list);
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
		look_source(l, out);
}
