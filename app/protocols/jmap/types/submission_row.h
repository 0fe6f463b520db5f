/* protocols/jmap/types/submission_row.h: the record of an OBJECT_SUBMISSION. The states of its
 * recipients are in model/history/sent.h. */
#ifndef JMAP_SUBMISSION_ROW_H
#define JMAP_SUBMISSION_ROW_H
#include "foundation/base/buf.h"

struct submission {
	uint64_t id;
	struct str identity; /* id, as the client gave it */
	uint64_t email, thread;
	uint64_t sent; /* id in model/history/sent.h */
	int64_t created_ms, send_at_ms;
	struct str envelope; /* JSON */
};
void submission_pack(struct buf *out, const struct submission *s);
/* Strings are borrowed from record. id is left alone. False: it cannot be read. */
bool submission_unpack(struct str record, struct submission *out);

#endif
