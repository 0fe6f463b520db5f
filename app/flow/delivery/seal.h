/* flow/delivery/seal.h: seals of mail that is handed on (ARC, RFC 8617 5.1).
 *
 * Who forwards breaks what the author's server had proven: the next server sees our address, and
 * not the one that SPF names; a list may have broken signatures. So a copy of a stranger's mail
 * that leaves again, by an alias, a pattern, a catch-all or a list, gets a set on top: what we have
 * found when it came, signed by the domain through which it goes on. That one is responsible for
 * it, and its keys are known to whom it forwards much. An RSA key is preferred: there are verifiers
 * of ARC that know nothing else.
 *
 * A message is sealed when it is accepted, so what the queue holds is what is sent, however long
 * it is held there. All changes of ours were made before (RFC 8617 5.1 step 1), but what a
 * server without 8BITMIME or with short lines only makes necessary
 * (protocols/smtp_out/content.h): the copy for that one loses the seal's worth, as it does that
 * of its author's signatures. */
#ifndef DELIVERY_SEAL_H
#define DELIVERY_SEAL_H
#include "flow/delivery/delivery.h"
#include "foundation/base/buf.h"

/* Append the set that the domain, of ours and in normal form, adds to m; nothing when it has no
 * keys, or the chain takes none any more: it was closed, or has ARC_INSTANCES_MAX sets. m->arrival
 * is not NULL. Reads body once, and copies nothing of it. Not inside a transaction. An error is the
 * store's. */
enum err seal_put(struct buf *out, const struct delivery *d, const struct delivery_message *m,
                  struct str domain) MUST_USE;

#endif
