/* net/dns_gate.c: see dns_gate.h. */
#include "net/dns_gate.h"
#include "net/dns_private.h"

/* What is behind it; NULL: it is closed. */
static struct dns *enter(struct dns *d)
{
	const struct dns_gate *g = container_of(d, struct dns_gate, dns);

	return atomic_load(g->closed) ? NULL : g->behind;
}

static enum dns_status gate_mx(struct dns *d, struct arena *a, struct str name, int64_t deadline_ms,
                               struct dns_mx_list *out)
{
	struct dns *to = enter(d);

	return to != NULL ? to->ops->mx(to, a, name, deadline_ms, out) : DNS_RETRY;
}

static enum dns_status gate_addresses(struct dns *d, struct arena *a, struct str name,
                                      unsigned families, int64_t deadline_ms,
                                      struct dns_addr_list *out)
{
	struct dns *to = enter(d);

	return to != NULL ? to->ops->addresses(to, a, name, families, deadline_ms, out) : DNS_RETRY;
}

static enum dns_status gate_txt(struct dns *d, struct arena *a, struct str name,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	struct dns *to = enter(d);

	return to != NULL ? to->ops->txt(to, a, name, deadline_ms, out) : DNS_RETRY;
}

static enum dns_status gate_ptr(struct dns *d, struct arena *a, const struct addr *ip,
                                int64_t deadline_ms, struct dns_text_list *out)
{
	struct dns *to = enter(d);

	return to != NULL ? to->ops->ptr(to, a, ip, deadline_ms, out) : DNS_RETRY;
}

static bool gate_known(struct dns *d, struct str name, uint16_t type)
{
	struct dns *to = enter(d);

	return to != NULL && to->ops->known(to, name, type);
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
