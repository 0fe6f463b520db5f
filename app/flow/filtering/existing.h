/* flow/filtering/existing.h: the rules of an account, run over mail that it has already.
 *
 * Only what stays in the account is done: mail is moved, copied and flagged, and moved to Trash
 * where a rule discards it. Nothing is sent on, rejected or answered. */
#ifndef FILTERING_EXISTING_H
#define FILTERING_EXISTING_H
#include "flow/filtering/filtering.h"
#include "foundation/text/json.h"

struct txn;

enum {
	EXISTING_MESSAGES = 200, /* of a batch */
	EXISTING_MS = 2000,      /* after which a batch ends */
	EXISTING_PLACES = 20,    /* mailboxes of a message */
};

/* The actions of the rules on a message. Strings live in the arena of existing_find. */
struct existing_change {
	uint32_t uid;
	struct str from, subject;                    /* UTF-8 */
	int64_t time_ms;                             /* of its arrival */
	struct action_place places[EXISTING_PLACES]; /* where it is copied to */
	size_t places_n;
	bool leaves;      /* it is moved to the first of them instead */
	bool trash;       /* that is Trash, because a rule discards it */
	struct str flags; /* that it gets, separated by spaces */
	struct existing_change *next;
};

struct existing {
	const struct filtering_mail *account; /* without a message */
	struct str mailbox;                   /* its name */
	uint32_t after;                       /* the batch begins with the next UID */
	bool senders;                         /* set from and subject of changes    */
	/* Results of existing_find. */
	struct existing_change *changes; /* by UID */
	uint32_t mailbox_id;
	uint32_t examined; /* messages */
	uint32_t next;     /* after of the next batch; 0: that was the last message */
};

/* Find the changes of a batch; changes nothing. Own read transaction. ERR_MISSING: there is no such
 * mailbox. */
enum err existing_find(struct existing *x, struct arena *a, struct why *why) MUST_USE;
/* Write. Carry out the changes; messages that are gone are skipped. ERR_LIMIT: a copy is over the
 * quota. */
enum err existing_apply(struct txn *t, const struct existing *x) MUST_USE;
/* Append the members of a change to the open object: the shape filters_change. */
void existing_put(struct json_writer *w, const struct existing_change *c);

#endif
