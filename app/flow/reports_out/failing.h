/* flow/reports_out/failing.h: messages that failed, on their way to be told of.
 *
 * They gather in memory (gather.h), and are written together each few seconds (failed.h);
 * what lies in between is lost by a kill. Thread-safe. */
#ifndef REPORTS_OUT_FAILING_H
#define REPORTS_OUT_FAILING_H
#include "flow/reports_out/failure.h"
#include "foundation/base/err.h"

struct out_failing;
struct store;

/* Names are hidden by a key of its own, so they are others after the next start. */
struct out_failing *out_failing_new(void) MUST_USE;
/* What was not written is lost. NULL is a no-op; clears *f. */
void out_failing_free(struct out_failing **f);

/* Take one message; nothing when there is no room. Copies; never waits. */
void out_failing_add(struct out_failing *f, const struct report_failure *of,
                     enum out_failure_kind kind, int64_t now_ms);

/* Write what has gathered; it is lost when that fails. *fresh becomes true when there is something
 * to be sent, and stays as it is otherwise. */
enum err out_failing_flush(struct out_failing *f, struct store *store, bool *fresh,
                           struct why *why) MUST_USE;

#endif
