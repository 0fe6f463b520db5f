/* flow/policy/authentication/bimi.h: does the author's domain have a BIMI logo
 * (formats/mailauth/bimi.h)? Looked up for mail that has passed DMARC, as part of that
 * check; decides nothing. ROOST_BIMI. */
#ifndef POLICY_BIMI_H
#define POLICY_BIMI_H
#include "flow/policy/authentication/verified.h"

struct authres;

/* Called by a check that may wait, for a message that has passed DMARC by found. */
void policy_bimi_ask(struct policy_run *r, const struct dmarc_discovery *found);

/* Append the result to Authentication-Results; nothing if there is no record. */
void policy_bimi_result_put(struct authres *out, const struct policy_verified *v);
/* Append the field with the location of the logo; nothing if there is none. */
void policy_bimi_field_put(struct buf *out, const struct policy_verified *v);

#endif
