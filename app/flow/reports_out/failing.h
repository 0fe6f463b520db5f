/* flow/reports_out/failing.h: gathers failed messages for failure reports. They gather in
 * memory (gather.h), and are written together every few seconds (failed.h); a kill loses
 * those seconds. Thread-safe. */
#ifndef REPORTS_OUT_FAILING_H
#define REPORTS_OUT_FAILING_H
#include "flow/reports_out/failure.h"
#include "foundation/base/err.h"

struct out_failing;
struct store;

/* Names are hidden by its own key, so they change at the next start. */
struct out_failing *out_failing_new(void) MUST_USE;
/* Unwritten messages are lost. NULL is a no-op; clears *f. */
void out_failing_free(struct out_failing **f);

/* Add one message; ignored if there is no room. Copies; never waits. */
void out_failing_add(struct out_failing *f, const struct report_failure *of,
                     enum out_failure_kind kind, int64_t now_ms);

/* Write the gathered messages; they are lost if that fails. *fresh becomes true if a
 * report is pending, and is unchanged otherwise. */
enum err out_failing_flush(struct out_failing *f, struct store *store, bool *fresh,
                           struct why *why) MUST_USE;

#endif
