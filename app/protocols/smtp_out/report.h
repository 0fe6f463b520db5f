/* protocols/smtp_out/report.h: the queue is told what came of an entry. */
#ifndef SMTP_OUT_REPORT_H
#define SMTP_OUT_REPORT_H
#include "protocols/smtp_out/batch.h"

struct out_local;

/* results: item->rcpt_count; those without a path went by this one. local: whose deliveries here
 * are part of it; or NULL. Where the remote has the message it waits for room on the disk while the
 * lease lasts, since a full disk must not send it twice; else the entry is due again in some
 * minutes. False: it was not recorded, and others would not be either. */
bool out_report(const struct out_batch *b, const struct queue_path *path,
                const struct queue_item *item, struct queue_result *results,
                struct out_local *local);

#endif
