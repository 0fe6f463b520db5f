/* model/directory/rotation.h: how a domain's keys (dkim_key.h) follow each other by themselves.
 *
 *	begin	a new pair is made, which does not sign
 *	seen	DNS has shown it, right, for a while: it signs, and those of its algorithms that
 *		did retire
 *	mind	mail that the old keys signed is no longer under way: they are removed
 *
 * Each step is one transaction, which looks at what is there: a step that a crash took away is made
 * again. Time that has to pass is counted down while the server runs, so a clock that jumps, or a
 * server that was off, shortens nothing. Nothing here knows DNS: dns_publish/ does.
 *
 * People may change keys meanwhile: what they did to a key stays, and the rotation forgets it. No
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
	struct str last;  /* "202611b": the last selector made, without its kind */
	bool asked;       /* for a rotation now                              */
	int64_t since_ms; /* begin of the present keys, as far as the clock tells; 0: not known */
	struct str next[ROTATION_NEXT]; /* keys that shall sign */
	size_t next_count;
	int64_t next_ms; /* when they were made */
	int64_t seen_ms; /* how long all who answer have shown them; -1: they do not */
	int64_t all_ms;  /* how long each server of the zone has; -1: not each does  */
	int64_t told_ms; /* when somebody was told last that DNS does not */
	struct rotation_old old[ROTATION_OLD];
	size_t old_count;
};

/* One without a row is at rest. Strings live in a. */
enum err rotation_get(struct txn *t, struct str domain, struct arena *a,
                      struct rotation *out) MUST_USE;
enum err rotation_put(struct txn *t, const struct rotation *r) MUST_USE;
/* The domain is ours no more. What is left says which names its keys had, as it may come back while
 * others remember their records. There may be none. */
enum err rotation_rm(struct txn *t, struct str domain) MUST_USE;

/* Since when the present keys sign, never after now_ms. */
int64_t rotation_since(const struct rotation *r, const struct dkim_key_list *keys, int64_t now_ms);
/* Is it time for the next pair? every_ms 0: only when it was asked for. Not while old keys are on
 * their way out, unless it was asked for. */
bool rotation_is_due(const struct rotation *r, const struct dkim_key_list *keys, int64_t every_ms,
                     int64_t now_ms);

/* Have the next round begin one. ERR_CONFLICT: one is under way. */
enum err rotation_ask(struct txn *t, struct str domain, struct why *why) MUST_USE;

/* If it is due still, store pair as the keys that come next. *begun says whether it was. */
enum err rotation_begin(struct txn *t, struct str domain, struct dkim_pair *pair, int64_t every_ms,
                        bool *begun) MUST_USE;

struct rotation_look {
	bool seen;           /* all who answer show all of the next keys as they are   */
	bool everywhere;     /* and these are all servers of the zone                  */
	int64_t passed_ms;   /* since the look before                                  */
	int64_t settle_ms;   /* how long everybody has to show them                    */
	int64_t patience_ms; /* how long where somebody does not answer all that while */
	int64_t overlap_ms;  /* how long old ones are kept                             */
};
/* Note what was seen; *turned: the next keys sign now. */
enum err rotation_seen(struct txn *t, struct str domain, const struct rotation_look *look,
                       bool *turned) MUST_USE;

/* Does rotation_mind have anything to do? */
bool rotation_wants(const struct rotation *r, const struct dkim_key_list *keys, int64_t passed_ms);
/* Count down, remove the old keys whose time is over, forget what people have changed. oldest_ms is
 * when the oldest mail was accepted that has not left yet (INT64_MAX: there is none): while it may
 * be signed by the old keys they stay, though not for ever. *removed says how many keys went. */
enum err rotation_mind(struct txn *t, struct str domain, int64_t passed_ms, int64_t oldest_ms,
                       size_t *removed) MUST_USE;

/* Does mail that was signed before since_ms wait here still? oldest_ms as above. What somebody has
 * held for longer than mail is ever kept for a later day does not count. */
bool rotation_is_waited_for(int64_t since_ms, int64_t oldest_ms);

/* How many wait for DNS since before_ms or longer. */
enum err rotations_waiting(struct txn *t, int64_t before_ms, size_t *out) MUST_USE;

/* For model/directory/fsck.c. */
enum err rotations_fsck(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
