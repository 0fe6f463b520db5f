/* flow/policy/milter/milter_rules.h: the setting ROOST_MILTERS: one filter a line, in the
 * order of the calls.
 *
 *	inet:rspamd:11332 fail=accept message=2m
 *	unix:/run/opendkim.sock name=opendkim for=submission stages=end
 *
 * docs/how-to/milters.md has the meaning of the words. */
#ifndef POLICY_MILTER_RULES_H
#define POLICY_MILTER_RULES_H
#include "flow/policy/milter/milter_link.h"
#include "flow/policy/policy.h"

struct milter_rule {
	struct str name; /* for logs and traces: name=, or the address as written */
	struct milter_address at;
	unsigned roles;        /* POLICY_MX and so on                              */
	unsigned stages;       /* BIT(POLICY_CONNECT) and so on: when it is called */
	enum policy_kind fail; /* PASS, QUARANTINE, TEMPFAIL or REJECT if it fails */
	uint32_t version;      /* to offer                                         */
	int64_t connect_ms, command_ms, message_ms;
};

struct milter_rules {
	struct milter_rule *items;
	size_t count;
};

/* ERR_SYNTAX names the line and the error. *out borrows from text and lives in a. */
enum err milter_rules_parse(struct str text, struct arena *a, struct milter_rules *out,
                            struct why *why) MUST_USE;

/* --- forms shared with hooks (hook_rules.h) --------------------------------------------- */

struct rule;

/* "mx,submission", "connect,end": the bits of a comma list. False: an unknown name, or an
 * empty list. */
bool policy_roles_parse(struct str list, unsigned *out);
bool policy_stages_parse(struct str list, unsigned *out);
/* "accept", "quarantine", "tempfail", "reject"; accept is PASS: other checks still
 * run. */
bool policy_failure_parse(struct str word, enum policy_kind *out);
/* The duration of the rule's key, "30s"; ms is unchanged if the key is absent.
 * ERR_SYNTAX: invalid, or not 1 s to 10 minutes. */
enum err policy_rule_ms(const struct rule *r, const char *key, int64_t *ms,
                        struct why *why) MUST_USE;

#endif
