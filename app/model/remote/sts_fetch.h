/* model/remote/sts_fetch.h: fetching a policy from its HTTPS server (RFC 8461 3.3). */
#ifndef REMOTE_STS_FETCH_H
#define REMOTE_STS_FETCH_H
#include "model/remote/sts.h"

#include <stdatomic.h>

struct settings;

struct sts_answer {
	enum sts_trouble trouble;
	bool silent;                  /* with STS_FETCH_ERROR: no server answered */
	struct why why;               /* with trouble                                 */
	struct mta_sts_policy policy; /* without trouble; lives with text in a */
	struct str text;              /* mta_sts_text_put of it                       */
};

/* GET https://mta-sts.DOMAIN/.well-known/mta-sts.txt: no redirect, 200 and text/plain only, at
 * most LIMIT_sts_policy bytes, within LIMIT_sts_fetch_ms. */
void sts_fetch(struct remotes *r, struct str domain, struct arena *a, struct sts_answer *out);

/* The same with these settings, for checks: nothing is cached. stop as httpc_config.stop. */
void sts_fetch_now(const struct settings *s, const atomic_bool *stop, struct str domain,
                   struct arena *a, struct sts_answer *out);

/* Pure: evaluate a response. type: Content-Type. */
void sts_answer_read(unsigned status, struct str type, struct str body, struct arena *a,
                     struct sts_answer *out);

/* Pure: is it a name that can have a policy? No address, no special bytes. */
bool sts_domain_check(struct str domain);

#endif
