/* protocols/smtp_out/report.h: records the results of an entry in the queue. */
#ifndef SMTP_OUT_REPORT_H
#define SMTP_OUT_REPORT_H
#include "protocols/smtp_out/batch.h"

struct delivery_local;
struct queue_path;
struct queue_result;

/* results has item->rcpt_count places; path is for those without their own. local has
 * deliveries on this server that belong to it, or NULL. If the remote has the message,
 * waits for disk space while the lease lasts, since a retry would deliver a second copy;
 * else the entry is due again in some minutes. False: nothing was recorded, and further
 * reports would fail too. */
bool out_report(const struct out_batch *b, const struct queue_path *path,
                const struct queue_item *item, struct queue_result *results,
                struct delivery_local *local);

#endif
