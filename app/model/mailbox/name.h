/* model/mailbox/name.h: names of mailboxes.
 *
 * A name is UTF-8 with "/" between the levels of the tree. New ones are stored in NFC, as
 * Net-Unicode requires (RFC 9051 5.1, RFC 5198 3): so a mailbox is found by any spelling of its
 * name. Names from before that rule are unchanged, and found in their stored form. Otherwise names
 * compare exactly, except the first level INBOX, in any case. */
#ifndef MAILBOX_NAME_H
#define MAILBOX_NAME_H
#include "foundation/base/cur.h"
#include "foundation/base/err.h"

enum { MAILBOX_LEVEL_MAX = 255 }; /* bytes of one level: the maximum for a key of the store */

/* Is the name valid? Not empty; at most name_max bytes in all and MAILBOX_LEVEL_MAX in a level; no
 * empty level, so no "/" at either end; valid UTF-8 without control characters; no level "." or
 * ".." (some clients store mail in folders of these names). ERR_SYNTAX or ERR_LIMIT. */
enum err name_check(struct str name, uint32_t name_max, struct why *why) MUST_USE;

/* Is it INBOX itself? */
bool name_is_inbox(struct str name);
/* Equal as mailbox names. */
bool name_eq(struct str a, struct str b);

/* Take the next level of a valid name; false at its end. With first, a level INBOX is returned in
 * capitals; set it for the first level. */
bool name_level(struct cur *rest, bool first, struct str *level);

#endif
