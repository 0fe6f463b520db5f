/* flow/policy/authentication/signatures.h: which domains have signed a message that comes in (DKIM,
 * RFC 6376), and who has handed it on (ARC, RFC 8617)?
 *
 * Once the header is there its signatures are taken apart and their keys asked for (ahead.h),
 * and the body is hashed as it comes, in each form that one of them wants; the end of the
 * message judges, and does all of it for one that came at once. What is found is written into
 * the message (flow/policy/authentication/verified.h) and decides nothing by itself: who breaks
 * signatures is mostly a mailing list. */
#ifndef POLICY_SIGNATURES_H
#define POLICY_SIGNATURES_H
#include "flow/policy/check.h"
#include "formats/mailauth/arc.h"

/* Has a message any signature of either kind, or a part of one? A look at its header. */
bool signatures_any(struct str message);

/* A message whose signatures are checked. */
struct policy_signed {
	struct str header; /* without the empty line */
	size_t hashed;     /* bytes of the body so far */
	struct dkim_fields fields;
	struct body_hashes bodies;
	struct dkim_verifier signatures;
	struct arc_verifier chain;
};

/* Take them apart; all lives in a, but for the header, which must stay. */
void signatures_prepare(struct policy_signed *x, struct str header, struct arena *a);
/* More of the body has come, of a message whose header did; nothing when it has no signatures. */
void signatures_body(struct policy_session *s, struct str bytes);

/* ROOST_DKIM_VERIFY, which is about both. */
enum policy_need signatures_need(const struct policy_run *r);
void signatures_start(struct policy_run *r);
void signatures_run(struct policy_run *r);
/* There was no time for it: for DMARC. */
void signatures_missed(struct policy_run *r);

#endif
