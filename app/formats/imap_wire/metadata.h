/* formats/imap_wire/metadata.h: GETMETADATA and SETMETADATA (RFC 5464 5). model/mailbox/metadata.h
 * validates the names. */
#ifndef IMAP_WIRE_METADATA_H
#define IMAP_WIRE_METADATA_H
#include "formats/imap_wire/token.h"

struct buf;

enum { IMAP_METADATA_ENTRIES = 100 }; /* of a command: each costs a scan of all entries */

struct imap_metadata_entry {
	struct str name; /* unchanged */
	struct str value;
	bool nil;
};

enum imap_metadata_depth { DEPTH_0, DEPTH_1, DEPTH_ALL };

struct imap_metadata {
	struct str mailbox; /* empty: the server */
	bool has_maxsize;
	uint64_t maxsize;
	enum imap_metadata_depth depth;
	struct imap_metadata_entry *entries;
	size_t n;
};

/* [options SP] mailbox SP [options SP] entries: the grammar has the options before the mailbox, the
 * examples after it; clients use both orders. */
bool imap_getmetadata_parse(struct cur *c, struct arena *a, bool utf8, struct imap_metadata *out);
/* mailbox SP "(" entry SP value *(SP entry SP value) ")" */
bool imap_setmetadata_parse(struct cur *c, struct arena *a, bool utf8, struct imap_metadata *out);
/* entries = entry / "(" entry *(SP entry) ")" */
bool imap_metadata_entries_parse(struct cur *c, struct arena *a, struct imap_metadata *out);

/* value = nstring / literal8: a literal8 when it contains a NUL. */
void imap_metadata_value_put(struct buf *out, struct str value);

#endif
