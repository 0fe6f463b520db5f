/* policy/verified.h: what was found out about who sent a message, and the field that says so to
 * everybody behind us: Authentication-Results (RFC 8601).
 *
 * Rows of the table fill it in as they are asked; whoever judges (DMARC) reads it. */
#ifndef POLICY_VERIFIED_H
#define POLICY_VERIFIED_H
#include "mailauth/spf.h"
#include "policy/check.h"

/* Of a transaction; in its arena. */
struct policy_verified {
	bool spf; /* was asked */
	struct spf_answer spf_helo, spf_mail;
};

/* What this transaction has so far; made when it is first asked for. */
struct policy_verified *policy_verified(struct policy_run *r);

/* Append the field; nothing when nothing was asked, as of mail from users. */
void policy_verified_put(struct buf *out, const struct policy_session *s);

#endif
