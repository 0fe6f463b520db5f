/* model/directory/rewrite.h: addresses of the envelope that become others (ROOST_REWRITE).
 *
 *	sender=*@host.lan to=*@example.org by=users
 *	rcpt=*@old.example to={1}@example.org
 *	rcpt="/^([a-z]+)\\.([a-z]+)@example\\.org$/" to={2}@example.org
 *
 * sender is looked at when MAIL comes, rcpt at each RCPT, before anything else looks at them, so
 * that what follows sees the new address only. Patterns and marks are those of pattern.h, over
 * the whole address. The first rule that fits counts, and what it makes is not rewritten again.
 * by is users (who submit mail), servers (everybody else) or anybody, when it is absent. The
 * null sender is never rewritten, nor are header fields. */
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
 * is another now. What a rule makes that is no address leaves it as it was. Costs nothing when
 * there are no rules, else as pattern_takes for each; they are compiled once for each snapshot. */
bool rewrite_address(const struct settings *s, enum rewrite_what what, bool user, struct arena *a,
                     struct mailaddr *address);

#endif
