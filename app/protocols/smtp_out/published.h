/* protocols/smtp_out/published.h: the MTA-STS policy of a domain, applied to its hops
 * (RFC 8461 3.4, 4.1). */
#ifndef SMTP_OUT_PUBLISHED_H
#define SMTP_OUT_PUBLISHED_H
#include "protocols/smtp_out/route.h"

struct arena;
struct remotes;
struct settings;
struct trust;

struct out_published {
	struct remotes *remote;      /* NULL: nothing is looked up */
	const struct settings *settings;
	const struct trust *trust;  /* roots of outgoing mail     */
};

/* Look up the policy of a domain and apply it to these hops, all of that domain: the
 * recipient's, or a smarthost's name. fixed: the route's TLS is fixed, and policies do
 * not count. Blocks for DNS and a policy host; strings in hops live in a. False: the
 * server is stopping before the policy is known: do not send. */
bool out_published_find(const struct out_published *p, struct str domain, bool fixed,
                        struct arena *a, struct out_hop *hops, size_t count);

#endif
