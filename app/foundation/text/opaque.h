/* foundation/text/opaque.h: a normal form of passwords, the same for every keyboard. */
#ifndef TEXT_OPAQUE_H
#define TEXT_OPAQUE_H
#include "foundation/base/buf.h"

struct arena;

enum { OPAQUE_GROWTH = 3 }; /* output bytes per input byte, at most: NFC's */

/* Append s in the profile OpaqueString of PRECIS (RFC 8265 4.2.2): any space becomes a space, NFC,
 * case kept. False, with out unfinished, when s is empty, not UTF-8, or has a character that
 * FreeformClass excludes (RFC 8264 4.3): controls, unassigned and invisible ones. Joiners are
 * excluded as well, though context could allow them (RFC 5892 A.1): no password needs one. ASCII is
 * a fast path. */
bool opaque_put(struct buf *out, struct str s) MUST_USE;

/* The same in a, which should be a secret arena; no other copy remains. False also when it has more
 * than max bytes, before or after. */
bool opaque_dup(struct arena *a, struct str s, size_t max, struct str *out) MUST_USE;

#endif
