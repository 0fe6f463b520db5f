/* model/history/record.h: the rows of the trace spaces; for this folder only. */
#ifndef HISTORY_RECORD_H
#define HISTORY_RECORD_H
#include "model/history/trace.h"
#include "model/store/kv.h"

enum { TRACE_KEY_BYTES = 8, TRACE_STEP_KEY_BYTES = 12 };

struct str record_key(char to[static TRACE_KEY_BYTES], uint64_t id);
/* False: the key is none. */
bool record_key_parse(struct str key, uint64_t *id);
bool record_step_key_parse(struct str key, uint64_t *id, uint32_t *number);

/* Of an id of a message, "k3v7q-2", the session; of anything else, all of it. */
struct str record_session(struct str mail);
enum err record_put(struct txn *t, const struct trace *trace) MUST_USE;
/* Without its later steps; strings are borrowed from record, lists live in a. False: it
 * cannot be read. */
bool record_parse(uint64_t id, struct str record, struct arena *a, struct trace *out);

enum err record_step_add(struct txn *t, uint64_t id, const struct trace_step *step) MUST_USE;
bool record_step_parse(struct str record, int64_t begun_ms, struct trace_step *out);
/* Append the later steps to trace, which is read whole; all of it moves into a. */
enum err record_steps_read(struct txn *t, struct trace *trace, struct arena *a) MUST_USE;

#endif
