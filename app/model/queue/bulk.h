/* model/queue/bulk.h: one action on all entries that match a query. Each batch is a transaction of
 * its own that checks its entries again: entries that have left or no longer match are skipped. */
#ifndef QUEUE_BULK_H
#define QUEUE_BULK_H
#include "model/queue/admin.h"

struct store;

enum queue_bulk_action {
	QUEUE_BULK_RETRY,
	QUEUE_BULK_HOLD,
	QUEUE_BULK_RELEASE,
	QUEUE_BULK_DROP,
	QUEUE_BULK_BOUNCE,
	QUEUE_BULK_ROUTE, /* name: a route, as in queue_requeue */
	QUEUE_BULK_QUEUE, /* name: a named queue                */
	QUEUE_BULK_ACTIONS,
};

/* "retry", "hold"... */
const char *queue_bulk_name(enum queue_bulk_action action);
bool queue_bulk_parse(struct str name, enum queue_bulk_action *out);

struct queue_bulk {
	struct store *store;
	struct queue *queue;
	struct webhooks *webhooks;
	enum queue_bulk_action action;
	struct str name;
	bool dry_run;            /* count only */
	struct queue_query query; /* max is set by queue_bulk_run */
	/* NULL, or called in the transaction of each search, for what query.keep needs. */
	enum err (*prepare)(struct txn *t, void *arg);
	void *arg;
};

/* Act on the matching entries behind query.after. *count: how many, also if it fails in between.
 * *next: the id to continue after, because max_ms have passed; 0: all are done. Not inside a
 * transaction. Errors are the store's. */
enum err queue_bulk_run(struct queue_bulk *b, int64_t max_ms, uint64_t *count, uint64_t *next,
                        struct why *why) MUST_USE;

#endif
