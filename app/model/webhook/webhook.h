/* model/webhook/webhook.h: programs of others that are told over HTTP what became of mail.
 *
 * Chapter. Who knows a result (queue/ of an attempt, delivery/ of a mailbox) calls webhook_put in
 * the transaction that records it: one row for each rule of ROOST_WEBHOOKS that wants to hear of
 * it. So what happened is told, also after a kill; and as the row goes only after the program has
 * answered, it may be told twice, with the same id. One space, written by this folder only:
 *
 *	webhook:  endpoint, due ms, id -> an event
 *	          endpoint, zeros      -> how many of it there are
 *
 * An endpoint is a URL, by its hash. A thread looks at what is due and has a pool tell it, one job
 * an endpoint at a time: one that does not answer is left alone for a while, longer each time,
 * and nobody else waits for it. Mail waits for none.
 *
 * request.h is how such a program is spoken to, signed; policy/'s hooks use it as well. */
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
	WEBHOOK_DELIVERED, /* to a mailbox here, or taken by the other server */
	WEBHOOK_DELAYED,   /* tried, and to be tried again                    */
	WEBHOOK_BOUNCED,   /* given up                                        */
	WEBHOOK_CANCELLED, /* by its sender or an administrator, before it went */
	WEBHOOK_KINDS
};
/* "delivered"...; static storage. */
const char *webhook_kind_name(enum webhook_kind kind);

struct webhook_event {
	enum webhook_kind kind;
	int64_t time_ms;
	struct mailaddr sender;               /* return path                                      */
	struct str rcpt;                      /* as the sender named him, where that is known     */
	uint64_t sent;                        /* of history/sent.h, 0: it did not come by the API */
	struct str message_id, tag, metadata; /* of that; metadata is JSON, or empty */
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

/* Makes the object; nothing is told before webhooks_start. */
struct webhooks *webhooks_new(const struct webhooks_config *config) MUST_USE;
enum err webhooks_start(struct webhooks *w, struct why *why) MUST_USE;
/* There is something new to look at, which a command beside the server may have put there. Any
 * thread; arg is the object. */
void webhooks_wake(void *arg);
/* Give up what is being told: it is told again after the next start. NULL is a no-op. */
void webhooks_halt(struct webhooks *w);
/* NULL is a no-op; clears *w. */
void webhooks_free(struct webhooks **w);

/* Is ROOST_WEBHOOKS of the form? why names the setting and the line, and never a secret. */
enum err webhooks_check(struct str text, struct why *why) MUST_USE;

/* Have the event told to whoever wants to hear of it. NULL: nobody. Errors are the store's; what
 * has no room (LIMIT_webhook_rows) is dropped, with an event in the log. Costs nothing without
 * rules. */
enum err webhook_put(struct webhooks *w, struct txn *t, const struct webhook_event *e) MUST_USE;

/* A program that is told, for people. Nothing that may be a secret is in it: of its URL only
 * scheme, host and port. */
struct webhook_state {
	struct str name, site; /* "shop.example", "https://shop.example"      */
	struct str from, tag;  /* patterns; empty: any                        */
	unsigned events;       /* BIT(enum webhook_kind)                      */
	bool is_signed;
	uint64_t waiting;                /* events that it has not taken       */
	int64_t next_ms;                 /* when it is asked next; 0: nothing waits */
	unsigned failures;               /* in a row                           */
	int64_t told_ms, failed_ms;      /* the last time of each; 0: not since the start */
	struct str failure;              /* why, the last time                 */
};

struct webhook_states {
	struct webhook_state *items; /* in the order of the setting */
	size_t count;
};
/* How it goes with each; strings live in a. Costs two looks at the store for each. Errors are the
 * store's. */
enum err webhooks_look(struct webhooks *w, struct arena *a, struct webhook_states *out) MUST_USE;

extern const struct fsck_check webhook_fsck;

#endif
