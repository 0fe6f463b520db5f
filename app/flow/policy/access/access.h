/* flow/policy/access/access.h: access rules: ROOST_ACCESS, and rows of the store.
 *
 *	accept  peer=192.0.2.0/24,2001:db8::/32
 *	reject  helo=*.dynamic.example text="no mail from dial-up lines, see https://..."
 *	accept  from=*@partner.example
 *	discard from=noise@* to=ada@example.org
 *	block:1d to=trap@example.org
 *	reject  to=*@rival.example on=submission
 *	accept  login=scanner@* peer=192.168.0.0/16
 *	reject  login=scanner@*
 *
 * A rule is a verdict (accept, tag, quarantine, tempfail, reject, discard, delay:5s,
 * block:1h) and patterns, which must all match: peer (networks), name (of the peer in
 * DNS, with ROOST_FCRDNS on), helo, login (the account's primary address), from, to. It
 * is evaluated at the first stage that knows all of its facts. The first matching rule of
 * a stage decides; the setting precedes the rows (access_rows.h). A rule applies to mail
 * from other servers, unless it has a login or "on" names submission. There it is
 * evaluated before the login (peer, helo, name) and after it (login, from, to). */
#ifndef POLICY_ACCESS_H
#define POLICY_ACCESS_H
#include "flow/policy/check.h"

struct access;
struct store;

/* The cached rows; none until access_read. NULL is a no-op. */
struct access *access_new(void) MUST_USE;
void access_free(struct access **x);
/* Load the rows: they apply from now on. After an error the old ones stay. Any thread. */
enum err access_read(struct access *x, struct store *store) MUST_USE;
/* Are there any rows? */
bool access_any(struct access *x);

enum policy_need access_need(const struct policy_run *r);
/* Does a rule have a pattern for names of peers in DNS? */
bool access_looks_at_names(const struct policy_run *r);
void access_run(struct policy_run *r);

/* Is the text a valid setting? */
enum err access_check(struct str text, struct why *why) MUST_USE;

#endif
