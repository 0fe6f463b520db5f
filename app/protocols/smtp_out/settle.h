/* protocols/smtp_out/settle.h: batches for which nobody is asked: discarded, refused or kept by
 * a rule, taken in at their time, or without a way. */
#ifndef SMTP_OUT_SETTLE_H
#define SMTP_OUT_SETTLE_H
#include "protocols/smtp_out/batch.h"

/* A way that leads to no host: what its rule says is the answer for all. */
void out_settle(const struct out_batch *b, const struct queue_batch *batch);

/* There is no such way: later, and why. */
void out_settle_later(const struct out_batch *b, const struct queue_batch *batch, struct str why);

#endif
