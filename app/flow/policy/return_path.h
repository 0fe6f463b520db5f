/* flow/policy/return_path.h: may delivery reports go to the sender of the envelope?
 *
 * MAIL FROM can be forged. A report to a forged address is backscatter. So reports about
 * mail from port 25 depend on the results of SPF and DMARC:
 *
 *	proven    SPF passes for MAIL FROM, or DMARC passes for a From of the same organization.
 *	          All reports that the sender requests
 *	unproven  Neither, and neither denies it. Failures only, which RFC 5321 6.1 requires: SPF
 *	          softfail is only a suspicion (RFC 7208 8.5)
 *	forged    SPF denies it (fail), and DMARC does not pass; or DMARC fails for a From of the
 *	          same organization with a policy of reject or quarantine. No reports
 *
 * Mail from users and by LMTP is always proven. */
#ifndef POLICY_RETURN_PATH_H
#define POLICY_RETURN_PATH_H

struct arena;
struct envelope;
struct mailaddr;
struct policy_session;

enum return_path { RETURN_PATH_PROVEN, RETURN_PATH_UNPROVEN, RETURN_PATH_FORGED };

/* At END. from is the sender that gets the reports: a filter may have changed the
 * session's. */
enum return_path return_path_judge(const struct policy_session *s, const struct mailaddr *from);

/* Remove from e the reports that its sender may not request: NOTIFY of its recipients
 * (RFC 3461 4.1), and reports of BY (RFC 2852 4). New recipients live in a. */
void return_path_apply(enum return_path path, struct arena *a, struct envelope *e);

#endif
