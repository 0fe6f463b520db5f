/* protocols/imap/flags.h: flags between their names on the wire and the sets of mailbox/. */
#ifndef IMAP_FLAGS_H
#define IMAP_FLAGS_H
#include "formats/imap_wire/token.h"
#include "foundation/base/buf.h"
#include "model/mailbox/keywords.h"

struct imap;

/* "(\Seen $Junk)" */
void imap_flags_put(struct buf *out, const struct keywords *k, struct flags f, bool recent);

/* Say by FLAGS and PERMANENTFLAGS (RFC 9051 7.3.5, 7.1) which flags there are, if k has one
 * that the client was not told of; always: also when not. */
void imap_flags_tell(struct imap *s, struct buf *out, const struct keywords *k, bool always);

/* A list of flags as a set. \Recent is left out: no client can change it (RFC 3501 2.3.2).
 * make: keywords that are new are given a number, in a write transaction; else left out.
 * ERR_SYNTAX: a system flag that does not exist; ERR_LIMIT: no more keywords. */
enum err imap_flags_of(const struct mail_txn *m, const struct imap_strs *names, bool make,
                       struct flags *out) MUST_USE;

#endif
