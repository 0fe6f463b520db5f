/* protocols/imap/mailboxes/metadata.h: the METADATA response, shared by GETMETADATA and
 * LIST-METADATA (RFC 9590). */
#ifndef IMAP_METADATA_H
#define IMAP_METADATA_H
#include "formats/imap_wire/metadata.h"
#include "foundation/base/err.h"

struct imap;

/* Are the names of a GETMETADATA, SETMETADATA or LIST valid names of entries? */
bool imap_metadata_valid(const struct imap_metadata *what, bool prefix);

/* Append "* METADATA name (...)" with the requested entries of the mailbox; name empty:
 * of the server. Requested names without an entry are NIL. *longest: size of the largest
 * value above maxsize, else 0. On an error nothing is appended. */
enum err imap_metadata_put(struct imap *s, struct str name, const struct imap_metadata *what,
                           uint64_t *longest) MUST_USE;

/* The response code for a SETMETADATA value that is too big (RFC 5464 4.3), in the
 * command's arena. */
struct str imap_metadata_too_big(struct imap *s);

#endif
