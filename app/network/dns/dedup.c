/* network/dns/dedup.c: see dedup.h. */
#include "network/dns/dedup.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "network/dns/private.h"

/* The query: for addresses of these families, for PTR of an address. */
struct question {
	struct str name;
	uint16_t type;
	unsigned families;
	const struct addr *ip;
	int64_t deadline_ms;
};

struct dns_dedup_answer {
	struct list link;
	struct arena arena;
	struct str name;
	uint16_t type;
	unsigned families;
	bool arrived;
	enum dns_status status;
	struct dns_text_list texts; /* of TXT and PTR */
	struct dns_addr_list addresses;
	struct dns_mx_list mx;
};

/* --- stored answers; with the lock held ------------------------------------------------------- */

static struct dns_dedup_answer *dedup_find(struct dns_dedup *o, const struct question *q)
{
	list_each(it, &o->answers)
	{
		struct dns_dedup_answer *x = container_of(it, struct dns_dedup_answer, link);

		if (x->type == q->type && x->families == q->families && str_eqi(x->name, q->name))
			return x;
	}
	return NULL;
}

/* The answer, if it arrives by the deadline; one still under way after that; NULL: not queried yet.
 * It may be removed while we wait. */
static struct dns_dedup_answer *dedup_await(struct dns_dedup *o, const struct question *q)
{
	struct dns_dedup_answer *x = dedup_find(o, q);
	bool time = true;

	while (x != NULL && !x->arrived && time) {
		time = cond_wait_until(&o->arrived, &o->lock, q->deadline_ms);
		x = dedup_find(o, q);
	}
	return x;
}

static struct dns_dedup_answer *answer_new(struct dns_dedup *o, const struct question *q)
{
	struct dns_dedup_answer *x = NEW(struct dns_dedup_answer);

	x->name = str_dup(&x->arena, q->name);
	x->type = q->type;
	x->families = q->families;
	x->status = DNS_RETRY;
	list_push_back(&o->answers, &x->link);
	return x;
}

static void answer_drop(struct dns_dedup_answer *x)
{
	list_remove(&x->link);
	arena_deinit(&x->arena);
	mem_free(x);
}

/* --- querying ------------------------------------------------------------------------------- */

static enum dns_status dedup_query(struct dns *d, const struct question *q,
                                   struct dns_dedup_answer *x)
{
	switch (q->type) {
	case DNS_TYPE_A:
		return d->ops->addresses(d, &x->arena, x->name, q->families, q->deadline_ms,
		                         &x->addresses);
	case DNS_TYPE_MX:
		return d->ops->mx(d, &x->arena, x->name, q->deadline_ms, &x->mx);
	case DNS_TYPE_PTR:
		return d->ops->ptr(d, &x->arena, q->ip, q->deadline_ms, &x->texts);
	default:
		return d->ops->txt(d, &x->arena, x->name, q->deadline_ms, &x->texts);
	}
}

/* Wake all waiting threads. */
static struct dns_dedup_answer *ask_anew(struct dns_dedup *o, const struct question *q)
{
	struct dns_dedup_answer *x = answer_new(o, q);
	enum dns_status status;

	pthread_mutex_unlock(&o->lock);
	status = dedup_query(o->upstream, q, x);
	pthread_mutex_lock(&o->lock);
	x->status = status;
	x->arrived = true;
	pthread_cond_broadcast(&o->arrived);
	return x;
}

static struct dns_trouble trouble_dup(struct arena *a, const struct dns_trouble *t)
{
	return (struct dns_trouble){ str_dup(a, t->text), t->bogus };
}

static struct dns_text_list texts_dup(struct arena *a, const struct dns_text_list *from)
{
	struct dns_text_list to = *from;

	to.items = arena_array(a, struct str, to.count);
	for (size_t i = 0; i < to.count; i++)
		to.items[i] = str_dup(a, from->items[i]);
	to.trouble = trouble_dup(a, &from->trouble);
	return to;
}

static struct dns_addr_list addresses_dup(struct arena *a, const struct dns_addr_list *from)
{
	struct dns_addr_list to = *from;

	to.items = arena_array(a, struct addr, to.count);
	for (size_t i = 0; i < to.count; i++)
		to.items[i] = from->items[i];
	to.trouble = trouble_dup(a, &from->trouble);
	to.canonical = str_dup(a, from->canonical);
	return to;
}

