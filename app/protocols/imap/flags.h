/* protocols/imap/flags.h: converts flags between names on the wire and the sets of
 * mailbox/. */
#ifndef IMAP_FLAGS_H
#define IMAP_FLAGS_H
#include "formats/imap_wire/token.h"
#include "foundation/base/buf.h"
#include "model/mailbox/keywords.h"

struct imap;

/* "(\Seen $Junk)" */
void imap_flags_put(struct buf *out, const struct keywords *k, struct flags f, bool recent);

/* Send FLAGS and PERMANENTFLAGS (RFC 9051 7.3.5, 7.1) if k has a keyword that the client
 * has not received yet, or if always. */
void imap_flags_tell(struct imap *s, struct buf *out, const struct keywords *k, bool always);

/* Convert a list of flags to a set. \Recent is ignored: clients cannot change it (RFC
 * 3501 2.3.2). make: create unknown keywords, in a write transaction; else ignore them.
 * ERR_SYNTAX: an unknown system flag; ERR_LIMIT: too many keywords. */
enum err imap_flags_of(const struct mail_txn *m, const struct imap_strs *names, bool make,
                       struct flags *out) MUST_USE;

#endif
