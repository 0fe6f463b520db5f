/* smtp/out_batch.h: bring a batch of messages to their destination over one connection, and
 * report what came of each. */
#ifndef SMTP_OUT_BATCH_H
#define SMTP_OUT_BATCH_H
#include "smtp/out.h"
#include "smtp/out_route.h"

#include <stdatomic.h>

struct out_batch {
	const struct smtp_out_config *config;
	const struct settings *settings;
	const struct out_smarthost *smarthost; /* NULL: by MX                              */
	const atomic_bool *stopping;           /* begin no further message once it is true */
};

/* Deliver first, then whatever else is due for the same destination while the connection is
 * good, up to LIMIT_smtp_out_messages. Every item is reported or released. */
void out_batch_run(const struct out_batch *b, const struct queue_batch *first);

#endif
