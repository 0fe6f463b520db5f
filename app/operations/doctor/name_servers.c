/* operations/doctor/name_servers.c: see name_servers.h. */
#include "operations/doctor/name_servers.h"

#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "operations/doctor/doctor_private.h"

enum { STEP_MS = 6000, NAMES_MAX = 400, LABELS_MAX = 40 };

static int64_t step_end(const struct asked *x)
{
	return MIN(x->deadline_ms, clock_mono_ms() + STEP_MS);
}

/* --- resolvers ------------------------------------------------------------------------------ */

static bool known(const struct asked *x, const struct addr *at)
{
	for (size_t i = 0; i < x->resolver_count; i++)
		if (addr_eq(&x->resolvers[i].at, at))
			return true;
	return false;
}

static void resolvers_add(struct asked *x, const struct addr_list *list)
{
	for (size_t i = 0; i < list->count && x->resolver_count < LIMIT_doctor_resolvers; i++) {
		const struct addr *at = &list->items[i];
		char text[ADDR_TEXT_MAX];

		if (known(x, at))
			continue;
		x->resolvers[x->resolver_count++] = (struct asked_server){
			.of = VIEW_RESOLVER,
			.by = str_dup(x->a, at->port == 53 ? addr_ip_text(at, text)
			                                   : addr_text(at, text)),
			.at = *at,
		};
	}
}

void asked_resolvers(struct asked *x, const struct settings *s)
{
	struct addr_list list;

	x->resolvers = arena_array(x->a, struct asked_server, LIMIT_doctor_resolvers);
	x->resolver_count = x->zone_count = 0;
	if (s->dns_servers.n == 0)
		dns_system_servers(x->a, &list);
	else if (addr_list_parse(x->a, s->dns_servers, 53, &list, NULL) != OK)
		list.count = 0;
	resolvers_add(x, &list);
	x->own_count = x->resolver_count;
	if (addr_list_parse(x->a, s->doctor_resolvers, 53, &list, NULL) == OK)
		resolvers_add(x, &list);
}

static const char *dumb_resolver(const struct dns_direct *probe)
{
	return probe->status == DNS_RETRY ? probe->why : NULL;
}

static void resolvers_probe(struct asked *x, struct str name)
{
	struct dns_direct *q = arena_array(x->a, struct dns_direct, x->resolver_count);

	for (size_t i = 0; i < x->resolver_count; i++)
		q[i] = (struct dns_direct){
			.server = x->resolvers[i].at, .name = name, .type = RR_SOA, .recurse = true
		};
	dns_direct_ask(q, x->resolver_count, step_end(x), x->stop, x->a);
	for (size_t i = 0; i < x->resolver_count; i++) {
		x->resolvers[i].probe = q[i];
		x->resolvers[i].dumb = dumb_resolver(&q[i]);
	}
}

const struct asked_server *asked_speaker(const struct asked *x)
{
	for (size_t i = 0; i < x->resolver_count; i++)
		if (x->resolvers[i].dumb == NULL)
			return &x->resolvers[i];
	return NULL;
}

/* --- where zones begin ------------------------------------------------------------------------ */

struct questions {
	struct dns_direct *items;
	size_t count, max;
	const struct addr *server;
};

static void question_add(struct questions *q, struct str name, uint16_t type)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->items[i].type == type && str_eqi(q->items[i].name, name))
			return;
	if (q->count < q->max)
		q->items[q->count++] = (struct dns_direct){
			.server = *q->server, .name = name, .type = type, .recurse = true
		};
}

static struct questions questions_of(const struct asked *x, const struct asked_server *server,
                                     size_t max)
{
	return (struct questions){ .items = arena_array(x->a, struct dns_direct, max),
		                   .max = max,
		                   .server = &server->at };
}

/* The name and all above it but the last label: nobody's zone of ours is a top-level domain. */
static void ancestors_add(struct questions *q, struct str name)
{
	ptrdiff_t dot;

	for (int i = 0; i < LABELS_MAX && (dot = str_find_byte(name, '.')) >= 0; i++) {
		question_add(q, name, RR_NS);
		name = str_sub(name, (size_t)dot + 1, name.n);
	}
}

static bool within(struct str name, struct str apex)
{
	return name.n == apex.n ? str_eqi(name, apex)
	                        : name.n > apex.n && name.p[name.n - apex.n - 1] == '.' &&
	                                  str_eqi(str_sub(name, name.n - apex.n, name.n), apex);
}

/* Is some name in this zone and in none below it? */
static bool is_somebodys(const struct questions *q, size_t at, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool deepest = within(names[i], q->items[at].name);

		for (size_t k = 0; deepest && k < q->count; k++)
			deepest = q->items[k].status != DNS_OK || q->items[k].alias ||
			          q->items[k].name.n <= q->items[at].name.n ||
			          !within(names[i], q->items[k].name);
		if (deepest)
			return true;
	}
	return false;
}

/* --- their servers ---------------------------------------------------------------------------- */

