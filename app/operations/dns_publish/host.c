/* operations/dns_publish/host.c: see host.h. */
#include "operations/dns_publish/host.h"

#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "model/store/store.h"
#include "network/tls/cert.h"
#include "operations/acme/acme.h"
#include "operations/dns_publish/publish_run.h"
#include "operations/doctor/own/own_tlsa.h"

struct loading {
	struct arena *a;
	struct str hostname;
	struct str next[ACME_NEXT_KEYS];
	size_t count;
	struct published_list rows;
};

static enum err load_next(struct txn *t, void *arg)
{
	struct loading *l = arg;

	return acme_next_keys(t, l->hostname, l->a, l->next, &l->count);
}

void host_do(struct round *r, struct certs *certs)
{
	struct arena a = { 0 };
	struct loading l = { .a = &a, .hostname = r->settings->hostname };
	struct host_keys keys = { .next = l.next };
	struct wanted_records wanted;

	if (store_read(r->store, load_next, &l) != OK)
		goto out;
	keys.certified = certs_vouched(certs, r->settings->hostname, true);
	keys.next_count = l.count;
	keys.shown_count = own_tlsa_keys(certs, r->settings->hostname, &a, &keys.shown);
	publish_wanted_host(&keys, r->settings, &a, &wanted);
	/* A stale TLSA record would block incoming mail: keep updating it. */
	r->zone.kinds |= BIT(PUBLISH_TLSA);
	if (records_apply(&r->zone, STR_EMPTY, &wanted, &a) != OK)
		r->zone.failed = true;
out:
	arena_deinit(&a);
}

static enum err load_rows(struct txn *t, void *arg)
{
	struct loading *l = arg;

	return published_of(t, STR_EMPTY, l->a, &l->rows);
}

/* Also a row of a record by others. */
static const struct published *row_of(const struct published_list *rows, struct str data)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct published *p = &rows->items[i];

		if (p->kind == PUBLISH_TLSA && str_eq(p->data, data) &&
		    (p->state == PUBLISHED_THERE || p->state == PUBLISHED_FOREIGN))
			return p;
	}
	return NULL;
}

/* The row may be outdated: check DNS, since a certificate with an unknown key would block
 * incoming mail. */
bool host_key_is_known(struct store *store, const struct sight_config *dns, struct str spki)
{
	int64_t known_ms = record_known_ms((uint32_t)dns->settings->dns_publish_ttl_s);
	struct arena a = { 0 };
	struct loading l = { .a = &a };
	const struct published *p = NULL;
	struct sight s;
	bool known = false;

	if (spki.n == 0 || store_read(store, load_rows, &l) != OK)
		goto out;
	p = row_of(&l.rows, publish_tlsa(tlsa_digest(spki, &a), &a));
	if (p == NULL || p->there_ms < known_ms)
		goto out;
	s = (struct sight){ .name = p->name, .type = p->type };
	sights_take(dns, &s, 1, &a);
	known = s.answered != 0 && sight_has(&s, p->data);
out:
	arena_deinit(&a);
	return known;
}

enum err host_tells(struct txn *t, bool *tells)
{
	struct arena a = { 0 };
	struct published_list rows;
	enum err e = published_of(t, STR_EMPTY, &a, &rows);

	*tells = false;
	for (size_t i = 0; e == OK && i < rows.count; i++)
		*tells = *tells || (rows.items[i].kind == PUBLISH_TLSA &&
		                    rows.items[i].state == PUBLISHED_THERE);
	arena_deinit(&a);
	return e;
}
