/* flow/reports_out/seen.h: counts mail in the name of domains that request DMARC reports.
 * Messages gather in memory (gather.h), and are written together every few seconds; a
 * kill loses those seconds of statistics. Thread-safe. */
#ifndef REPORTS_OUT_SEEN_H
#define REPORTS_OUT_SEEN_H
#include "flow/reports_out/row.h"

struct out_seen;
struct store;

struct out_seen *out_seen_new(void) MUST_USE;
/* Unwritten counts are lost. NULL is a no-op; clears *s. */
void out_seen_free(struct out_seen **s);

/* Count one message: the domain of the record, the record, the results (the count of row
 * is ignored). Copies; quick. Messages beyond the room or the limits of a day only count
 * in the metric. */
void out_seen_add(struct out_seen *s, struct str domain, struct str record,
                  const struct report_dmarc_row *row, int64_t now_ms);

/* Write the gathered counts every ten seconds on a thread of its own, since the sending
 * thread waits for DNS. It ends with out_seen_free. */
enum err out_seen_start(struct out_seen *s, struct store *store, struct why *why) MUST_USE;

/* Write the gathered counts; they are lost if that fails. Returns when all earlier ones
 * are written. */
enum err out_seen_flush(struct out_seen *s, struct store *store, struct why *why) MUST_USE;

#endif
