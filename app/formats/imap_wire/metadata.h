/* formats/imap_wire/metadata.h: GETMETADATA and SETMETADATA (RFC 5464 5). Whether names are
 * valid is for model/mailbox/metadata.h to say. */
#ifndef IMAP_WIRE_METADATA_H
#define IMAP_WIRE_METADATA_H
#include "formats/imap_wire/token.h"

struct buf;

enum { IMAP_METADATA_ENTRIES = 100 }; /* of a command: each is looked for among all there are */

struct imap_metadata_entry {
	struct str name; /* as it came */
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

/* [options SP] mailbox SP [options SP] entries: the grammar has the options before the mailbox,
 * the examples behind it, and clients do either. */
bool imap_getmetadata_parse(struct cur *c, struct arena *a, bool utf8, struct imap_metadata *out);
/* mailbox SP "(" entry SP value *(SP entry SP value) ")" */
bool imap_setmetadata_parse(struct cur *c, struct arena *a, bool utf8, struct imap_metadata *out);
/* entries = entry / "(" entry *(SP entry) ")" */
bool imap_metadata_entries_parse(struct cur *c, struct arena *a, struct imap_metadata *out);

/* value = nstring / literal8: the latter when there is a NUL in it. */
void imap_metadata_value_put(struct buf *out, struct str value);

#endif
