/* network/dns/cancellable.c: see cancellable.h. */
#include "network/dns/cancellable.h"

#include "foundation/base/clock.h"
#include "network/dns/private.h"

enum { SLICE_MS = 250 };

/* A query waits in slices: a repeated query joins the one under way (network/dns/cache.h). */
struct slices {
	struct dns *upstream;
	const atomic_bool *cancelled;
	int64_t deadline_ms, until_ms;
};

static struct slices slices_of(struct dns *d, int64_t deadline_ms)
{
	const struct dns_cancellable *g = container_of(d, struct dns_cancellable, dns);

	return (struct slices){ .upstream = g->upstream,
		                .cancelled = g->cancelled,
		                .deadline_ms = deadline_ms,
		                .until_ms = INT64_MIN };
}

/* Begin the first or the next slice? False after an answer, also a failure. */
static bool slice_next(struct slices *x, enum dns_status status)
{
	bool first = x->until_ms == INT64_MIN;
	int64_t now_ms = clock_mono_ms();

	if (atomic_load(x->cancelled) ||
	    (!first && (status != DNS_RETRY || now_ms < x->until_ms || now_ms >= x->deadline_ms)))
		return false;
	x->until_ms = MIN(now_ms + SLICE_MS, x->deadline_ms);
	return true;
}

static enum dns_status cancellable_mx(struct dns *d, struct arena *a, struct str name,
                                      int64_t deadline_ms, struct dns_mx_list *out)
{
	struct slices x = slices_of(d, deadline_ms);
	enum dns_status s = DNS_RETRY;

	while (slice_next(&x, s)) {
		*out = (struct dns_mx_list){ 0 };
		s = x.upstream->ops->mx(x.upstream, a, name, x.until_ms, out);
	}
	return s;
}

static enum dns_status cancellable_addresses(struct dns *d, struct arena *a, struct str name,
                                      unsigned families, int64_t deadline_ms,
                                      struct dns_addr_list *out)
{
	struct slices x = slices_of(d, deadline_ms);
	enum dns_status s = DNS_RETRY;

	while (slice_next(&x, s)) {
		*out = (struct dns_addr_list){ 0 };
		s = x.upstream->ops->addresses(x.upstream, a, name, families, x.until_ms, out);
	}
	return s;
}

static enum dns_status cancellable_txt(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	struct slices x = slices_of(d, deadline_ms);
	enum dns_status s = DNS_RETRY;

	while (slice_next(&x, s)) {
		*out = (struct dns_text_list){ 0 };
		s = x.upstream->ops->txt(x.upstream, a, name, x.until_ms, out);
	}
	return s;
}

static enum dns_status cancellable_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	struct slices x = slices_of(d, deadline_ms);
	enum dns_status s = DNS_RETRY;

	while (slice_next(&x, s)) {
		*out = (struct dns_text_list){ 0 };
		s = x.upstream->ops->ptr(x.upstream, a, ip, x.until_ms, out);
	}
	return s;
}

static bool cancellable_known(struct dns *d, struct str name, uint16_t type)
{
	const struct dns_cancellable *g = container_of(d, struct dns_cancellable, dns);

	return !atomic_load(g->cancelled) && g->upstream->ops->cached(g->upstream, name, type);
}

void dns_cancellable_init(struct dns_cancellable *g, struct dns *upstream,
                          const atomic_bool *cancelled)
{
	static const struct dns_ops ops = { .mx = cancellable_mx,
		                            .addresses = cancellable_addresses,
		                            .txt = cancellable_txt,
		                            .ptr = cancellable_ptr,
		                            .cached = cancellable_known };

	*g = (struct dns_cancellable){ .dns = { &ops },
		                       .upstream = upstream,
		                       .cancelled = cancelled };
}
