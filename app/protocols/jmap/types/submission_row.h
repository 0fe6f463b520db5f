/* protocols/jmap/types/submission_row.h: the record of an OBJECT_SUBMISSION. The states of its
 * recipients are in model/history/sent.h. */
#ifndef JMAP_SUBMISSION_ROW_H
#define JMAP_SUBMISSION_ROW_H
#include "foundation/text/json.h"
#include "model/history/sent.h"

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

/* Read one by its id. The strings are borrowed from t. ERR_MISSING. */
enum err submission_read(struct txn *t, uint32_t account, struct str id,
                         struct submission *out) MUST_USE;

enum undo { UNDO_PENDING, UNDO_FINAL, UNDO_CANCELED };
extern const char *const submission_undo_names[];
/* The undoStatus: pending while no recipient has a final result and the queue has an entry. rcpts
 * has at most max recipients, in a. */
enum err submission_undo(struct txn *t, uint32_t account, uint64_t sent, size_t max,
                         struct arena *a, struct sent_rcpts *rcpts, enum undo *out) MUST_USE;
/* Times are shown in whole seconds (RFC 8620 1.4). */
int64_t submission_seconds(int64_t ms);

/* --- Functions of the type: submission_set.c, submission_query.c --- */

struct jmap_patch;
struct jmap_query;
struct jmap_set;
enum err submission_create(struct jmap_set *s, struct json object, struct str *id) MUST_USE;
enum err submission_update(struct jmap_set *s, struct str id,
                           const struct jmap_patch *patch) MUST_USE;
enum err submission_destroy(struct jmap_set *s, struct str id) MUST_USE;
void submission_done(struct jmap_set *s, bool committed);
enum err submission_query(struct jmap_query *q) MUST_USE;

#endif
