/* protocols/jmap/ids.h: ids as text (RFC 8620 1.2): a letter for the kind, the account, a dash, the
 * number. An id of another account or of another kind does not parse, so it is unknown. */
#ifndef JMAP_IDS_H
#define JMAP_IDS_H
#include "foundation/base/buf.h"

enum {
	JMAP_ID_MAX = 255, /* RFC 8620 1.2 */
	JMAP_ID_ROOM = 32, /* of ours */
};
enum jmap_id_kind {
	ID_MAILBOX = 'F',
	ID_EMAIL = 'M',
	ID_THREAD = 'T',
	ID_IDENTITY = 'I',
	ID_SUBMISSION = 'S',
	ID_PUSH = 'P',
	ID_SCRIPT = 'V',
};

/* "a12" */
void jmap_account_put(struct buf *out, uint32_t account);
bool jmap_account_parse(struct str id, uint32_t *account);
/* "M12-345" */
void jmap_id_put(struct buf *out, enum jmap_id_kind kind, uint32_t account, uint64_t number);
bool jmap_id_parse(struct str id, enum jmap_id_kind kind, uint32_t account, uint64_t *number);
/* The same as text in a. */
struct str jmap_id_text(struct arena *a, enum jmap_id_kind kind, uint32_t account, uint64_t number);
/* A state: "s" and the modseq. */
struct str jmap_state_text(struct arena *a, uint64_t modseq);
bool jmap_state_parse(struct str state, uint64_t *modseq);
/* Is it an id at all (RFC 8620 1.2)? */
bool jmap_id_valid(struct str id);

#endif
