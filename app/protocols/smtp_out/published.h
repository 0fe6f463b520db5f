/* protocols/smtp_out/published.h: what a domain publishes of the TLS of its servers, put to its
 * hops: the policy of MTA-STS (RFC 8461 3.4, 4.1). */
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

/* Look the policy of a domain up and put it to these hops, which are all of that domain: the
 * recipient's, or a smarthost's name. fixed: the route is, and no policy counts. Blocks for DNS and
 * for a policy host; strings in hops live in a.
 * False: the server is stopping, and it is not known what may be sent there. */
bool out_published_find(const struct out_published *p, struct str domain, bool fixed,
                        struct arena *a, struct out_hop *hops, size_t count);

#endif
