/* operations/doctor/own/own_policy.h: the MTA-STS policy of a domain of ours as others fetch it:
 * from the web, with the certificate that is shown there (RFC 8461 3.3). */
#ifndef DOCTOR_OWN_POLICY_H
#define DOCTOR_OWN_POLICY_H
#include "formats/mailauth/mta_sts.h"
#include "operations/doctor/records/dns_check.h"

#include <stdatomic.h>

struct settings;
struct sts_answer;

struct own_policy {
	const struct settings *settings;
	struct dns *dns;         /* asked where it is                          */
	const atomic_bool *stop; /* give up soon once it is set; NULL: never   */
	struct str domain;
	enum mta_sts_mode expected; /* that the domain has here; NONE: it ends */
	struct arena *a;            /* where strings of the results live       */
	/* results */
	enum dns_state state;
	struct str seen; /* the policy in one line, or empty */
	struct str words, advice;
};
/* Fetch and judge it. DNS_STATE_UNKNOWN if no host answers: some answer others, but not this
 * server. Blocks for OWN_POLICY_DNS_MS and LIMIT_sts_fetch_ms at most. */
enum { OWN_POLICY_DNS_MS = 5000 };
void own_policy_look(struct own_policy *p);
/* The meaning of a response. Pure, for tests. */
void own_policy_judge(struct own_policy *p, const struct sts_answer *got);

#endif
