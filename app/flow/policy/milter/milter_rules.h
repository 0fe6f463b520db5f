/* flow/policy/milter/milter_rules.h: the setting ROOST_MILTERS: one filter a line, in the order in
 * which they are asked.
 *
 *	inet:rspamd:11332 fail=accept message=2m
 *	unix:/run/opendkim.sock name=opendkim for=submission stages=end
 *
 * docs/how-to/milters.md tells what the words mean. */
#ifndef POLICY_MILTER_RULES_H
#define POLICY_MILTER_RULES_H
#include "flow/policy/milter/milter_link.h"
#include "flow/policy/policy.h"

struct milter_rule {
	struct str name; /* for logs and traces: name=, or the address as it was given */
	struct milter_address at;
	unsigned roles;        /* POLICY_MX and so on                                  */
	unsigned stages;       /* BIT(POLICY_CONNECT) and so on: when it is asked       */
	enum policy_kind fail; /* PASS, QUARANTINE, TEMPFAIL or REJECT when it cannot be asked */
	uint32_t version;      /* to offer                                             */
	int64_t connect_ms, command_ms, message_ms;
};

struct milter_rules {
	struct milter_rule *items;
	size_t count;
};

/* ERR_SYNTAX names the line and what is wrong there. What comes out borrows from text and
 * lives in a. */
enum err milter_rules_parse(struct str text, struct arena *a, struct milter_rules *out,
                            struct why *why) MUST_USE;

/* --- forms that hooks (hook_rules.h) have too --------------------------------------------- */

struct rule;

/* "mx,submission", "connect,end": the bits of a comma list. False: a name that there is not, or
 * none at all. */
bool policy_roles_parse(struct str list, unsigned *out);
bool policy_stages_parse(struct str list, unsigned *out);
/* "accept", "quarantine", "tempfail", "reject"; accept is PASS: the others are asked. */
bool policy_failure_parse(struct str word, enum policy_kind *out);
/* The time that the rule's key has, as "30s"; ms is left alone when there is none. ERR_SYNTAX:
 * it is none, or not 1 s to 10 minutes. */
enum err policy_rule_ms(const struct rule *r, const char *key, int64_t *ms,
                        struct why *why) MUST_USE;

#endif
