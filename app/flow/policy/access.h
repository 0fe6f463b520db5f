/* flow/policy/access.h: who is let in and who is not, by name: ROOST_ACCESS, and rows of the store.
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
 * A rule is a verdict (accept, tag, quarantine, tempfail, reject, discard, delay:5s, block:1h) and
 * patterns, all of which must fit: peer (networks), name (of the peer in DNS, with ROOST_FCRDNS
 * on), helo, login (the account's primary address), from, to. It is asked at the stage at which all
 * of its facts are known; of a stage the first rule that fits counts, those of the setting before
 * the rows (access_rows.h). A rule is about mail from other servers, unless "on" names submission,
 * where it is asked before the login (peer, helo, name) and after it (login, from, to), or it has
 * a login. */
#ifndef POLICY_ACCESS_H
#define POLICY_ACCESS_H
#include "flow/policy/check.h"

struct access;
struct store;

/* What is known of the rows, of which there are none until access_read. NULL is a no-op. */
struct access *access_new(void) MUST_USE;
void access_free(struct access **x);
/* Read the rows: they count from now on. On error the old ones do. Any thread. */
enum err access_read(struct access *x, struct store *store) MUST_USE;
/* Are there any? */
bool access_any(struct access *x);

enum policy_need access_need(const struct policy_run *r);
/* Is there a rule about the names of peers in DNS? */
bool access_looks_at_names(const struct policy_run *r);
void access_run(struct policy_run *r);

/* Is the text of the form? */
enum err access_check(struct str text, struct why *why) MUST_USE;

#endif
