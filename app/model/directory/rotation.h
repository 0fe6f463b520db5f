/* model/directory/rotation.h: the automatic rotation of a domain's DKIM keys (dkim_key.h).
 *
 *	begin	a new pair is generated, which does not sign yet
 *	seen	DNS has had the new records long enough: the pair signs, and the old keys of the
 *		same algorithms retire
 *	mind	mail that the old keys signed is no longer under way: they are removed
 *
 * Each step is one transaction based on the present rows, so a step lost in a crash is repeated.
 * Delays are counted down while the server runs, so a clock that jumps, or a server that was off,
 * shortens no delay. dns_publish/ does the DNS work.
 *
 * Administrators may change keys meanwhile: their change stays, and the rotation drops the key. A
 * key replaces only one of its algorithm: otherwise the old one continues to sign.
 * key takes the place of one of another algorithm: with the rest of a pair the old one signs on. */
#ifndef DIRECTORY_ROTATION_H
#define DIRECTORY_ROTATION_H
#include "model/directory/dkim_key.h"

enum { ROTATION_NEXT = 2, ROTATION_OLD = 8 };

struct rotation_old {
	struct str selector;
	int64_t left_ms; /* before it is removed */
};

struct rotation {
	struct str domain;
	struct str last;  /* "202611b": the last selector, without its kind */
	bool asked;       /* a rotation is requested */
	int64_t since_ms; /* begin of the present keys, by the clock; 0: unknown */
	struct str next[ROTATION_NEXT]; /* the next keys */
	size_t next_count;
	int64_t next_ms; /* creation time */
	int64_t seen_ms; /* how long all answering servers have had them; -1: they have not */
	int64_t all_ms;  /* how long each server of the zone has; -1: not all of them do */
	int64_t warned_ms; /* time of the last warning that DNS does not have them */
	struct rotation_old old[ROTATION_OLD];
	size_t old_count;
};

/* A domain without a row has no rotation. Strings live in a. */
enum err rotation_get(struct txn *t, struct str domain, struct arena *a,
                      struct rotation *out) MUST_USE;
enum err rotation_put(struct txn *t, const struct rotation *r) MUST_USE;
/* The domain was removed. Stores the names of its keys, because caches may still have their records
 * if it is added again. There may be no row. */
enum err rotation_rm(struct txn *t, struct str domain) MUST_USE;

/* Since when the present keys sign, at most now_ms. */
int64_t rotation_since(const struct rotation *r, const struct dkim_key_list *keys, int64_t now_ms);
/* Is the next pair due? every_ms 0: only on request. Not while old keys are retired, unless
 * requested. */
bool rotation_is_due(const struct rotation *r, const struct dkim_key_list *keys, int64_t every_ms,
                     int64_t now_ms);

/* Request a rotation for the next run. ERR_CONFLICT: one is under way. */
enum err rotation_ask(struct txn *t, struct str domain, struct why *why) MUST_USE;

/* If it is still due, store pair as the next keys. *begun: it was due. */
enum err rotation_begin(struct txn *t, struct str domain, struct dkim_pair *pair, int64_t every_ms,
                        bool *begun) MUST_USE;

struct rotation_look {
	bool seen;           /* all answering servers have all of the next keys */
	bool everywhere;     /* and these are all servers of the zone */
	int64_t passed_ms;   /* since the previous check */
	int64_t settle_ms;   /* how long all servers must have them */
	int64_t patience_ms; /* the same when some servers do not answer */
	int64_t overlap_ms;  /* how long old keys are kept */
};
/* Record a check; *turned: the next keys sign now. */
enum err rotation_seen(struct txn *t, struct str domain, const struct rotation_look *look,
                       bool *turned) MUST_USE;

/* Does rotation_mind have work? */
bool rotation_wants(const struct rotation *r, const struct dkim_key_list *keys, int64_t passed_ms);
/* Count down, remove old keys whose time is over, drop keys that administrators have changed.
 * oldest_ms: when the oldest mail in the queue was accepted (INT64_MAX: none). Old keys stay while
 * it may be signed by them, up to a maximum. *removed is the number of removed keys. */
enum err rotation_mind(struct txn *t, struct str domain, int64_t passed_ms, int64_t oldest_ms,
                       size_t *removed) MUST_USE;

/* May the queue still contain mail that was signed before since_ms? oldest_ms as above. Mail that
 * was held for longer than any scheduled delivery does not count. */
bool rotation_is_waited_for(int64_t since_ms, int64_t oldest_ms);

/* The number of domains that have waited for DNS since before_ms or longer. */
enum err rotations_waiting(struct txn *t, int64_t before_ms, size_t *out) MUST_USE;

/* For model/directory/fsck.c. */
enum err rotations_fsck(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
