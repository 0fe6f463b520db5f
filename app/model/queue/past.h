/* model/queue/past.h: the history of mail that has left: one row for each recipient that
 * was delivered or given up, kept for ROOST_QUEUE_HISTORY_DAYS.
 *
 *	queue_past: id -> record; an id is the time in microseconds, or a little later
 *
 * Old rows are removed by new ones: each report deletes twice as many old rows as it
 * adds, so there is no large cleanup. */
#ifndef QUEUE_PAST_H
#define QUEUE_PAST_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/envelope/envelope.h"

struct txn;

struct queue_past {
	uint64_t id;
	int64_t time_ms;
	uint64_t entry, message; /* its ids in the queue */
	bool delivered;          /* else it failed permanently */
	struct mailaddr sender, rcpt;
	uint32_t submitter;
	uint64_t size_bytes;
	uint32_t attempts; /* including the last */
	int64_t created_ms;
	struct envelope_reply reply;
	struct str queue, route, host, address, tls; /* as in queue_item and queue_path */
};

/* In the transaction that removes the recipient from the queue. days: how long rows are
 * kept; 0: no row is written, and old rows are still removed. */
enum err past_add(struct txn *t, const struct queue_past *past, uint64_t days) MUST_USE;

struct queue_past_query {
	uint64_t before; /* ids below this; 0: from the newest          */
	struct str text; /* part of an address, host or reply; any case */
	int64_t since_ms, until_ms; /* 0: any                     */
	size_t max;
	/* may it be shown? NULL: always */
	bool (*keep)(const struct queue_past *past, void *arg);
	void *arg;
};

struct queue_past_list {
	struct queue_past *items; /* newest first; in a            */
	size_t count;
	uint64_t next; /* before, for the next page; 0: no more */
};

/* Visits LIMIT_queue_past_look rows at most: then count may be less than max, and next
 * continues. */
enum err queue_past_find(struct txn *t, const struct queue_past_query *query, struct arena *a,
                         struct queue_past_list *out) MUST_USE;

/* For fsck: counts unreadable rows. */
enum err past_check(struct txn *t, uint64_t *bad) MUST_USE;

#endif
