/* protocols/smtp_out/settle.h: batches that need no remote server: discarded, refused or
 * held by a rule, delivered locally, or without a way. */
#ifndef SMTP_OUT_SETTLE_H
#define SMTP_OUT_SETTLE_H
#include "protocols/smtp_out/batch.h"

struct queue_batch;

/* The way has no host: its rule has the result for all recipients. */
void out_settle(const struct out_batch *b, const struct queue_batch *batch);

/* The way does not exist: defer, with the reason. */
void out_settle_later(const struct out_batch *b, const struct queue_batch *batch, struct str why);

#endif
