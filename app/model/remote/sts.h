/* model/remote/sts.h: MTA-STS policies of remote domains: looked up, fetched, cached (RFC 8461).
 *
 *	no record           a cached policy applies until it expires
 *	the cached id       the cached policy applies, and nothing is fetched
 *	another id, or no   the policy is fetched while the delivery waits; if that fails, the
 *	cached policy       cached one still applies, if any (3.3)
 *
 * A failed fetch is not repeated for STS_AGAIN_MS with the same id (3.3). If several deliveries
 * need the same policy, one fetches it and the others wait. */
#ifndef REMOTE_STS_H
#define REMOTE_STS_H
#include "formats/mailauth/mta_sts.h"
#include "model/remote/remote.h"

struct txn;

enum { STS_AGAIN_MS = 5 * 60 * 1000 };

/* The error of a fetch; names as in RFC 8460 4.3.2.2. */
enum sts_trouble {
	STS_FINE,
	STS_FETCH_ERROR,    /* unreachable, too slow, not 200, too long, not text/plain */
	STS_POLICY_INVALID, /* the response is not a valid policy */
	STS_WEBPKI_INVALID, /* the certificate of the policy host is invalid */
};
/* "sts-policy-fetch-error"; static; NULL for FINE. */
const char *sts_trouble_name(enum sts_trouble trouble);

struct sts_found {
	bool known; /* else no policy applies: policy and text are empty */
	struct mta_sts_policy policy;
	struct str text; /* its lines, each with LF (mta_sts_text_put)                */
	enum sts_trouble trouble; /* of a fetch in this call; otherwise FINE */
	struct why why;           /* for people, with trouble */
	bool halted; /* by remotes_halt: a policy exists but is unknown: do not deliver */
};

/* The present policy of a domain (A-labels, any case, no final dot). Lives in a. Blocks for DNS,
 * and for a fetch at most LIMIT_sts_fetch_ms. Never fails: an unavailable policy counts as no
 * policy, as in the RFC, unless one is cached. Not inside a transaction. */
void sts_find(struct remotes *r, struct str domain, struct arena *a, struct sts_found *out);

/* --- the cache --------------------------------------------------------------------------- */

struct sts_kept {
	struct str domain, id, text;
	struct mta_sts_policy policy;
	int64_t fetched_ms, used_ms; /* used_ms: last use by a delivery, to the day */
};
/* Its expiry, limited by the present time, in case the clock was ahead when it was fetched. */
int64_t sts_expires_ms(const struct sts_kept *k, int64_t now_ms);

struct sts_list {
	struct sts_kept *items; /* by domain; policy.mx of each in a */
	size_t count;
	uint64_t more; /* number of further ones */
};
/* Policies of domains after `after`, at most max. */
enum err sts_list(struct txn *t, struct str after, size_t max, struct arena *a,
                  struct sts_list *out) MUST_USE;
/* Remove the cached policy of a domain; the next delivery fetches it. ERR_MISSING. */
enum err sts_forget(struct txn *t, struct str domain) MUST_USE;

/* Remove expired policies and those beyond LIMIT_sts_policies, least recently used first, and list
 * the used ones that must be renewed. The thread calls it each hour. */
void sts_refresh_begin(struct remotes *r);
/* Renew listed policies, one after the other, starting none after until_ms of clock_mono_ms. True:
 * some are left. */
bool sts_refresh_some(struct remotes *r, int64_t until_ms);
/* Both, to the end; for tests. */
void sts_refresh(struct remotes *r);

#endif
