/* model/history/sent.h: API submissions and their state for each recipient; and idempotency keys.
 *
 * flow/delivery/ stores a message in the transaction that accepts it, model/queue/ records each
 * result in its transaction, so the API shows what has happened. Three spaces, written by this
 * folder only:
 *
 *	sent:       account, id            -> the message
 *	            account, id, address   -> its state for this recipient
 *	sent_key:   account, hash of key   -> the request with it, and the response
 *	sent_waits: account, id, entry     -> nothing; an entry in the queue
 *
 * Only its queue entries tell whether a message is pending: an alias in state delivered may have
 * further recipients in the queue.
 *
 * An id contains the time, so the rows of an account are in order of age. Each new message removes
 * up to two that are too old and not pending, so no call waits for a large clean-up. */
#ifndef HISTORY_SENT_H
#define HISTORY_SENT_H
#include "foundation/base/err.h"
#include "foundation/crypto/hash.h"

struct arena;
struct txn;

enum sent_state {
	SENT_QUEUED = 1,
	SENT_DELAYED,   /* tried, and scheduled again */
	SENT_DELIVERED, /* to a local mailbox, or accepted by the remote server */
	SENT_BOUNCED,   /* failed permanently */
	SENT_CANCELLED, /* by its sender                              */
	SENT_DROPPED,   /* by an administrator                        */
	SENT_REFUSED,   /* not accepted */
	SENT_STATES
};
/* "queued"...; static storage. */
const char *sent_state_name(enum sent_state state);

struct sent_rcpt {
	struct str address; /* as the application wrote it, in the envelope's form */
	enum sent_state state;
	int64_t time_ms;
	struct str reply; /* "mx.example.net: 250 2.0.0 Ok", or empty */
	/* Its sender cancelled its pending entries. An address may have several recipients, so
	 * state is still that of the others. */
	bool stopped;
};

struct sent {
	uint32_t account;
	uint64_t id;
	int64_t created_ms;
	int64_t send_at_ms; /* 0: at once                           */
	struct str from;    /* return path                          */
	struct str message_id;
	struct str tag;      /* as given, or empty                   */
	struct str metadata; /* JSON, or empty */
	uint64_t trace;      /* model/history/trace.h, or 0                  */
	uint64_t object;     /* its OBJECT_SUBMISSION (model/objects), which changes with its
	                      * recipients and is removed with it; or 0 */
};

enum { SENT_REPLY_MAX = 1000, SENT_ADDRESS_MAX = 330 };

/* A new id, which contains the time and is hard to guess. */
uint64_t sent_id_new(int64_t now_ms);

/* An idempotency key and its request. */
struct sent_key {
	uint8_t hash[HASH_BYTES];    /* of the key */
	uint8_t request[HASH_BYTES]; /* of the request */
	struct str answer;           /* the response */
};

struct sent_new {
	struct sent sent;
	const struct sent_rcpt *rcpts; /* without duplicates, addresses of at most
				        * SENT_ADDRESS_MAX */
	size_t rcpt_count;
	const struct sent_key *key; /* NULL: none */
	/* Add an OBJECT_SUBMISSION with this record, unless it is empty; *object_id is its id. */
	struct str object;
	uint64_t *object_id;
};

/* Store it; days: retention, at least 1. ERR_CONFLICT, with nothing written: the id exists, or the
 * key was used within LIMIT_sent_key_s. */
enum err sent_put(struct txn *t, const struct sent_new *new, uint64_t days) MUST_USE;

/* The same check without writing, for use before other work: ERR_CONFLICT as above. */
enum err sent_check(struct txn *t, const struct sent_new *new) MUST_USE;

/* The response to the key, in a. ERR_MISSING: none, or expired. */
enum err sent_key_get(struct txn *t, uint32_t account, const uint8_t hash[HASH_BYTES],
                      int64_t now_ms, struct arena *a, struct sent_key *out) MUST_USE;

/* Record the state for one recipient, or for one target of an alias; of now, stopped is ignored:
 * SENT_CANCELLED sets it. A bounce is final, and a final state is not replaced by SENT_QUEUED; a
 * later state of another target replaces SENT_CANCELLED. ERR_MISSING: there is no such message, or
 * it has no such recipient. */
enum err sent_note(struct txn *t, uint32_t account, uint64_t id,
                   const struct sent_rcpt *now) MUST_USE;

/* The message, in a. ERR_MISSING. */
enum err sent_get(struct txn *t, uint32_t account, uint64_t id, struct arena *a,
                  struct sent *out) MUST_USE;

struct sent_rcpts {
	struct sent_rcpt *items; /* by address; in a */
	size_t count;
	size_t in_state[SENT_STATES]; /* numbers for all, also for those that are not in items */
	size_t total;
};
/* Its recipients; items has at most max. Costs a row for each. */
enum err sent_rcpts_get(struct txn *t, uint32_t account, uint64_t id, size_t max, struct arena *a,
                        struct sent_rcpts *out) MUST_USE;

/* --- entries in the queue: model/queue/ updates them --- */

enum err sent_waits_put(struct txn *t, uint32_t account, uint64_t id, uint64_t entry) MUST_USE;
/* OK also when it is unknown. */
enum err sent_waits_del(struct txn *t, uint32_t account, uint64_t id, uint64_t entry) MUST_USE;
/* ERR_MISSING: the entry does not belong to that message. */
enum err sent_waits_check(struct txn *t, uint32_t account, uint64_t id, uint64_t entry) MUST_USE;
/* The number of such rows; reads each. For fsck. */
enum err sent_waits_count(struct txn *t, uint64_t *count) MUST_USE;

/* Does the message have entries in the queue? One look-up. */
enum err sent_waits(struct txn *t, uint32_t account, uint64_t id, bool *waits) MUST_USE;
struct sent_entries {
	uint64_t *items; /* by age; in a */
	size_t count;
};
enum err sent_waits_get(struct txn *t, uint32_t account, uint64_t id, struct arena *a,
                        struct sent_entries *out) MUST_USE;

/* --- the list of messages --- */

struct sent_listed {
	struct sent sent;
	struct sent_rcpts rcpts;
};

struct sent_query {
	uint32_t account;        /* only of this one; 0: of all accounts that keep accepts */
	uint64_t before;         /* 0, or the last message of the previous page: its id */
	uint32_t before_account; /* and its account                              */
	bool waiting;            /* only messages with entries in the queue */
	size_t max, rcpts;       /* maximum of messages; of recipients in each */
	/* May the account's mail be shown? Called once for each account with messages; NULL:
	 * yes. */
	bool (*keep)(struct txn *t, uint32_t account, void *arg);
	void *arg;
};

struct sent_list {
	struct sent_listed *items; /* newest first */
	size_t count;
	bool more; /* continue with these as before */
	uint64_t before;
	uint32_t before_account;
};
/* Find messages, in a. A page costs a look-up for each account with messages, at most
 * LIMIT_sent_look_accounts (further ones are only found by account), and the rows of its messages,
 * at most about LIMIT_sent_look: then more is true, whatever count is. */
enum err sent_find(struct txn *t, const struct sent_query *q, struct arena *a,
                   struct sent_list *out) MUST_USE;

/* Delete all of an account. */
enum err sent_erase(struct txn *t, uint32_t account) MUST_USE;

extern const struct fsck_check sent_fsck;

#endif
