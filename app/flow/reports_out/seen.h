/* flow/reports_out/seen.h: counts mail in the name of domains that want DMARC reports.
 *
 * Messages gather in memory (gather.h), and are written together each few seconds; what lies in
 * between is lost by a kill: it is statistics. Thread-safe. */
#ifndef REPORTS_OUT_SEEN_H
#define REPORTS_OUT_SEEN_H
#include "flow/reports_out/row.h"

struct out_seen;
struct store;

struct out_seen *out_seen_new(void) MUST_USE;
/* What was not written is lost. NULL is a no-op; clears *s. */
void out_seen_free(struct out_seen **s);

/* Count one message: the domain where a record was found, the record, what was found (its count is
 * not looked at). Copies; quick. More than can be held, and what comes after the limits of a day,
 * is only counted in the metric. */
void out_seen_add(struct out_seen *s, struct str domain, struct str record,
                  const struct report_dmarc_row *row, int64_t now_ms);

/* Write what gathers every ten seconds, on a thread of its own, which waits for nobody: whoever
 * sends reports waits for DNS. It ends with out_seen_free. */
enum err out_seen_start(struct out_seen *s, struct store *store, struct why *why) MUST_USE;

/* Write what has gathered; it is lost when that fails. Back when all that was added before is
 * written. */
enum err out_seen_flush(struct out_seen *s, struct store *store, struct why *why) MUST_USE;

#endif
