/* flow/policy/authentication/authentication_private.h: what the files of this folder share,
 * by file. */
#ifndef POLICY_AUTHENTICATION_PRIVATE_H
#define POLICY_AUTHENTICATION_PRIVATE_H
#include "flow/policy/authentication/verified.h"

struct arena;
struct authres;
struct policy_run;

/* --- bimi.c --------------------------------------------------------------------------------- */

/* Does the author's domain have a BIMI logo (formats/mailauth/bimi.h)? Looked up for mail that
 * has passed DMARC, as part of that check; decides nothing. ROOST_BIMI. */

/* Called by a check that may wait, for a message that has passed DMARC by found. */
void policy_bimi_ask(struct policy_run *r, const struct dmarc_discovery *found);

/* Append the result to Authentication-Results; nothing if there is no record. */
void policy_bimi_result_put(struct authres *out, const struct policy_verified *v);
/* Append the field with the location of the logo; nothing if there is none. */
void policy_bimi_field_put(struct buf *out, const struct policy_verified *v);

/* --- failure.c ------------------------------------------------------------------------------ */

/* Requests a DMARC failure report to the author's domain (flow/reports_out/reports_out.h). */

/* Called at END after DMARC. Does nothing if ROOST_REPORTS_FAILURE is off, the domain
 * requests no such reports, or the message did not fail in the requested way. Never
 * waits. */
void policy_failure(const struct policy_run *r, struct arena *a);

/* --- arc_trust.c ------------------------------------------------------------------------------ */

/* ARC sets of trusted sealers. A forwarder may have broken the author's signature after it had
 * seen it intact. A sealer named in ROOST_ARC_TRUSTED is trusted in that (RFC 8617 7.2). */

/* Record the ARC sets of trusted sealers with a DMARC pass, for a message whose chain has
 * passed and whose latest message signature covers From: from the last set down, as long
 * as each sealer is trusted. In the transaction's memory. */
void vouched_find(struct policy_run *r, const struct arc_verifier *chain);

/* The voucher with a DMARC pass for this author; NULL: none. */
const struct policy_voucher *vouched_for(const struct policy_verified *v, struct str author);

#endif