static void server_add(struct asked *x, struct asked_zone *z, struct str host, struct str ip)
{
	struct asked_server *s = &z->servers[z->count];

	if (z->count == LIMIT_doctor_authorities)
		return;
	*s = (struct asked_server){ .of = VIEW_AUTHORITY };
	if (addr_parse_ip(ip, &s->at)) {
		s->at.port = x->port;
		s->by = str_fmt(x->a, "%.*s [%.*s]", STR_ARG(host), STR_ARG(ip));
	} else {
		s->by = host;
		s->dumb = "has no address";
	}
	z->count++;
}

/* A machine without IPv6 cannot check servers over IPv6. */
static bool is_beyond(const struct asked *x, struct str ip)
{
	struct addr at;

	if (!addr_parse_ip(ip, &at) || at.family != ADDR_V6)
		return false;
	at.port = x->port;
	return !reach_way(&at);
}

static void host_add(struct asked *x, struct asked_zone *z, struct str host,
                     const struct questions *addresses)
{
	size_t found = 0;

	for (size_t i = 0; i < addresses->count; i++) {
		const struct dns_direct *q = &addresses->items[i];

		for (size_t k = 0; str_eqi(q->name, host) && k < q->count; k++, found++)
			if (!is_beyond(x, q->data[k]))
				server_add(x, z, host, q->data[k]);
	}
	if (found == 0)
		server_add(x, z, host, STR_EMPTY);
}

static void servers_find(struct asked *x, const struct asked_server *by, const struct questions *ns,
                         const size_t *at)
{
	struct questions q = questions_of(x, by, NAMES_MAX);

	for (size_t i = 0; i < x->zone_count; i++)
		for (size_t k = 0; k < ns->items[at[i]].count; k++) {
			question_add(&q, ns->items[at[i]].data[k], RR_A);
			question_add(&q, ns->items[at[i]].data[k], RR_AAAA);
		}
	dns_direct_ask(q.items, q.count, step_end(x), x->stop, x->a);
	for (size_t i = 0; i < x->zone_count; i++) {
		struct asked_zone *z = &x->zones[i];

		z->servers = arena_array(x->a, struct asked_server, LIMIT_doctor_authorities);
		for (size_t k = 0; k < ns->items[at[i]].count; k++)
			host_add(x, z, ns->items[at[i]].data[k], &q);
	}
}

static void zones_find(struct asked *x, const struct asked_server *by, const struct str *names,
                       size_t n)
{
	struct questions q = questions_of(x, by, NAMES_MAX);
	size_t at[ASKED_ZONES];

	for (size_t i = 0; i < n; i++)
		ancestors_add(&q, names[i]);
	dns_direct_ask(q.items, q.count, step_end(x), x->stop, x->a);
	/* An alias says nothing of its own name: where it leads there may be a zone. */
	for (size_t i = 0; i < q.count && x->zone_count < ASKED_ZONES; i++)
		if (q.items[i].status == DNS_OK && !q.items[i].alias &&
		    is_somebodys(&q, i, names, n)) {
			at[x->zone_count] = i;
			x->zones[x->zone_count++] = (struct asked_zone){ .apex = q.items[i].name };
		}
	servers_find(x, by, &q, at);
}

static const char *dumb_authority(const struct dns_direct *probe)
{
	if (probe->status == DNS_RETRY && !probe->referral)
		return probe->why;
	return probe->authoritative && probe->status == DNS_OK ? NULL : "is not the zone's server";
}

static void authorities_probe(struct asked *x)
{
	struct dns_direct *q =
		arena_array(x->a, struct dns_direct, ASKED_ZONES * LIMIT_doctor_authorities);
	size_t n = 0;

	for (size_t i = 0; i < x->zone_count; i++)
		for (size_t k = 0; k < x->zones[i].count; k++)
			if (x->zones[i].servers[k].dumb == NULL)
				q[n++] = (struct dns_direct){ .server = x->zones[i].servers[k].at,
					                      .name = x->zones[i].apex,
					                      .type = RR_SOA };
	dns_direct_ask(q, n, step_end(x), x->stop, x->a);
	n = 0;
	for (size_t i = 0; i < x->zone_count; i++)
		for (size_t k = 0; k < x->zones[i].count; k++) {
			struct asked_server *s = &x->zones[i].servers[k];

			if (s->dumb != NULL)
				continue;
			s->probe = q[n++];
			s->dumb = dumb_authority(&s->probe);
		}
}

void asked_find(struct asked *x, const struct str *names, size_t n)
{
	const struct asked_server *by;

	if (n == 0)
		return;
	resolvers_probe(x, names[0]);
	by = asked_speaker(x);
	if (by == NULL)
		return;
	zones_find(x, by, names, n);
	authorities_probe(x);
}

const struct asked_zone *asked_zone_of(const struct asked *x, struct str name)
{
	const struct asked_zone *found = NULL;

	for (size_t i = 0; i < x->zone_count; i++)
		if (within(name, x->zones[i].apex) &&
		    (found == NULL || x->zones[i].apex.n > found->apex.n))
			found = &x->zones[i];
	return found;
}
