/* flow/policy/access/access_rules.h: one parsed access rule: a line of ROOST_ACCESS, or a row of
 * the store (access_rows.h). For access*.c and tests. access.h has the meaning of the
 * words. */
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
	enum policy_stage stage; /* the first that knows all of its facts */
	int64_t until_ms;        /* INT64_MAX: no end */
};

struct access_rules {
	struct access_rule *items;
	size_t count;
};

/* All rules of a setting; in a, with strings borrowed from text. ERR_SYNTAX names the
 * line. */
enum err access_rules_parse(struct str text, struct arena *a, struct access_rules *out,
                            struct why *why) MUST_USE;
/* One rule. */
enum err access_rule_take(const struct rule *rule, struct arena *a, struct access_rule *out,
                          struct why *why) MUST_USE;

/* The first rule that matches at r's stage; NULL: none. Costs the rules, each at most the
 * product of the lengths of its patterns and their subjects. */
const struct access_rule *access_rules_fit(const struct access_rules *rules,
                                           struct policy_run *r);

#endif
