/* console/api/queue/queue_note.h: an entry of the queue as the audit trail has it before and
 * after a change. */
#ifndef API_QUEUE_NOTE_H
#define API_QUEUE_NOTE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct txn;

/* One line of JSON, in txn_arena: sender, the first recipients and how many there are, destination,
 * whether it is held and when it is due. Empty: there is no such entry. */
enum err queue_note(struct txn *t, uint64_t id, struct str *out) MUST_USE;

#endif
