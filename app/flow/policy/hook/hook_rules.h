/* flow/policy/hook/hook_rules.h: the setting ROOST_HOOKS: one HTTP hook a line, in the
 * order of the calls.
 *
 *	https://hooks.example.org/mail secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
 *	http://filter:8080/ for=mx stages=rcpt,end body=full max=2M fail=accept timeout=5s
 *
 * docs/how-to/hooks.md has the meaning of the words. */
#ifndef POLICY_HOOK_RULES_H
#define POLICY_HOOK_RULES_H
#include "flow/policy/milter/milter_rules.h"

struct hook_rule {
	struct str name; /* for logs and traces: name=, or the URL's host */
	struct str url;
	struct str secret;     /* bytes; empty: requests are not signed           */
	unsigned roles, stages;
	enum policy_kind fail; /* PASS, QUARANTINE, TEMPFAIL or REJECT */
	bool full;             /* the whole message, else its header   */
	uint64_t max;          /* bytes of a whole message: longer ones are sent without
	                        * body */
	int64_t timeout_ms;
};

struct hook_rules {
	struct hook_rule *items;
	size_t count;
};

/* ERR_SYNTAX names the line and the error, and never quotes a secret. *out borrows from
 * text and lives in a. */
enum err hook_rules_parse(struct str text, struct arena *a, struct hook_rules *out,
                          struct why *why) MUST_USE;

#endif
