/* flow/policy/dnsbl.h: DNS block lists and allow lists (RFC 5782): ROOST_DNSBL.
 *
 *	zen.example codes=127.0.0.2-127.0.0.11 weight=2 text="see https://zen.example/"
 *	dbl.example of=from
 *	good.example weight=-3
 *	at=3 verdict=reject ; at=1 verdict=tag
 *
 * Each zone that lists the peer's address (of=peer), the name it greets with (of=helo) or
 * the sender's domain (of=from) adds its weight. The row with the highest "at" that the
 * sum reaches decides. Without such rows: reject from 1 on. All zones are queried in
 * parallel at MAIL. The refusal comes at RCPT, so the trace has the recipient, and
 * postmaster is exempt (RFC 5321 4.5.1). Answers outside of 127/8 are ignored: such a
 * zone answers anything. 127.255.255/24 is ignored too: lists refuse queries by it. */
#ifndef POLICY_DNSBL_H
#define POLICY_DNSBL_H
#include "flow/policy/check.h"
#include "foundation/config/rules.h"

enum policy_need dnsbl_need(const struct policy_run *r);
void dnsbl_start(struct policy_run *r);
void dnsbl_run(struct policy_run *r);

void dnsbl_reset(struct policy *p, struct policy_session *s, void **state);

/* Is the text a valid setting? */
enum err dnsbl_check(struct str text, struct why *why) MUST_USE;

#endif
