/* console/api/queue/queue_private.h: what the files of this folder share. */
#ifndef API_QUEUE_PRIVATE_H
#define API_QUEUE_PRIVATE_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/queue/admin.h"

struct api_call;
struct txn;

/* --- queue_filter.c ------------------------------------------------------------------------ */

/* The entries that a call selects: q, domain, sender, state, queue and age, of the query string or
 * of the body. All but after, max and keep; now_ms is set. False: c->why says what is wrong. */
bool queue_filter_query(struct api_call *c, struct queue_query *out);
bool queue_filter_body(struct api_call *c, struct queue_query *out);
/* The filter of the body for the audit log, "domain=example.org state=held"; in the arena. */
struct str queue_filter_text(struct api_call *c);

/* --- queue_note.c -------------------------------------------------------------------------- */

/* An entry of the queue in the audit trail, before and after a change: one line of JSON, in
 * txn_arena, with sender, first recipients and their number, destination, held, and when it is due.
 * Empty: there is no such entry. */
enum err queue_note(struct txn *t, uint64_t id, struct str *out) MUST_USE;

#endif
