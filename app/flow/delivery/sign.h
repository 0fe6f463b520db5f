/* flow/delivery/sign.h: DKIM signatures of outgoing mail.
 *
 * Mail is signed at acceptance, so the queue holds its sent form for all attempts; only a
 * message converted for a remote is signed again (RFC 6376 5.3). Signed are messages of
 * local users and of this server. Forwarded mail keeps its signatures, because its author
 * is unverified. */
#ifndef DELIVERY_SIGN_H
#define DELIVERY_SIGN_H
#include "flow/delivery/delivery.h"
#include "foundation/base/buf.h"

/* Append a DKIM-Signature field for each signing key of the author's domain; none if the
 * domain is not local or has no keys. Reads body once without copies. Not inside a
 * transaction. Errors are the store's. */
enum err sign_put(struct buf *out, const struct delivery *d,
                  const struct delivery_message *m) MUST_USE;

/* The same for a converted message, whose own signatures at its top are invalid now.
 * *rest is the message after them. by_user: an authenticated user has written it, not
 * this server. Not inside a transaction. Errors are the store's. */
enum err sign_anew(struct buf *out, struct store *store, struct str message, bool by_user,
                   struct str *rest) MUST_USE;

#endif
