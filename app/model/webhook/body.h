/* model/webhook/body.h: what the files of this folder share. */
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

/* Somebody who is told, and how that went. Kept while a rule names him. */
struct endpoint {
	char id[WEBHOOK_ENDPOINT];
	bool busy;             /* a job of the pool is telling him */
	unsigned failures;     /* in a row */
	int64_t told_ms, failed_ms; /* clock_real_ms of the last; 0: none since the start */
	struct why failure;         /* of the last that failed */
	int64_t rest_until_ms; /* clock_mono_ms */
};

struct webhooks {
	struct webhooks_config config;
	atomic_bool stop; /* requests give up */
	struct pool *pool;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool woken;                                /* lock */
	struct endpoint endpoints[LIMIT_webhooks]; /* lock */
	size_t endpoint_count;                     /* lock */
};

/* Under the lock. NULL: he is new. */
struct endpoint *webhooks_endpoint(struct webhooks *w, const char id[static WEBHOOK_ENDPOINT]);

/* event.c: append the event as JSON. */
void webhook_event_put(struct buf *out, const struct webhook_event *e, struct str id,
                       struct arena *a);

/* How a turn with an endpoint went. */
struct webhook_turn {
	unsigned told;
	bool failed;        /* the last one: he is to be left alone for a while */
	struct why failure; /* of the one that failed */
};

/* tell.c: tell the endpoint of this rule what is due, until that is over, or fails. */
struct webhook_rule;
struct webhook_turn webhook_tell(struct webhooks *w, const struct webhook_rule *rule,
                                 struct str dns_servers);
/* How many turns in a row have failed after this one: who took anything is there, and one event
 * that he does not like does not keep the others from him for long. */
unsigned webhook_failures(unsigned before, const struct webhook_turn *turn);

#endif
