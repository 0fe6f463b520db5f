/* model/queue/entry.h: an entry of the queue as code sees it; see queue.h. */
#ifndef QUEUE_ENTRY_H
#define QUEUE_ENTRY_H
#include "model/envelope/envelope.h"
#include "model/store/blob.h"

#define QUEUE_NEVER_MS INT64_MAX

/* Attempts of an entry by a route. */
struct queue_tried {
	struct str route; /* its name in ROOST_ROUTES; empty: direct to the MX */
	uint32_t attempts;
};

enum { QUEUE_DESTINATION_MAX = 1 + 40 + 1 + MAILADDR_DOMAIN_MAX }; /* "@route/domain" */
enum { QUEUE_NAME_MAX = 40, QUEUE_TRIED_MAX = 8 };

struct queue_item {
	uint64_t id;            /* of the entry */
	uint64_t message;       /* shared by the entries of one message: the first one's id */
	struct str destination; /* domain, or empty for the smarthost */
	struct blob_id blob;    /* the message as sent; the entry has a reference */
	uint64_t size_bytes;
	struct envelope envelope; /* rcpts: those without a final result: 1 or more      */
	int64_t created_ms;
	int64_t expires_ms;
	int64_t due_ms; /* next attempt, or end of the lease                       */
	uint32_t attempts;
	uint64_t holder;          /* of the lease, 0 for none                      */
	bool held;                /* not tried until released (queue_hold)         */
	struct str queue;         /* its named queue; empty: the default one       */
	struct queue_tried *tried; /* attempts by route, at most QUEUE_TRIED_MAX routes;
	                            * attempts from before routes existed are only in
	                            * attempts */
	size_t tried_count;
};

/* Entries that may share a connection. */
struct queue_destination {
	struct str queue;       /* named queue; empty: the default one             */
	struct str route;       /* chosen by an administrator; empty: by the rules */
	struct str destination; /* domain, or empty for the smarthost              */
};

#endif
