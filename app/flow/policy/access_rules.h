/* flow/policy/access_rules.h: one access rule, taken apart: a line of ROOST_ACCESS, or a row of the
 * store (access_rows.h). For access*.c and tests. See access.h for what the words mean. */
#ifndef POLICY_ACCESS_RULES_H
#define POLICY_ACCESS_RULES_H
#include "flow/policy/check.h"
#include "network/runtime/network.h"

struct rule;

struct access_rule {
	struct policy_answer verdict;
	unsigned roles;   /* POLICY_MX, POLICY_SUBMISSION */
	struct network_list peers;
	bool has_peers;
	struct str name, helo, login, from, to;
	enum policy_stage stage; /* at which all that it asks for is known */
	int64_t until_ms;        /* INT64_MAX: for good */
};

struct access_rules {
	struct access_rule *items;
	size_t count;
};

/* All rules of a setting; in a, with strings borrowed from text. ERR_SYNTAX names the line. */
enum err access_rules_parse(struct str text, struct arena *a, struct access_rules *out,
                            struct why *why) MUST_USE;
/* One rule. */
enum err access_rule_take(const struct rule *rule, struct arena *a, struct access_rule *out,
                          struct why *why) MUST_USE;

/* The first that fits what r is asked at its stage; NULL: none. Cost: the rules, each at most the
 * product of the lengths of its patterns and what they are held against. */
const struct access_rule *access_rules_fit(const struct access_rules *rules,
                                           struct policy_run *r);

#endif
