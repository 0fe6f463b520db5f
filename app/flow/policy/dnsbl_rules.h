/* flow/policy/dnsbl_rules.h: the parsed rows of ROOST_DNSBL; for dnsbl.c and tests. */
#ifndef POLICY_DNSBL_RULES_H
#define POLICY_DNSBL_RULES_H
#include "flow/policy/check.h"
#include "foundation/config/rules.h"
#include "network/runtime/addr.h"

enum dnsbl_of { DNSBL_PEER, DNSBL_HELO, DNSBL_FROM };

struct dnsbl_codes {
	unsigned char from[4], to[4];
};

struct dnsbl_zone {
	struct str name, text;
	enum dnsbl_of of;
	int32_t weight;
	struct dnsbl_codes *codes; /* none: all of 127/8 */
	size_t code_count;
};

struct dnsbl_at {
	int32_t at;
	struct policy_answer verdict;
};

struct dnsbl_rules {
	struct dnsbl_zone *zones;
	size_t zone_count;
	struct dnsbl_at *ats;
	size_t at_count;
};

/* All in a; strings may borrow from text. ERR_SYNTAX names the line. */
enum err dnsbl_rules_parse(struct str text, struct arena *a, struct dnsbl_rules *out,
                           struct why *why) MUST_USE;

/* Does this answer of the zone mean "listed"? */
bool dnsbl_listed(const struct dnsbl_zone *zone, const struct addr *answer);
/* Does this answer mean that the list refuses our queries? */
bool dnsbl_refusal(const struct addr *answer);
/* The verdict for a sum; POLICY_PASS if none. */
struct policy_answer dnsbl_verdict(const struct dnsbl_rules *rules, int32_t sum);

/* "1.2.0.192.zone", "1.0.0...zone"			RFC 5782 2.1, 2.4 */
struct str dnsbl_question(struct arena *a, const struct dnsbl_zone *zone, const struct addr *peer);

#endif
