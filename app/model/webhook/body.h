/* model/webhook/body.h: shared by the files of this folder. */
#ifndef WEBHOOK_BODY_H
#define WEBHOOK_BODY_H
#include "foundation/base/buf.h"
#include "foundation/config/limits.h"
#include "model/webhook/row.h"
#include "model/webhook/webhook.h"

#include <pthread.h>
#include <stdatomic.h>

struct arena;
struct pool;

/* A receiver, and its state. Exists while a rule names it. */
struct endpoint {
	char id[WEBHOOK_ENDPOINT];
	bool busy;             /* a job of the pool is sending to it */
	unsigned failures;     /* consecutive ones */
	int64_t delivered_ms,
		failed_ms;          /* clock_real_ms of the last of each; 0: none since the start */
	struct why failure;         /* of the last failure */
	int64_t rest_until_ms; /* clock_mono_ms */
};

struct webhooks {
	struct webhooks_config config;
	atomic_bool stop; /* cancels requests */
	struct pool *pool;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool woken;                                /* lock */
	struct endpoint endpoints[LIMIT_webhooks]; /* lock */
	size_t endpoint_count;                     /* lock */
};

/* Under the lock. NULL: it is new. */
struct endpoint *webhooks_endpoint(struct webhooks *w, const char id[static WEBHOOK_ENDPOINT]);

/* event.c: append the event as JSON. */
void webhook_event_put(struct buf *out, const struct webhook_event *e, struct str id,
                       struct arena *a);

/* The result of a job for an endpoint. */
struct webhook_result {
	unsigned delivered;
	bool failed;        /* the last request failed: back off */
	struct why failure; /* of the failed one */
};

/* deliver.c: send all due events to the endpoint of this rule, until none is left or one fails. */
struct webhook_rule;
struct webhook_result webhook_deliver(struct webhooks *w, const struct webhook_rule *rule,
                                 struct str dns_servers);
/* The consecutive failures after this job. A job with any success resets them, so one event that
 * the endpoint refuses does not delay the others for long. */
unsigned webhook_failures(unsigned before, const struct webhook_result *result);

#endif
