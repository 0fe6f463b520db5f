/* protocols/imap/own_changes.h: changes that a session has made itself. They are not reported to
 * it by NOTIFY (RFC 5465 5), nor fetched for followed results (5465 7). */
#ifndef IMAP_OWN_CHANGES_H
#define IMAP_OWN_CHANGES_H
#include "foundation/base/util.h"

struct imap;

/* Start recording. Idempotent. */
void imap_own_begin(struct imap *s);
/* Forget all; no-op if nothing is recorded. */
void imap_own_end(struct imap *s);
/* The session has made changes from to to of that account; no-op if nothing is
 * recorded. */
void imap_own_wrote(struct imap *s, uint32_t account, uint64_t from, uint64_t to);
/* Has the session made that change? The oldest ones are forgotten; reporting them is
 * harmless. */
bool imap_own_has(const struct imap *s, uint32_t account, uint64_t modseq);

#endif
