/* operations/doctor/own/own_sts.h: the policies of our own domains by which other servers come here
 * over TLS or not at all (MTA-STS, RFC 8461).
 *
 * A server that has mail for DOMAIN reads the TXT record at _mta-sts.DOMAIN, whose id changes with
 * the policy, and fetches https://mta-sts.DOMAIN/.well-known/mta-sts.txt. The policy names the one
 * host that the DNS page tells people to have as MX. The certificate of mta-sts.DOMAIN comes by
 * itself when its DNS leads here (operations/acme/plan.h). */
#ifndef DOCTOR_OWN_STS_H
#define DOCTOR_OWN_STS_H
#include "foundation/base/buf.h"
#include "model/directory/directory.h"

/* The policy as it is served (RFC 8461 3.2). */
void mta_sts_policy_put(struct buf *out, enum mta_sts_mode mode, struct str mx);

/* Its id (RFC 8461 3.1): of the policy's text, so the two cannot disagree. In a. */
struct str mta_sts_id(enum mta_sts_mode mode, struct str mx, struct arena *a);

#endif
