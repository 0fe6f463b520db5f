/* model/directory/rewrite.h: rewriting of envelope addresses (ROOST_REWRITE).
 *
 *	sender=*@host.lan to=*@example.org by=users
 *	rcpt=*@old.example to={1}@example.org
 *	rcpt="/^([a-z]+)\\.([a-z]+)@example\\.org$/" to={2}@example.org
 *
 * sender is applied at MAIL, rcpt at each RCPT, before all other checks, which then use the new
 * address only. Patterns and marks are those of pattern.h, over the whole address. The first
 * matching rule counts, and its result is not rewritten again. by is users (authenticated), servers
 * (all others) or anybody, when it is absent. The null sender and header fields are not
 * rewritten. */
#ifndef DIRECTORY_REWRITE_H
#define DIRECTORY_REWRITE_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;
struct settings;

enum rewrite_what { REWRITE_SENDER, REWRITE_RCPT };

/* ERR_SYNTAX, ERR_LIMIT: why names the line. */
enum err rewrite_check(struct str rules, struct why *why) MUST_USE;

/* Rewrite *address by the rules of s, which passed rewrite_check; its new parts live in a. True: it
 * has changed. If the result is not an address, it is unchanged. Costs nothing without rules, else
 * as pattern_takes for each; rules are compiled once for each snapshot. */
bool rewrite_address(const struct settings *s, enum rewrite_what what, bool user, struct arena *a,
                     struct mailaddr *address);

#endif
