/* flow/policy/limits_rules.h: the parsed rows of ROOST_LIMITS; for limits.c and tests.
 * See limits.h for their form. */
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
	LIMIT_UNKNOWN, /* unknown recipients */
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
	bool hold;                  /* block sending of the account...                  */
	int64_t hold_ms;            /* ...for so long; INT64_MAX: until an administrator
	                             * ends it */
	struct policy_answer then;  /* without hold; with hold only the text            */
};

struct limit_rules {
	struct limit_rule *items;
	size_t count;
};

/* All in a; strings may borrow from text. ERR_SYNTAX names the line. */
enum err limit_rules_parse(struct str text, struct arena *a, struct limit_rules *out,
                           struct why *why) MUST_USE;

/* The first row of this kind and role that matches value: exceptions precede the general
 * rows. With LIMIT_UNKNOWN, only rows that have it. NULL: none. */
const struct limit_rule *limit_rule_find(const struct limit_rules *rules, enum limit_of of,
                                         struct str value, enum limit_what what,
                                         unsigned role);

#endif
