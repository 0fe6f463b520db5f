/* flow/policy/authentication/vouched.h: who hands a message on may have broken what proved its
 * author, and may have seen it whole before: a sealer of ARC whom ROOST_ARC_TRUSTED names is
 * believed in that (RFC 8617 7.2). */
#ifndef POLICY_VOUCHED_H
#define POLICY_VOUCHED_H
#include "flow/policy/authentication/verified.h"

/* What sealers we trust say of a message whose chain has passed, and whose latest message signature
 * covers From: from the last set down, for as long as each sealer is trusted, those in which DMARC
 * had passed. In the transaction's memory. */
void vouched_find(struct policy_run *r, const struct arc_verifier *chain);

/* Who has seen DMARC pass for this author; NULL: nobody. */
const struct policy_voucher *vouched_for(const struct policy_verified *v, struct str author);

#endif
