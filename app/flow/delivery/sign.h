/* flow/delivery/sign.h: signatures of mail that leaves (DKIM).
 *
 * Mail is signed when it is accepted, so what the queue holds is what is sent, however often it is
 * tried; only what must be converted for one remote is signed anew (RFC 6376 5.3). Signed is what
 * a user of ours wrote or this server itself; mail that is only passed on keeps the signatures it
 * came with, since we know nothing of its author. */
#ifndef DELIVERY_SIGN_H
#define DELIVERY_SIGN_H
#include "flow/delivery/delivery.h"
#include "foundation/base/buf.h"

/* Append a DKIM-Signature field for each signing key of the author's domain; none when the domain
 * is not ours or has no keys. Reads body once, and copies nothing of it. Not inside a
 * transaction. An error is the store's. */
enum err sign_put(struct buf *out, const struct delivery *d,
                  const struct delivery_message *m) MUST_USE;

/* The same of a message that begins with signatures of ours, which hold no more: it was converted
 * since. *rest is what is to follow those in out. by_user: somebody has written it after a login,
 * not this server itself. Not inside a transaction. An error is the store's. */
enum err sign_anew(struct buf *out, struct store *store, struct str message, bool by_user,
                   struct str *rest) MUST_USE;

#endif
