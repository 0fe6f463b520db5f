/* model/history/record.h: the rows of the trace spaces; for this folder only. */
#ifndef HISTORY_RECORD_H
#define HISTORY_RECORD_H
#include "model/history/trace.h"
#include "model/store/kv.h"

enum { TRACE_KEY_BYTES = 8, TRACE_STEP_KEY_BYTES = 12 };

struct str record_key(char to[static TRACE_KEY_BYTES], uint64_t id);
/* False: malformed. */
bool record_key_parse(struct str key, uint64_t *id);
bool record_step_key_parse(struct str key, uint64_t *id, uint32_t *number);

/* The session of a message id such as "k3v7q-2"; other text is returned unchanged. */
struct str record_session(struct str mail);
enum err record_put(struct txn *t, const struct trace *trace) MUST_USE;
/* Without its later steps; strings are borrowed from record, lists live in a. False: malformed. */
bool record_parse(uint64_t id, struct str record, struct arena *a, struct trace *out);

enum err record_step_add(struct txn *t, uint64_t id, const struct trace_step *step) MUST_USE;
bool record_step_parse(struct str record, int64_t begun_ms, struct trace_step *out);
/* Append the later steps to trace, which then lives in a. */
enum err record_steps_read(struct txn *t, struct trace *trace, struct arena *a) MUST_USE;

#endif
