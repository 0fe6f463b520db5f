/* flow/policy/return_path.h: may delivery reports go to the sender of the envelope?
 *
 * Anybody can write any address into MAIL FROM. A report to a forged one is mail that its owner
 * never asked for (backscatter). So a report about mail from port 25 depends on what SPF and DMARC
 * found:
 *
 *	proven    SPF passes for MAIL FROM, or DMARC passes for a From of the same organization.
 *	          All that the sender asks for
 *	unproven  Neither, and neither denies it. Failures only, which RFC 5321 6.1 requires: SPF
 *	          softfail is no more than a suspicion (RFC 7208 8.5)
 *	forged    SPF denies it (fail), and DMARC does not pass; or DMARC fails for a From of the
 *	          same organization, which has such mail rejected or quarantined. Nothing
 *
 * Mail of users and by LMTP is not judged: it is proven. */
#ifndef POLICY_RETURN_PATH_H
#define POLICY_RETURN_PATH_H
#include "flow/delivery/delivery.h"

struct arena;
struct policy_session;

enum return_path { RETURN_PATH_PROVEN, RETURN_PATH_UNPROVEN, RETURN_PATH_FORGED };

/* At END. from is the sender that reports would go to: a filter may have changed the session's. */
enum return_path return_path_judge(const struct policy_session *s, const struct mailaddr *from);

/* Take from m what its sender may not ask for: NOTIFY of its recipients (RFC 3461 4.1), and what BY
 * reports (RFC 2852 4). New recipients live in a. */
void return_path_apply(enum return_path path, struct arena *a, struct delivery_message *m);

#endif
