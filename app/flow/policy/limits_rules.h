/* flow/policy/limits_rules.h: the rows of ROOST_LIMITS, taken apart; for limits.c and tests. See
 * limits.h for their form. */
#ifndef POLICY_LIMITS_RULES_H
#define POLICY_LIMITS_RULES_H
#include "flow/policy/check.h"
#include "foundation/config/rules.h"

enum limit_of {
	LIMIT_OF_ACCOUNT,
	LIMIT_OF_ADDRESS,
	LIMIT_OF_NETWORK,
	LIMIT_OF_HELO,
	LIMIT_OF_SENDER,
	LIMIT_OF_SENDER_DOMAIN,
	LIMIT_OF_RECIPIENT,
	LIMIT_OF_RECIPIENT_DOMAIN,
	LIMIT_OFS
};
const char *limit_of_name(enum limit_of of);

enum limit_what {
	LIMIT_MESSAGES,
	LIMIT_RECIPIENTS,
	LIMIT_NEW_RECIPIENTS,
	LIMIT_UNKNOWN, /* recipients that there are not */
	LIMIT_WHATS
};

struct limit_rule {
	enum limit_of of;
	struct str match; /* a pattern; empty: all */
	unsigned roles;   /* POLICY_MX, POLICY_SUBMISSION */
	struct {
		bool given;
		uint64_t max; /* 0: no limit */
		uint64_t period_s;
	} what[LIMIT_WHATS];
	bool hold;                  /* the account sends no more...                     */
	int64_t hold_ms;            /* ...for so long; INT64_MAX: until somebody ends it */
	struct policy_answer then;  /* without hold; of hold the text only              */
};

struct limit_rules {
	struct limit_rule *items;
	size_t count;
};

/* All in a; strings may borrow from text. ERR_SYNTAX names the line. */
enum err limit_rules_parse(struct str text, struct arena *a, struct limit_rules *out,
                           struct why *why) MUST_USE;

/* The first row of this kind, for listeners of this role, that is about value: exceptions stand
 * before what is usual. With LIMIT_UNKNOWN, the first of those that have it. NULL: none is. */
const struct limit_rule *limit_rule_find(const struct limit_rules *rules, enum limit_of of,
                                         struct str value, enum limit_what what,
                                         unsigned role);

#endif
