/* report/out_dns.c: see out_dns.h. */
#include "report/out_dns.h"

#include "base/clock.h"

enum { SLICE_MS = 250 };

/* In slices: who asks again what is under way waits for the same answer (net/dns_cache.h). */
static enum dns_status sliced_txt(struct dns *d, struct arena *a, struct str name,
                                  int64_t deadline_ms, struct dns_text_list *out)
{
	struct out_dns *o = container_of(d, struct out_dns, dns);

	for (;;) {
		int64_t until_ms = MIN(clock_mono_ms() + SLICE_MS, deadline_ms);
		enum dns_status s = dns_txt(o->behind, a, name, until_ms, out);

		if (s != DNS_RETRY || clock_mono_ms() < until_ms || until_ms == deadline_ms ||
		    atomic_load(o->stop))
			return s;
	}
}

void out_dns_init(struct out_dns *o, struct dns *behind, const atomic_bool *stop)
{
	static const struct dns_ops ops = { .txt = sliced_txt };

	*o = (struct out_dns){ { &ops }, behind, stop };
}
