/* network/dns/gate.c: see gate.h. */
#include "network/dns/gate.h"

#include "foundation/base/clock.h"
#include "network/dns/private.h"

enum { SLICE_MS = 250 };

/* A question is asked in slices: who asks again what is under way waits for the same answer
 * (network/dns/cache.h). */
struct slices {
	struct dns *behind;
	const atomic_bool *closed;
	int64_t deadline_ms, until_ms;
};

static struct slices slices_of(struct dns *d, int64_t deadline_ms)
{
	const struct dns_gate *g = container_of(d, struct dns_gate, dns);

	return (struct slices){ .behind = g->behind,
		                .closed = g->closed,
		                .deadline_ms = deadline_ms,
		                .until_ms = INT64_MIN };
}

/* Is there a first one, or another? Not when an answer has come, which a failure is too. */
static bool slice_next(struct slices *x, enum dns_status status)
{
	bool first = x->until_ms == INT64_MIN;
	int64_t now_ms = clock_mono_ms();

	if (atomic_load(x->closed) ||
	    (!first && (status != DNS_RETRY || now_ms < x->until_ms || now_ms >= x->deadline_ms)))
		return false;
	x->until_ms = MIN(now_ms + SLICE_MS, x->deadline_ms);
	return true;
}

static enum dns_status gate_mx(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                               struct dns_mx_list *out)
{
	struct slices x = slices_of(d, deadline_ms);
	enum dns_status s = DNS_RETRY;

	while (slice_next(&x, s)) {
		*out = (struct dns_mx_list){ 0 };
		s = x.behind->ops->mx(x.behind, a, name, x.until_ms, out);
	}
	return s;
}

static enum dns_status gate_addresses(struct dns *d, struct arena *a, struct str name,
                                      unsigned families, int64_t deadline_ms,
                                      struct dns_addr_list *out)
{
	struct slices x = slices_of(d, deadline_ms);
	enum dns_status s = DNS_RETRY;

	while (slice_next(&x, s)) {
		*out = (struct dns_addr_list){ 0 };
		s = x.behind->ops->addresses(x.behind, a, name, families, x.until_ms, out);
	}
	return s;
}

static enum dns_status gate_txt(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	struct slices x = slices_of(d, deadline_ms);
	enum dns_status s = DNS_RETRY;

	while (slice_next(&x, s)) {
		*out = (struct dns_text_list){ 0 };
		s = x.behind->ops->txt(x.behind, a, name, x.until_ms, out);
	}
	return s;
}

static enum dns_status gate_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	struct slices x = slices_of(d, deadline_ms);
	enum dns_status s = DNS_RETRY;

	while (slice_next(&x, s)) {
		*out = (struct dns_text_list){ 0 };
		s = x.behind->ops->ptr(x.behind, a, ip, x.until_ms, out);
	}
	return s;
}

static bool gate_known(struct dns *d, struct str name, uint16_t type)
{
	const struct dns_gate *g = container_of(d, struct dns_gate, dns);

	return !atomic_load(g->closed) && g->behind->ops->known(g->behind, name, type);
}

void dns_gate_init(struct dns_gate *g, struct dns *behind, const atomic_bool *closed)
{
	static const struct dns_ops ops = { .mx = gate_mx,
		                            .addresses = gate_addresses,
		                            .txt = gate_txt,
		                            .ptr = gate_ptr,
		                            .known = gate_known };

	*g = (struct dns_gate){ .dns = { &ops }, .behind = behind, .closed = closed };
}
