/* policy/verified.h: what was found out about who sent a message, and the field that says so to
 * everybody behind us: Authentication-Results (RFC 8601).
 *
 * Rows of the table fill it in as they are asked; whoever judges (DMARC) reads it. */
#ifndef POLICY_VERIFIED_H
#define POLICY_VERIFIED_H
#include "mailauth/arc.h"
#include "mailauth/dmarc.h"
#include "mailauth/spf.h"
#include "policy/check.h"

/* One signature; strings as the signer wrote them. */
struct policy_signature {
	enum dkim_result result;
	struct str domain, selector, identity, algorithm; /* d=, s=, i=, a= */
	struct str begins; /* b=             */
	struct str why;    /* but for a pass */
	bool testing;      /* its domain is only trying: it proves nothing (RFC 6376 3.6.1) */
};

/* Of a transaction; in its arena. What was not asked is not there. */
struct policy_verified {
	bool spf, dkim, dmarc; /* were asked */
	struct spf_answer spf_helo, spf_mail;
	struct policy_signature *signatures; /* from the top */
	size_t signature_count;
	enum arc_result arc;
	struct str arc_why; /* for people */
	struct str author; /* the domain of From; empty: there is none */
	struct dmarc_verdict dmarc_verdict;
};

/* What this transaction has so far; made when it is first asked for. */
struct policy_verified *policy_verified(struct policy_run *r);

/* Append the field; nothing when nothing was asked, as of mail from users. */
void policy_verified_put(struct buf *out, const struct policy_session *s);

#endif
