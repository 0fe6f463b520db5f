/* model/queue/suppress.h: the suppression list: addresses that get no mail, because mail
 * to them bounced permanently or by an administrator's choice.
 *
 *	queue_suppressed: sender's domain (or nothing: of all) NUL address -> record
 *
 * Both in lower case. Mail to such an address goes into a destination queue of its own,
 * whose entries fail as soon as they are taken, with a bounce that says why; no remote is
 * asked. */
#ifndef QUEUE_SUPPRESS_H
#define QUEUE_SUPPRESS_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "model/envelope/envelope.h"

struct txn;

/* The route of such destination queues; no name of ROOST_ROUTES can be this. */
#define SUPPRESS_ROUTE STR("!suppressed")

struct queue_suppressed {
	struct str domain;  /* of the sender; empty: all */
	struct str address;
	int64_t since_ms, until_ms; /* until_ms 0: permanently */
	uint64_t hits;              /* suppressed messages     */
	bool by_hand;
	struct str reply;           /* the remote's words, or the administrator's */
};

/* Is mail of this sender to this recipient suppressed at now_ms? ERR_MISSING: no. Strings live
 * in a. */
enum err suppress_find(struct txn *t, const struct mailaddr *sender, const struct mailaddr *rcpt,
                       int64_t now_ms, struct arena *a, struct queue_suppressed *out) MUST_USE;
/* Insert or replace. ERR_LIMIT: the address is too long. */
enum err queue_suppress(struct txn *t, const struct queue_suppressed *s) MUST_USE;
/* ERR_MISSING. */
enum err queue_unsuppress(struct txn *t, struct str domain, struct str address) MUST_USE;
/* Count another suppressed message. */
enum err suppress_hit(struct txn *t, const struct queue_suppressed *s) MUST_USE;

/* Does the reply mean that the address permanently does not exist? */
bool suppress_says(const struct envelope_reply *reply);

/* Call fn for each until it returns false; strings are borrowed during fn. Includes
 * expired rows. */
enum err queue_suppressed_each(struct txn *t,
                               bool (*fn)(const struct queue_suppressed *s, void *arg),
                               void *arg) MUST_USE;
/* For fsck: counts unreadable rows. */
enum err suppress_check(struct txn *t, uint64_t *bad) MUST_USE;

#endif
