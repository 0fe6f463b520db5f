/* foundation/text/opaque.h: passwords as one form, whatever keyboard typed them. */
#ifndef TEXT_OPAQUE_H
#define TEXT_OPAQUE_H
#include "foundation/base/buf.h"

struct arena;

enum { OPAQUE_GROWTH = 3 }; /* output bytes per input byte, at most: NFC's */

/* Append s as the profile OpaqueString of PRECIS has it (RFC 8265 4.2.2): any space is a
 * space, NFC, case kept. False, with out unfinished, when s is empty, no UTF-8, or has a
 * character that FreeformClass leaves out (RFC 8264 4.3): controls, unassigned and
 * invisible ones. Joiners are left out as well, though context could allow them (RFC 5892
 * A.1): no password needs one. ASCII is a fast path. */
bool opaque_put(struct buf *out, struct str s) MUST_USE;

/* The same in a, which should be a wiping one; no copy is left elsewhere. False also when it has
 * more than max bytes, before or after. */
bool opaque_dup(struct arena *a, struct str s, size_t max, struct str *out) MUST_USE;

#endif
