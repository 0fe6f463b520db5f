/* operations/doctor/examine/examine_home.c: where this server is, by the zone's own
 * servers: those that a house asks may answer with addresses of the house, and no others
 * may be set; see examine.h. */
#include "operations/doctor/examine/examining.h"

static bool known(const struct dns_home *h, const struct addr *ip)
{
	for (size_t i = 0; i < h->all_count; i++)
		if (addr_eq_ip(&h->all[i], ip))
			return true;
	return false;
}

static void answer_take(struct dns_home *h, const struct dns_direct *q)
{
	for (size_t i = 0; i < q->count && h->all_count < DNS_HOME_ALL; i++) {
		struct addr ip;

		if (addr_parse_ip(q->data[i], &ip) && !addr_is_private(&ip) && !known(h, &ip))
			h->all[h->all_count++] = ip;
	}
}

/* By IPv6 routers change no addresses, so the machine knows its own. */
void home_examine(struct examining *g)
{
	const struct asked_zone *z = asked_zone_of(&g->asked, g->home.hostname);
	struct dns_direct *q;
	size_t n = 0;

	if (!g->home.inside || z == NULL)
		return;
	q = arena_array(g->x->a, struct dns_direct, z->count);
	for (size_t i = 0; i < z->count; i++)
		if (z->servers[i].dumb == NULL)
			q[n++] = (struct dns_direct){ .server = z->servers[i].at,
				                      .name = g->home.hostname,
				                      .type = RR_A };
	dns_direct_ask(q, n, g->asked.deadline_ms, g->x->stop, g->x->a);
	for (size_t i = 0; i < n; i++)
		answer_take(&g->home, &q[i]);
}
