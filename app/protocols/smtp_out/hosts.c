/* protocols/smtp_out/hosts.c: see hosts.h. */
#include "protocols/smtp_out/hosts.h"

#include <string.h>

void out_hosts_begin(struct out_hosts *h)
{
	memset(h->used, 0, sizeof h->used);
	memset(h->asked, 0, sizeof h->asked);
}

void out_hosts_use(struct out_hosts *h, const struct out_session *s)
{
	for (size_t i = 0; i < s->route->count; i++)
		if (out_hop_same_host(&s->route->hops[i], s->hop))
			h->used[i] = true;
}

void out_hosts_next(struct out_hosts *h)
{
	for (size_t i = 0; i < OUT_HOPS_MAX; i++) {
		h->asked[i] = h->asked[i] || h->used[i];
		h->used[i] = false;
	}
}

bool out_hosts_any_asked(const struct out_hosts *h)
{
	for (size_t i = 0; i < OUT_HOPS_MAX; i++)
		if (h->asked[i])
			return true;
	return false;
}

bool out_hosts_left(const struct out_hosts *h, const struct out_route *route,
                    enum out_tls_need need)
{
	for (size_t i = 0; i < route->count; i++)
		if (!h->shut[need][i] && !h->used[i] && !h->asked[i])
			return true;
	return false;
}

enum err out_hosts_open(struct out_hosts *h, struct out_session *s, const struct out_route *route,
                        enum out_tls_need need)
{
	bool passed[OUT_HOPS_MAX];
	enum err e;

	for (size_t i = 0; i < OUT_HOPS_MAX; i++)
		passed[i] = h->shut[need][i] || h->asked[i];
	e = out_session_open(s, route, need, passed);
	for (size_t i = 0; i < OUT_HOPS_MAX; i++)
		h->shut[need][i] = passed[i] && !h->asked[i];
	return e;
}
