/* protocols/imap/mailboxes/metadata.h: the METADATA response, shared by GETMETADATA and
 * LIST-METADATA (RFC 9590). */
#ifndef IMAP_METADATA_H
#define IMAP_METADATA_H
#include "formats/imap_wire/metadata.h"
#include "foundation/base/err.h"

struct imap;

/* The names of a GETMETADATA, SETMETADATA or LIST are names of entries. */
bool imap_metadata_valid(const struct imap_metadata *what, bool prefix);

/* Append "* METADATA name (...)" with the entries of the mailbox of that name, empty: of the
 * server, that are asked for; those asked for by name that are not there are NIL. *longest: size
 * of the greatest value above maxsize, else 0. On an error nothing is appended. */
enum err imap_metadata_put(struct imap *s, struct str name, const struct imap_metadata *what,
                           uint64_t *longest) MUST_USE;

/* The code of a SETMETADATA with a value that is too big (RFC 5464 4.3), in the command's arena. */
struct str imap_metadata_too_big(struct imap *s);

#endif
