/* flow/delivery/seal.h: ARC sets of forwarded mail (RFC 8617 5.1).
 *
 * Forwarding breaks what the author's server has proven: the next server sees our address
 * instead of one in the SPF record, and a list may have broken signatures. So a copy of
 * remote mail that is forwarded by an alias, a pattern, a catch-all or a list gets an ARC
 * set on top. It has our results, signed by the forwarding domain, which is responsible
 * for the mail. An RSA key is preferred, since some verifiers of ARC support no other.
 *
 * A message is sealed at acceptance, so the queue holds its sent form. All our changes
 * precede it (RFC 8617 5.1 step 1), except conversions for a server without 8BITMIME or
 * with short lines (protocols/smtp_out/content.h): they break the seal like the author's
 * signatures. */
#ifndef DELIVERY_SEAL_H
#define DELIVERY_SEAL_H
#include "flow/delivery/delivery.h"
#include "foundation/base/buf.h"

/* Append the ARC set that the local domain, in normal form, adds to m. Nothing if it has
 * no keys, or the chain is closed or has ARC_INSTANCES_MAX sets. m->arrival is not NULL.
 * Reads body once without copies. Not inside a transaction. Errors are the store's. */
enum err seal_put(struct buf *out, const struct delivery *d, const struct delivery_message *m,
                  struct str domain) MUST_USE;

#endif
