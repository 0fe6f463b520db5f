/* flow/policy/dnsbl.h: lists of bad senders, and of good ones, in DNS (RFC 5782): ROOST_DNSBL.
 *
 *	zen.example codes=127.0.0.2-127.0.0.11 weight=2 text="see https://zen.example/"
 *	dbl.example of=from
 *	good.example weight=-3
 *	at=3 verdict=reject ; at=1 verdict=tag
 *
 * Each zone that lists the peer's address (of=peer), the name it greets with (of=helo) or the
 * sender's domain (of=from) counts with its weight, and the sum decides: the row with the highest
 * "at" that it reaches. Without such a row: reject from 1 on. All zones are asked at one time, at
 * MAIL; refused is each RCPT, so that the trace knows for whom it was, but not for postmaster
 * (RFC 5321 4.5.1). An answer outside of 127/8 is none: such a zone answers anything. Neither is
 * one in 127.255.255/24, by which lists refuse to answer. */
#ifndef POLICY_DNSBL_H
#define POLICY_DNSBL_H
#include "flow/policy/check.h"
#include "foundation/config/rules.h"

enum policy_need dnsbl_need(const struct policy_run *r);
void dnsbl_start(struct policy_run *r);
void dnsbl_run(struct policy_run *r);

void dnsbl_reset(struct policy *p, struct policy_session *s, void **state);

/* Is the text of the form? */
enum err dnsbl_check(struct str text, struct why *why) MUST_USE;

#endif
