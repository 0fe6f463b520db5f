/* flow/policy/authentication/signatures.h: checks the signatures of received mail (DKIM,
 * RFC 6376) and its forwarding chain (ARC, RFC 8617).
 *
 * After the header, the signatures are parsed and their keys looked up (prefetch.h). The
 * body is hashed as it arrives, in each canonical form that a signature has. The end of
 * the message evaluates the signatures; for a message that arrives at once it does all
 * steps. The results are recorded (flow/policy/authentication/verified.h) and decide
 * nothing themselves: broken signatures are mostly caused by mailing lists. */
#ifndef POLICY_SIGNATURES_H
#define POLICY_SIGNATURES_H
#include "flow/policy/check.h"
#include "formats/mailauth/arc.h"

/* Does the header of a message have any field of DKIM or ARC? */
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

/* Parse them; all lives in a, except the header, which must outlive x. */
void signatures_prepare(struct policy_signed *x, struct str header, struct arena *a);
/* Hash a further part of the body; no-op without signatures. */
void signatures_body(struct policy_session *s, struct str bytes);

/* ROOST_DKIM_VERIFY, which governs both. */
enum policy_need signatures_need(const struct policy_run *r);
void signatures_start(struct policy_run *r);
void signatures_run(struct policy_run *r);
/* The check could not run in time: recorded for DMARC. */
void signatures_missed(struct policy_run *r);

#endif
