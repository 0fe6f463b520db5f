/* operations/doctor/examine/examine_host.c: this host as others find it: its name, its
 * addresses, and their names; see examine.h. */
#include "operations/doctor/examine/examining.h"

#include "foundation/config/settings.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/own/own_tlsa.h"
#include "operations/doctor/sentence.h"

enum { SENDERS_MAX = 4 }; /* each has a row for every list */

struct host {
	struct examining *g;
	struct str name;
};

static void address_add(struct host *h, const char *type, struct str expected)
{
	examining_add(h->g, &(struct dns_record){ .name = h->name,
	                                          .type = type,
	                                          .purpose = "Where this server is",
	                                          .expected = expected,
	                                          .optional = type[1] != '\0' });
}

/* Without an address of its own of a kind, DNS tells; one by IPv6 nobody needs. */
static void addresses_add(struct host *h)
{
	const struct dns_home *home = &h->g->home;
	bool v4 = false, v6 = false;

	for (size_t i = 0; i < home->own_count; i++) {
		char text[ADDR_TEXT_MAX];

		v4 = v4 || home->own[i].family == ADDR_V4;
		v6 = v6 || home->own[i].family == ADDR_V6;
		address_add(h, home->own[i].family == ADDR_V4 ? "A" : "AAAA",
		            str_dup(h->g->x->a, addr_ip_text(&home->own[i], text)));
	}
	if (!v4)
		address_add(h, "A", STR_EMPTY);
	if (!v6)
		address_add(h, "AAAA", STR_EMPTY);
}

static void names_add(struct host *h, const struct addr *ips, size_t n)
{
	for (size_t i = 0; i < n; i++)
		examining_add(h->g,
		              &(struct dns_record){
				      .name = dns_reverse_name(h->g->x->a, &ips[i]),
				      .type = "PTR",
				      .purpose =
					      "The name of the address: receivers look whether it "
					      "is that of a mail server, and leads back",
				      .expected = h->name,
				      .optional = h->g->x->settings->smarthost.n != 0 });
}

static void keys_add(struct host *h)
{
	struct arena *a = h->g->x->a;
	struct str *keys;
	size_t n = own_tlsa_keys(h->g->x->certs, h->name, a, &keys);

	for (size_t i = 0; i < n; i++)
		examining_add(h->g, &(struct dns_record){
					    .name = str_fmt(a, "_25._tcp.%.*s", STR_ARG(h->name)),
					    .type = "TLSA",
					    .purpose = own_tlsa_purpose(
						    h->g->x->settings->tls_cert.n != 0),
					    .expected = str_fmt(a, "3 1 1 %.*s", STR_ARG(keys[i])),
					    .optional = true });
}

/* Names that are only known in a house: RFC 6762 3, RFC 8375, and what routers give. */
static bool is_local(struct str name)
{
	static const char *const ends[] = { ".local",     ".localdomain", ".lan",      ".home",
		                            ".home.arpa", ".internal",    ".localhost" };
	struct addr ip;

	if (str_find_byte(name, '.') < 0 || addr_parse_ip(name, &ip))
		return true;
	for (size_t i = 0; i < COUNT(ends); i++)
		if (str_ends(name, str_of(ends[i])))
			return true;
	return false;
}

static void name_judge(struct host *h)
{
	bool local = is_local(h->name);
	struct finding *f = finding_add(h->g->out, STR("hostname"), "hostname",
	                                "The name by which this server greets others");

	f->name = h->name;
	f->expected = STR("a name that the whole Internet can look up");
	f->state = local ? DNS_STATE_FAIL : DNS_STATE_OK;
	f->words = sentence_of(local ? SENTENCE_hostname_local : SENTENCE_hostname);
	if (local)
		f->advice = sentence_of(SENTENCE_hostname_local_advice);
}

void host_examine(struct examining *g)
{
	struct host h = { .g = g, .name = str_lower(g->x->a, g->x->settings->hostname) };
	struct addr ips[DNS_HOME_ALL];
	size_t n = MIN(dns_home_senders(&g->home, ips), (size_t)SENDERS_MAX);

	name_judge(&h);
	if (is_local(h.name))
		return;
	addresses_add(&h);
	names_add(&h, ips, n);
	keys_add(&h);
	authority_examine(g);
	examining_ask(g, h.name);
	lists_examine(g, ips, n, STR_EMPTY);
}
