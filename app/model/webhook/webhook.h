/* model/webhook/webhook.h: webhooks: notifications of applications over HTTP about the results of
 * mail.
 *
 * The code that records a result (model/queue/ for an attempt, flow/delivery/ for a mailbox) calls
 * webhook_put in the same transaction: one row for each matching rule of ROOST_WEBHOOKS. So every
 * result is sent, also after a kill. The row is removed only after the application has responded,
 * so an event may be sent twice, with the same id. One space, written by this folder only:
 *
 *	webhook:  endpoint, due ms, id -> an event
 *	          endpoint, zeros      -> the number of its events
 *
 * An endpoint is a URL, identified by its hash. A thread finds due events and has a pool send them,
 * one job at a time for each endpoint: after a failure it backs off, longer each time, without
 * delaying others. Mail does not wait for webhooks.
 *
 * request.h sends signed requests; the hooks of flow/policy/ use it as well. */
#ifndef WEBHOOK_H
#define WEBHOOK_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;
struct live;
struct store;
struct txn;
struct webhooks;

enum webhook_kind {
	WEBHOOK_DELIVERED, /* to a local mailbox, or accepted by the remote server */
	WEBHOOK_DELAYED,   /* tried, and scheduled again */
	WEBHOOK_BOUNCED,   /* failed permanently */
	WEBHOOK_CANCELLED, /* by its sender or an administrator, before delivery */
	WEBHOOK_KINDS
};
/* "delivered"...; static storage. */
const char *webhook_kind_name(enum webhook_kind kind);

struct webhook_event {
	enum webhook_kind kind;
	int64_t time_ms;
	struct mailaddr sender;               /* return path                                      */
	struct str rcpt;                      /* as the sender wrote it, if known */
	uint64_t sent;                        /* of history/sent.h, 0: not an API submission */
	struct str message_id, tag, metadata; /* of the message; metadata is JSON, or empty */
	uint64_t queue;                       /* id of the message in the queue, or 0             */
	uint64_t trace;                       /* or 0                                             */
	uint32_t attempts;
	unsigned code; /* of the last reply; 0: none                       */
	struct str status, text, remote;
};

/* Everything is borrowed and outlives it. */
struct webhooks_config {
	struct store *store;
	struct live *live;
};

/* Creates the object; nothing is sent before webhooks_start. */
struct webhooks *webhooks_new(const struct webhooks_config *config) MUST_USE;
enum err webhooks_start(struct webhooks *w, struct why *why) MUST_USE;
/* There may be new events, also from a command. Thread-safe; arg is the object. */
void webhooks_wake(void *arg);
/* Cancel requests under way; they are sent again after the next start. NULL is a no-op. */
void webhooks_halt(struct webhooks *w);
/* NULL is a no-op; clears *w. */
void webhooks_free(struct webhooks **w);

/* Is ROOST_WEBHOOKS valid? why names the setting and the line, without secrets. */
enum err webhooks_check(struct str text, struct why *why) MUST_USE;

/* Store the event for each matching rule. NULL is a no-op. Errors are the store's; an event beyond
 * LIMIT_webhook_rows is dropped and logged. Costs nothing without rules. */
enum err webhook_put(struct webhooks *w, struct txn *t, const struct webhook_event *e) MUST_USE;

/* The state of a webhook, for people. Contains no secrets: of its URL only scheme, host and
 * port. */
struct webhook_state {
	struct str name, site; /* "shop.example", "https://shop.example"      */
	struct str from, tag;  /* patterns; empty: any                        */
	unsigned events;       /* BIT(enum webhook_kind)                      */
	bool is_signed;
	uint64_t waiting;                /* undelivered events */
	int64_t next_ms;                 /* time of the next attempt; 0: no events */
	unsigned failures;               /* consecutive ones */
	int64_t delivered_ms, failed_ms;      /* the last time of each; 0: not since the start */
	struct str failure;              /* reason of the last failure */
};

struct webhook_states {
	struct webhook_state *items; /* in the order of the setting */
	size_t count;
};
/* The state of each webhook; strings live in a. Costs two look-ups in the store for each. Errors
 * are the store's. */
enum err webhooks_states_get(struct webhooks *w, struct arena *a,
                             struct webhook_states *out) MUST_USE;

extern const struct fsck_check webhook_fsck;

#endif
