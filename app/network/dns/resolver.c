/* network/dns/resolver.c: see resolver.h. */
#include "network/dns/resolver.h"

static struct dns_question *resolver_send(struct resolver *r, struct str name,
                                          ares_dns_rec_type_t type, enum dns_use use, bool judged)
{
	bool ours;
	struct dns_question *q = dns_cache_ask(r->cache, name, (uint16_t)type, use, &ours);

	if (!ours)
		return q;
	pthread_rwlock_rdlock(&r->lock);
	dns_question_send(q, r->channel, name, type, judged);
	pthread_rwlock_unlock(&r->lock);
	return q;
}

struct dns_question *resolver_ask(const struct dns_view *d, struct str name,
                                  ares_dns_rec_type_t type)
{
	return resolver_send(d->of, name, type, d->use, dns_secure_validates(d->of->secure));
}

void dns_lookup_deinit(struct dns_lookup *l)
{
	ares_dns_record_destroy(l->answer);
	l->answer = NULL;
	l->records.count = 0;
}

/* --- further queries of the validator
 * ----------------------------------------------------------- */

struct further {
	struct dns_asker dns;
	struct resolver *resolver;
};

static bool further_ask(struct dnssec_asker *k, struct str name, uint16_t type, struct arena *a,
                        struct str *answer)
{
	struct further *f = container_of(k, struct further, dns.asker);
	struct dns_question *q =
		resolver_send(f->resolver, dname_text(name, a), type, DNS_USE_PASSING, true);
	struct str bytes;
	bool outcome = dns_question_await(q, f->dns.deadline_ms, &bytes) != DNS_RETRY;

	*answer = str_dup(a, bytes);
	dns_question_unref(q);
	return outcome;
}

/* --- one query ------------------------------------------------------------------------ */

/* Evaluate an answer, from a name server or the cache. */
static void resolver_evaluate(struct resolver *r, const struct dns_question *q,
                              const struct dns_asked *asked, struct arena *a, struct buf *steps,
                              struct dns_lookup *out)
{
	struct further further = { { { further_ask }, asked->deadline_ms }, r };
	const unsigned char *p = (const unsigned char *)asked->bytes.p;

	if (ares_dns_parse(p, asked->bytes.n, 0, &out->answer) != ARES_SUCCESS)
		return;
	/* The steps of validation exist only if it runs. */
	if (steps == NULL &&
	    dns_cache_secured_get(r->cache, q, asked->name, asked->type, a, &out->secured))
		return;
	dns_secure_validate(r->secure, &further.dns, asked, a, steps, &out->secured);
	if (!out->secured.unpaid)
		dns_cache_secured_put(r->cache, q, asked->name, asked->type, &out->secured);
}

void resolver_validate(const struct dns_view *d, struct dns_question *q, struct arena *a,
                    struct str name, uint16_t type, int64_t deadline_ms, struct buf *steps,
                    struct dns_lookup *out)
{
	struct dns_asked asked = { .name = name, .type = type, .deadline_ms = deadline_ms };

	*out = (struct dns_lookup){ .answer = NULL };
	out->secured = (struct dns_secured){ .status = DNS_RETRY, .verdict = DNSSEC_INDETERMINATE };
	asked.status = dns_question_await(q, deadline_ms, &asked.bytes);
	if (asked.status == DNS_RETRY && d->use == DNS_USE_KEPT) {
		struct dns_question *stale = dns_cache_stale(d->of->cache, name, type);

		if (stale != NULL) {
			dns_question_unref(q);
			q = stale;
			asked.status = dns_question_await(q, deadline_ms, &asked.bytes);
		}
	}
	if (asked.status != DNS_RETRY)
		resolver_evaluate(d->of, q, &asked, a, steps, out);
	dns_question_unref(q);
}

/* Take exactly the records at the name that was validated. */
static enum dns_status resolver_records_take(struct str name, ares_dns_rec_type_t type,
                                             struct arena *a, struct dns_lookup *out)
{
	enum dns_status s = dns_records_find(out->answer, name, type, a, &out->records);

	if (out->secured.authenticated &&
	    (s != out->secured.status || !dns_name_same(out->records.name, out->secured.name))) {
		out->records.count = 0;
		return DNS_RETRY;
	}
	return s;
}

enum dns_status resolver_take(const struct dns_view *d, struct dns_question *q, struct arena *a,
                              struct str name, ares_dns_rec_type_t type, int64_t deadline_ms,
                              struct dns_lookup *out)
{
	struct dns_secured *secured = &out->secured;

	resolver_validate(d, q, a, name, (uint16_t)type, deadline_ms, NULL, out);
	if (secured->status == DNS_OK)
		secured->status = resolver_records_take(name, type, a, out);
	if (secured->status == DNS_RETRY)
		secured->authenticated = false;
	return secured->status;
}

enum dns_status resolver_lookup(const struct dns_view *d, struct arena *a, struct str name,
                              ares_dns_rec_type_t type, int64_t deadline_ms,
                              struct dns_lookup *out)
{
	return resolver_take(d, resolver_ask(d, name, type), a, name, type, deadline_ms, out);
}
