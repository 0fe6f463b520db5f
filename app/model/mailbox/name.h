/* model/mailbox/name.h: what a mailbox may be called.
 *
 * A name is UTF-8 with "/" between the levels of the tree. New ones are kept in NFC, as Net-Unicode
 * wants (RFC 9051 5.1, RFC 5198 3): so a mailbox is found by any spelling of its name. Those that
 * came before that was so are kept as they came, and found by that. But for this a name compares
 * exactly, and the first level INBOX has any case. */
#ifndef MAILBOX_NAME_H
#define MAILBOX_NAME_H
#include "foundation/base/cur.h"
#include "foundation/base/err.h"

enum { MAILBOX_LEVEL_MAX = 255 }; /* bytes of one level: a key of the store holds it */

/* Is this a name for a mailbox? Not empty; at most name_max bytes in all and
 * MAILBOX_LEVEL_MAX in a level; no empty level, which refuses a "/" at either end; valid
 * UTF-8 without control characters; no level "." or ".." (some clients keep mail in
 * folders of these names). ERR_SYNTAX or ERR_LIMIT. */
enum err name_check(struct str name, uint32_t name_max, struct why *why) MUST_USE;

/* Is it INBOX itself? */
bool name_is_inbox(struct str name);
/* Equal as mailbox names. */
bool name_eq(struct str a, struct str b);

/* Take the next level of a name that was checked; false at its end. The level of INBOX
 * comes out in capitals when first is true, as it must be for the first level. */
bool name_level(struct cur *rest, bool first, struct str *level);

#endif
