/* model/history/sent.h: what programs have sent by the API, and what became of it, recipient by
 * recipient; and the keys by which a program says that it asks for the same once more.
 *
 * Chapter. delivery/ puts a message in the transaction that accepts it, queue/ notes each result in
 * the transaction that records it, so what a program reads here is what has happened. Three spaces,
 * written by this folder only:
 *
 *	sent:       account, id            -> the message
 *	            account, id, address   -> what became of it for this recipient
 *	sent_key:   account, hash of key   -> what was asked with it, and the answer
 *	sent_waits: account, id, entry     -> nothing; what of it lies in the queue
 *
 * Whether a message waits its entries say and not the states: an alias that reads delivered may
 * stand for people who wait.
 *
 * An id has the time in it, so rows of an account lie in order of age: each message that comes
 * takes away up to two of those that are too old and that nothing comes of any more, and nobody
 * ever waits for a large clearing. */
#ifndef HISTORY_SENT_H
#define HISTORY_SENT_H
#include "foundation/base/err.h"
#include "foundation/crypto/hash.h"

struct arena;
struct txn;

enum sent_state {
	SENT_QUEUED = 1,
	SENT_DELAYED,   /* tried, and to be tried again               */
	SENT_DELIVERED, /* to a mailbox here, or taken by the other server */
	SENT_BOUNCED,   /* given up                                   */
	SENT_CANCELLED, /* by its sender                              */
	SENT_DROPPED,   /* by an administrator                        */
	SENT_REFUSED,   /* never taken                                */
	SENT_STATES
};
/* "queued"...; static storage. */
const char *sent_state_name(enum sent_state state);

struct sent_rcpt {
	struct str address; /* as the program wrote it, in the envelope's form */
	enum sent_state state;
	int64_t time_ms;
	struct str reply; /* "mx.example.net: 250 2.0.0 Ok", or empty */
	/* Its sender has taken back what waited for it. An address may lead to several people, so
	 * state still tells what became of it for those to whom it went. */
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
	struct str metadata; /* JSON, or empty                       */
	uint64_t trace;      /* model/history/trace.h, or 0                  */
};

enum { SENT_REPLY_MAX = 1000, SENT_ADDRESS_MAX = 330 };

/* A new id, which has the time in it and is hard to guess. */
uint64_t sent_id_new(int64_t now_ms);

/* What a key of idempotency stands for. */
struct sent_key {
	uint8_t hash[HASH_BYTES];    /* of the key                            */
	uint8_t request[HASH_BYTES]; /* of what was asked with it             */
	struct str answer;           /* what that was answered                */
};

struct sent_new {
	struct sent sent;
	const struct sent_rcpt *rcpts; /* none twice, addresses of at most SENT_ADDRESS_MAX */
	size_t rcpt_count;
	const struct sent_key *key; /* NULL: none */
};

/* Keep it; days: how long, 1 at least. ERR_CONFLICT, with nothing written: the id, or the key
 * within LIMIT_sent_key_s, is there already. */
enum err sent_put(struct txn *t, const struct sent_new *new, uint64_t days) MUST_USE;

/* The same without writing, for who has to do something before: ERR_CONFLICT as above. */
enum err sent_check(struct txn *t, const struct sent_new *new) MUST_USE;

/* What the key was answered, in a. ERR_MISSING: nothing, or too long ago. */
enum err sent_key_get(struct txn *t, uint32_t account, const uint8_t hash[HASH_BYTES],
                      int64_t now_ms, struct arena *a, struct sent_key *out) MUST_USE;

/* What has become of it for one recipient, or for one of the people behind an alias; of now,
 * stopped is not read: SENT_CANCELLED sets it. A bounce stays one, and what is settled is not
 * queued again; SENT_CANCELLED gives way to whatever is heard of others behind the alias.
 * ERR_MISSING: there is no such message, or it has no such recipient. */
enum err sent_note(struct txn *t, uint32_t account, uint64_t id,
                   const struct sent_rcpt *now) MUST_USE;

/* The message, in a. ERR_MISSING. */
enum err sent_get(struct txn *t, uint32_t account, uint64_t id, struct arena *a,
                  struct sent *out) MUST_USE;

struct sent_rcpts {
	struct sent_rcpt *items; /* by address; in a */
	size_t count;
	size_t in_state[SENT_STATES]; /* how many of all, also of those that are not in items */
	size_t total;
};
/* Its recipients, of which items has max at most. Costs a row for each. */
enum err sent_rcpts_get(struct txn *t, uint32_t account, uint64_t id, size_t max, struct arena *a,
                        struct sent_rcpts *out) MUST_USE;

/* --- what of it lies in the queue: queue/ tells, with each entry that comes and goes --- */

enum err sent_waits_put(struct txn *t, uint32_t account, uint64_t id, uint64_t entry) MUST_USE;
/* OK too when that was not known. */
enum err sent_waits_del(struct txn *t, uint32_t account, uint64_t id, uint64_t entry) MUST_USE;
/* ERR_MISSING: the entry is not known to be of that message. */
enum err sent_waits_check(struct txn *t, uint32_t account, uint64_t id, uint64_t entry) MUST_USE;
/* How many such rows there are; looks at each. For fsck. */
enum err sent_waits_count(struct txn *t, uint64_t *count) MUST_USE;

/* Is anything of the message in the queue? One look-up. */
enum err sent_waits(struct txn *t, uint32_t account, uint64_t id, bool *waits) MUST_USE;
struct sent_entries {
	uint64_t *items; /* by age; in a */
	size_t count;
};
enum err sent_waits_get(struct txn *t, uint32_t account, uint64_t id, struct arena *a,
                        struct sent_entries *out) MUST_USE;

/* --- the list of all --- */

struct sent_listed {
	struct sent sent;
	struct sent_rcpts rcpts;
};

struct sent_query {
	uint32_t account;        /* of this one; 0: of all that keep says        */
	uint64_t before;         /* 0, or the message that the page before ended with: its id */
	uint32_t before_account; /* and its account                              */
	bool waiting;            /* only those of which something is in the queue */
	size_t max, rcpts;       /* messages; recipients of each that are listed */
	/* Is the account's mail to be seen? Asked once for each that has sent any; NULL: yes. */
	bool (*keep)(struct txn *t, uint32_t account, void *arg);
	void *arg;
};

struct sent_list {
	struct sent_listed *items; /* the newest first */
	size_t count;
	bool more; /* to be found with these as before */
	uint64_t before;
	uint32_t before_account;
};
/* What was sent, in a. A page costs a look for each account that has sent something,
 * LIMIT_sent_look_accounts at most: what more there are is found by account only; and the rows of
 * its messages, about LIMIT_sent_look at most: then there is more, whatever count is. */
enum err sent_find(struct txn *t, const struct sent_query *q, struct arena *a,
                   struct sent_list *out) MUST_USE;

/* All of an account, which goes. */
enum err sent_erase(struct txn *t, uint32_t account) MUST_USE;

extern const struct fsck_check sent_fsck;

#endif
