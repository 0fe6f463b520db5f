/* model/remote/sts.h: the MTA-STS policies of other domains: found, fetched, kept (RFC 8461).
 *
 *	no record       a policy that is kept counts until it expires
 *	the id is the one that is kept    it counts, and nothing is fetched
 *	another id, or nothing is kept    it is fetched, while the delivery waits; when that fails
 *	                                  what is kept counts on, else nothing (3.3)
 *
 * A fetch that failed is not tried again for STS_AGAIN_MS with the same id (3.3). Of several
 * deliveries that want the same policy one fetches it and the others wait. */
#ifndef REMOTE_STS_H
#define REMOTE_STS_H
#include "formats/mailauth/mta_sts.h"
#include "model/remote/remote.h"

struct txn;

enum { STS_AGAIN_MS = 5 * 60 * 1000 };

/* What went wrong when a policy was to be fetched; names as in RFC 8460 4.3.2.2. */
enum sts_trouble {
	STS_FINE,
	STS_FETCH_ERROR,    /* unreachable, too slow, not 200, too long, not text/plain */
	STS_POLICY_INVALID, /* what came is no policy                                  */
	STS_WEBPKI_INVALID, /* the certificate of the policy host is not good          */
};
/* "sts-policy-fetch-error"; static; NULL for FINE. */
const char *sts_trouble_name(enum sts_trouble trouble);

struct sts_found {
	bool known; /* else no policy is in force: policy and text are empty      */
	struct mta_sts_policy policy;
	struct str text; /* its lines, each with LF (mta_sts_text_put)                */
	enum sts_trouble trouble; /* of a fetch that was tried just now; FINE else        */
	struct why why;           /* in words, when there is trouble                      */
	bool halted; /* by remotes_halt: there is a policy, and nobody knows which: send nothing */
};

/* The policy of a domain (A-labels, any case, no last dot) that is in force now. Lives in a.
 * Blocks for DNS, and for a fetch at most LIMIT_sts_fetch_ms. Never fails: what cannot be found
 * out counts as no policy, as the RFC says, unless one is kept. Not inside a transaction. */
void sts_find(struct remotes *r, struct str domain, struct arena *a, struct sts_found *out);

/* --- what is kept ------------------------------------------------------------------------- */

struct sts_kept {
	struct str domain, id, text;
	struct mta_sts_policy policy;
	int64_t fetched_ms, used_ms; /* used_ms: by a delivery, to a day                */
};
/* When it ends, by the clock now: a clock that was ahead makes no policy everlasting. */
int64_t sts_expires_ms(const struct sts_kept *k, int64_t now_ms);

struct sts_list {
	struct sts_kept *items; /* by domain; policy.mx of each in a */
	size_t count;
	uint64_t more; /* behind them */
};
/* Those whose domain is behind after, at most max. */
enum err sts_list(struct txn *t, struct str after, size_t max, struct arena *a,
                  struct sts_list *out) MUST_USE;
/* Forget the policy of a domain: the next delivery looks for it anew. ERR_MISSING. */
enum err sts_forget(struct txn *t, struct str domain) MUST_USE;

/* Forget what has expired and what is more than LIMIT_sts_policies, those used longest ago first,
 * and see what is old and in use. The thread does this each hour. */
void sts_refresh_begin(struct remotes *r);
/* Fetch that anew, one after the other, beginning none after until_ms of clock_mono_ms. True: some
 * are left. */
bool sts_refresh_some(struct remotes *r, int64_t until_ms);
/* Both, to the end; for tests. */
void sts_refresh(struct remotes *r);

#endif
