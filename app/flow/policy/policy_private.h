/* flow/policy/policy_private.h: what the files of this folder share, by file. */
#ifndef POLICY_PRIVATE_H
#define POLICY_PRIVATE_H
#include "flow/policy/check.h"
#include "flow/policy/policy.h"
#include "foundation/config/rules.h"

struct policy_tally;

/* --- answering.c ---------------------------------------------------------------------------- */

/* Remembers in memory which remote services answer queries of checks. After ANSWERING_FAILURES
 * failures in a row a service is not queried for ANSWERING_REST_MS, then once more. */

enum { ANSWERING_PLACES = 64, ANSWERING_FAILURES = 3, ANSWERING_REST_MS = 60000 };

/* Any thread. */
bool policy_answering_good(const struct policy_run *r, struct str name);
void policy_answering_tell(const struct policy_run *r, struct str name, bool answered);

/* --- blocked.c ------------------------------------------------------------------------------ */

/* Refuses connections from blocked networks: blocked by an administrator, ROOST_LIMITS or
 * ROOST_ACCESS (flow/policy/blocks/blocks.h). */

enum policy_need blocked_need(const struct policy_run *r);
void blocked_run(struct policy_run *r);

/* --- dnsbl.c -------------------------------------------------------------------------------- */

/* DNS block lists and allow lists (RFC 5782): ROOST_DNSBL.
 *  * 	zen.example codes=127.0.0.2-127.0.0.11 weight=2 text="see https://zen.example/"
 *	dbl.example of=from
 *	good.example weight=-3
 *	at=3 verdict=reject ; at=1 verdict=tag
 *  * Each zone that lists the peer's address (of=peer), the name it greets with (of=helo) or
 * the sender's domain (of=from) adds its weight. The row with the highest "at" that the
 * sum reaches decides. Without such rows: reject from 1 on. All zones are queried in
 * parallel at MAIL. The refusal comes at RCPT, so the trace has the recipient, and
 * postmaster is exempt (RFC 5321 4.5.1). Answers outside of 127/8 are ignored: such a
 * zone answers anything. 127.255.255/24 is ignored too: lists refuse queries by it. */

enum policy_need dnsbl_need(const struct policy_run *r);
void dnsbl_start(struct policy_run *r);
void dnsbl_run(struct policy_run *r);

void dnsbl_reset(struct policy *p, struct policy_session *s, void **state);

/* Is the text a valid setting? */
enum err dnsbl_check(struct str text, struct why *why) MUST_USE;

/* --- early.c -------------------------------------------------------------------------------- */

/* Detects peers that send before the greeting, as spam software does
 * (RFC 5321 4.3.1 requires them to wait): ROOST_GREETING_DELAY, off by default.
 *  * 	3s
 *	3s verdict=tag
 *	3s code=554 status=5.7.1 text="you are to wait for the greeting". */

enum policy_need early_need(const struct policy_run *r);
void early_run(struct policy_run *r);

/* The delay of the greeting in this setting; 0: none. */
int64_t early_wait_ms(struct str text);
/* Is the text a valid setting? */
enum err early_check(struct str text, struct why *why) MUST_USE;

/* --- fcrdns.c ------------------------------------------------------------------------------- */

/* Does the peer's address have a name in DNS, and that name the address? (RFC 8601 2.7.3,
 * "iprev") * ROOST_FCRDNS: off; record; on: refuse peers without one. With "record", and if no
 * access rule and no milter uses the name, nothing waits for it. It is looked up after the
 * greeting (flow/policy/authentication/later.h) and collected at the end of a message at the
 * latest. */

enum policy_need fcrdns_need(const struct policy_run *r);
void fcrdns_start(struct policy_run *r);
void fcrdns_run(struct policy_run *r);
void fcrdns_later(struct policy_run *r);
void fcrdns_end(struct policy *p, struct policy_session *s, void **state);

/* Is the setting valid? */
enum err fcrdns_setting_check(struct str text, struct why *why) MUST_USE;

/* --- grey.c --------------------------------------------------------------------------------- */

/* Greylisting (RFC 6647): an unknown client gets a temporary failure;
 * a mail server retries. ROOST_GREYLIST, off by default.
 *  * 	on
 *	on delay=5m window=2d keep=36d for=*@example.org
 *	on verdict=tag
 *	on code=450 status=4.2.0 text="come back in five minutes"
 *  * A triplet of network (IPv4 /24, IPv6 /64), sender and recipient is deferred until it
 * returns after delay and within window. Then the network is known until keep after its
 * last mail, and none of its mail is deferred. A verdict other than tempfail applies to
 * mail that would be deferred. Exempt: authenticated users, private addresses, the null
 * sender and postmaster (RFC 6647 5.4), and senders to whom a local account has
 * written. */

enum policy_need grey_need(const struct policy_run *r);
void grey_run(struct policy_run *r);

/* Is the text a valid setting? */
enum err grey_check(struct str text, struct why *why) MUST_USE;

/* --- names.c -------------------------------------------------------------------------------- */

/* Checks the names that a peer gives: HELO, the sender's domain. */

/* ROOST_HELO_CHECK: the peer's HELO name.
 * basic     must not be a name of this server; a foreign address literal is tagged (RFC 5321 4.1.4)
 * name      also must be a name with a dot, or the peer's own address
 * resolves  also must have an address or an MX */
enum policy_need helo_need(const struct policy_run *r);
void helo_start(struct policy_run *r);
void helo_run(struct policy_run *r);

/* ROOST_SENDER_DOMAIN: can a reply reach the sender? (RFC 5321 3.6.2, RFC 7505 4.2) */
enum policy_need sender_need(const struct policy_run *r);
void sender_start(struct policy_run *r);
void sender_run(struct policy_run *r);

/* Are the two settings valid? */
enum err policy_names_check(const struct settings *s, struct why *why) MUST_USE;

/* --- tally.c -------------------------------------------------------------------------------- */

/* Counts of each check's verdicts in the last day, in memory Thread-safe. */

/* checks: number of rows. */
struct policy_tally *policy_tally_new(size_t checks) MUST_USE;
/* NULL is a no-op; clears *t. */
void policy_tally_free(struct policy_tally **t);
/* Count one; kind POLICY_KINDS: a failure. Locks only once an hour. */
void policy_tally_add(struct policy_tally *t, size_t check, enum policy_kind kind);
/* The sums of the current hour and the 23 before. */
void policy_tally_read(struct policy_tally *t, size_t check, uint64_t out[POLICY_KINDS + 1]);

#endif
