/* flow/policy/authentication/bimi.h: has the author's domain a picture for its mail?
 * (formats/mailauth/bimi.h) Asked of mail that has passed DMARC, as part of it; decides nothing.
 * ROOST_BIMI. */
#ifndef POLICY_BIMI_H
#define POLICY_BIMI_H
#include "flow/policy/authentication/verified.h"

struct authres;

/* From a check that may wait: of a message that has passed by this. */
void policy_bimi_ask(struct policy_run *r, const struct dmarc_discovery *found);

/* The result, for Authentication-Results; nothing when there is no record. */
void policy_bimi_result_put(struct authres *out, const struct policy_verified *v);
/* The field that says where the picture is; nothing unless there is one. */
void policy_bimi_field_put(struct buf *out, const struct policy_verified *v);

#endif
