/* protocols/imap/own.h: what a session itself has changed, for those that are not to tell it of
 * that: NOTIFY (RFC 5465 5) and followed results whose messages are fetched (5465 7). */
#ifndef IMAP_OWN_H
#define IMAP_OWN_H
#include "foundation/base/util.h"

struct imap;

/* Remember from now on; again is a no-op. */
void imap_own_begin(struct imap *s);
/* Forget all; no-op when nothing is remembered. */
void imap_own_end(struct imap *s);
/* The session has made the changes from to to of that account; no-op when nobody asks. */
void imap_own_wrote(struct imap *s, uint32_t account, uint64_t from, uint64_t to);
/* Has it made that one? Some of the oldest are forgotten: they are told, which does no harm. */
bool imap_own_has(const struct imap *s, uint32_t account, uint64_t modseq);

#endif
