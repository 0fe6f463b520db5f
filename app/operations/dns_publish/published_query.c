/* operations/dns_publish/published_query.c: see published_query.h. */
#include "operations/dns_publish/published_query.h"

#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "network/dns/dns.h"
#include "operations/doctor/name_servers.h"

#include <string.h>

enum { TAKE_MS = 10000, DNS_MS = 3000, DNS_PORT = 53, ITEMS_MAX = 64 };

/* RFC 2308 5: the absence of a record should not be cached longer than a day. */
static const int64_t denied_max_ms = INT64_C(86400000);

/* Names and hexadecimal digits compare without case, texts with case. */
static struct sighted *item_find(const struct sight *s, struct str data)
{
	bool exact = strcmp(s->type, "TXT") == 0;

	for (size_t i = 0; i < s->count; i++)
		if (exact ? str_eq(s->items[i].data, data) : str_eqi(s->items[i].data, data))
			return &s->items[i];
	return NULL;
}

bool sight_has(const struct sight *s, struct str data)
{
	const struct sighted *item = item_find(s, data);

	return item != NULL && item->by == s->answered;
}

bool sight_lacks(const struct sight *s, struct str data)
{
	return s->answered != 0 && item_find(s, data) == NULL;
}

/* --- one answer ---------------------------------------------------------------------------- */

static void answer_add(struct sight *s, const struct str *data, size_t count, struct arena *a)
{
	s->answered++;
	if (s->items == NULL)
		s->items = arena_array(a, struct sighted, ITEMS_MAX);
	for (size_t i = 0; i < count; i++) {
		struct sighted *item = item_find(s, data[i]);

		if (item != NULL)
			item->by++;
		else if (s->count < ITEMS_MAX)
			s->items[s->count++] = (struct sighted){ data[i], 1 };
	}
}

/* The last of the seven fields of a SOA record, and the record's TTL (RFC 2308 5). */
static int64_t denied_ms(const struct dns_direct *soa)
{
	ptrdiff_t blank = soa->count != 0 ? str_rfind_byte(soa->data[0], ' ') : -1;
	struct cur c;
	uint32_t minimum;

	if (blank < 0)
		return 0;
	c = cur_of(str_sub(soa->data[0], (size_t)blank + 1, soa->data[0].n));
	if (!cur_u32(&c, &minimum))
		return 0;
	return MIN((int64_t)MIN(minimum, soa->ttl_s) * 1000, denied_max_ms);
}

static enum dns_status addresses_ask(const struct sight_config *c, const struct sight *s,
                                     unsigned family, int64_t deadline_ms, struct arena *a,
                                     struct dns_text_list *out)
{
	struct dns_addr_list list;
	enum dns_status status = dns_addresses(c->dns, a, s->name, family, deadline_ms, &list);
	char room[ADDR_TEXT_MAX];

	out->items = arena_array(a, struct str, list.count);
	for (; out->count < list.count; out->count++)
		out->items[out->count] = str_dup(a, addr_text(&list.items[out->count], room));
	return status;
}

static void resolver_ask(const struct sight_config *c, struct sight *s, struct arena *a)
{
	int64_t deadline_ms = clock_mono_ms() + DNS_MS;
	struct dns_text_list list = { 0 };
	enum dns_status status;

	if (strcmp(s->type, "TXT") == 0)
		status = dns_txt(c->dns, a, s->name, deadline_ms, &list);
	else if (strcmp(s->type, "A") == 0 || strcmp(s->type, "AAAA") == 0)
		status = addresses_ask(c, s, s->type[1] == '\0' ? DNS_V4 : DNS_V6, deadline_ms, a,
		                       &list);
	else
		status = dns_records(c->dns, a, s->name,
		                     strcmp(s->type, "CNAME") == 0 ? DNS_CNAME : DNS_TLSA,
		                     deadline_ms, &list);
	if (status == DNS_OK || dns_missing(status))
		answer_add(s, list.items, list.count, a);
}

/* --- all answers --------------------------------------------------------------------------- */

/* The queries for one name. Servers that cannot be queried clear all. */
static size_t questions_put(const struct asked *x, struct sight *s, struct dns_direct *q)
{
	const struct asked_zone *z = asked_zone_of(x, s->name);
	size_t n = 0;

	s->items = NULL;
	s->count = s->answered = 0;
	s->denied_ms = 0;
	s->all = z != NULL && z->count != 0;
	for (size_t i = 0; z != NULL && i < z->count; i++) {
		const struct asked_server *server = &z->servers[i];

		if (server->dumb != NULL) {
			s->all = false;
			continue;
		}
		s->denied_ms = MAX(s->denied_ms, denied_ms(&server->probe));
		q[n] = (struct dns_direct){ .server = server->at, .name = s->name };
		if (rr_type_parse(str_of(s->type), &q[n].type))
			n++;
	}
	return n;
}

static void answers_take(struct sight *s, const struct dns_direct *q, size_t n, struct arena *a)
{
	for (size_t i = 0; i < n; i++)
		if (q[i].status == DNS_RETRY)
			s->all = false;
		else
			answer_add(s, q[i].data, q[i].count, a);
}

static void zones_ask(struct asked *x, struct sight *sights, size_t n)
{
	struct dns_direct *q = arena_array(x->a, struct dns_direct, n * LIMIT_doctor_authorities);
	size_t *counts = arena_array(x->a, size_t, n), at = 0;

	for (size_t i = 0; i < n; i++)
		at += counts[i] = questions_put(x, &sights[i], q + at);
	dns_direct_ask(q, at, x->deadline_ms, x->stop, x->a);
	at = 0;
	for (size_t i = 0; i < n; at += counts[i++])
		answers_take(&sights[i], q + at, counts[i], x->a);
}

void sights_take(const struct sight_config *config, struct sight *sights, size_t n, struct arena *a)
{
	struct asked x = { .deadline_ms = clock_mono_ms() + TAKE_MS,
		           .stop = config->stop,
		           .a = a,
		           .port = DNS_PORT };
	struct str *names = arena_array(a, struct str, n);

	for (size_t i = 0; i < n; i++)
		names[i] = sights[i].name;
	asked_resolvers(&x, config->settings);
	x.resolver_count = x.own_count; /* any resolver can find the zone */
	asked_find(&x, names, n);
	zones_ask(&x, sights, n);
	for (size_t i = 0; i < n && (config->stop == NULL || !atomic_load(config->stop)); i++)
		if (sights[i].answered == 0)
			resolver_ask(config, &sights[i], a);
}