static struct dns_mx_list mx_dup(struct arena *a, const struct dns_mx_list *from)
{
	struct dns_mx_list to = *from;

	to.items = arena_array(a, struct dns_mx, to.count);
	for (size_t i = 0; i < to.count; i++) {
		to.items[i].preference = from->items[i].preference;
		to.items[i].host = str_dup(a, from->items[i].host);
	}
	to.trouble = trouble_dup(a, &from->trouble);
	to.canonical = str_dup(a, from->canonical);
	return to;
}

/* Copy the list of its type to the non-NULL parameter. */
static enum dns_status once(struct dns *d, const struct question *q, struct arena *a,
                            struct dns_text_list *texts, struct dns_addr_list *addresses,
                            struct dns_mx_list *mx)
{
	struct dns_dedup *o = container_of(d, struct dns_dedup, dns);
	enum dns_status status = DNS_RETRY;
	struct dns_dedup_answer *x;
	bool ours, fair = true;

	pthread_mutex_lock(&o->lock);
	x = dedup_await(o, q);
	ours = x == NULL;
	if (ours) {
		fair = q->deadline_ms - clock_mono_ms() >= o->fair_ms;
		x = ask_anew(o, q);
	}
	if (x->arrived) {
		status = x->status;
		if (texts != NULL)
			*texts = texts_dup(a, &x->texts);
		if (addresses != NULL)
			*addresses = addresses_dup(a, &x->addresses);
		if (mx != NULL)
			*mx = mx_dup(a, &x->mx);
	}
	if (ours && status == DNS_RETRY && !fair)
		answer_drop(x);
	pthread_mutex_unlock(&o->lock);
	return status;
}

/* --- the operations ------------------------------------------------------------------------- */

static enum dns_status dedup_mx(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_mx_list *out)
{
	const struct question q = { name, DNS_TYPE_MX, 0, NULL, deadline_ms };

	return once(d, &q, a, NULL, NULL, out);
}

static enum dns_status dedup_addresses(struct dns *d, struct arena *a, struct str name,
                                      unsigned families, int64_t deadline_ms,
                                      struct dns_addr_list *out)
{
	const struct question q = { name, DNS_TYPE_A, families, NULL, deadline_ms };

	return once(d, &q, a, NULL, out, NULL);
}

static enum dns_status dedup_txt(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	const struct question q = { name, DNS_TYPE_TXT, 0, NULL, deadline_ms };

	return once(d, &q, a, out, NULL, NULL);
}

static enum dns_status dedup_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	const struct question q = { dns_reverse_name(a, ip), DNS_TYPE_PTR, 0, ip, deadline_ms };

	return once(d, &q, a, out, NULL, NULL);
}

/* For addresses: of one family, as callers without time query them. */
static bool dedup_known(struct dns *d, struct str name, uint16_t type)
{
	struct dns_dedup *o = container_of(d, struct dns_dedup, dns);
	struct question q = { .name = name, .type = type };
	const struct dns_dedup_answer *x;
	bool arrived;

	if (type == DNS_TYPE_A || type == DNS_TYPE_AAAA) {
		q.type = DNS_TYPE_A;
		q.families = type == DNS_TYPE_A ? DNS_V4 : DNS_V6;
	}
	pthread_mutex_lock(&o->lock);
	x = dedup_find(o, &q);
	arrived = x != NULL && x->arrived;
	pthread_mutex_unlock(&o->lock);
	return arrived || (x == NULL && o->upstream->ops->cached(o->upstream, name, type));
}

void dns_dedup_init(struct dns_dedup *o, struct dns *upstream, int64_t fair_ms)
{
	static const struct dns_ops ops = { .mx = dedup_mx,
		                            .addresses = dedup_addresses,
		                            .txt = dedup_txt,
		                            .ptr = dedup_ptr,
		                            .cached = dedup_known };

	*o = (struct dns_dedup){ .dns = { &ops }, .upstream = upstream, .fair_ms = fair_ms };
	pthread_mutex_init(&o->lock, NULL);
	cond_init(&o->arrived);
	list_init(&o->answers);
}

void dns_dedup_deinit(struct dns_dedup *o)
{
	list_each_safe(it, &o->answers)
		answer_drop(container_of(it, struct dns_dedup_answer, link));
	pthread_cond_destroy(&o->arrived);
	pthread_mutex_destroy(&o->lock);
}
