/* flow/policy/authentication/vouched.h: ARC sets of trusted sealers. A forwarder may have
 * broken the author's signature after it had seen it intact. A sealer named in
 * ROOST_ARC_TRUSTED is trusted in that (RFC 8617 7.2). */
#ifndef POLICY_VOUCHED_H
#define POLICY_VOUCHED_H
#include "flow/policy/authentication/verified.h"

/* Record the ARC sets of trusted sealers with a DMARC pass, for a message whose chain has
 * passed and whose latest message signature covers From: from the last set down, as long
 * as each sealer is trusted. In the transaction's memory. */
void vouched_find(struct policy_run *r, const struct arc_verifier *chain);

/* The voucher with a DMARC pass for this author; NULL: none. */
const struct policy_voucher *vouched_for(const struct policy_verified *v, struct str author);

#endif
