/* doctor/own_policy.h: the MTA-STS policy of a domain of ours as others fetch it: from the web,
 * with
 * the certificate that is shown there (RFC 8461 3.3). */
#ifndef DOCTOR_OWN_POLICY_H
#define DOCTOR_OWN_POLICY_H
#include "doctor/dns_check.h"
#include "mailauth/mta_sts.h"

#include <stdatomic.h>

struct settings;

struct own_policy {
	enum dns_state state;
	struct str seen; /* the policy in one line, or empty */
	struct str words, advice;
};
/* Fetch and judge it; expected is the mode that the domain has here. Blocks for LIMIT_sts_fetch_ms
 * at most. Strings in a. */
void own_policy_look(const struct settings *s, const atomic_bool *stop, struct str domain,
                     enum mta_sts_mode expected, struct arena *a, struct own_policy *out);

#endif
