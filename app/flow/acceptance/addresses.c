/* flow/acceptance/addresses.c: see addresses.h. */
#include "flow/acceptance/addresses.h"

#include "flow/acceptance/author.h"
#include "model/directory/may_post.h"
#include "model/directory/may_send.h"
#include "model/directory/resolve.h"
#include "model/mailbox/mail.h"
#include "model/queue/add.h"
#include "model/store/store.h"

#include <string.h>

/* --- recipients --------------------------------------------------------------------------- */

#define UNKNOWN { 550, "5.1.1", "user unknown" }
const struct smtp_answer accept_unknown = UNKNOWN;

bool accept_is_unknown(const struct smtp_answer *answer)
{
	return strcmp(answer->enhanced, accept_unknown.enhanced) == 0;
}

/* One table for what the directory says and the peer hears. */
static const struct smtp_answer refusals[] = {
	[RESOLVE_FOREIGN] = { 550, "5.7.1", "relaying denied" },
	[RESOLVE_UNKNOWN] = UNKNOWN,
	[RESOLVE_DISABLED] = { 550, "5.2.1", "mailbox disabled" },
	[RESOLVE_LOOP] = { 550, "5.4.6", "alias loop" },
	[RESOLVE_OK] = { 0, "", "" },
};

/* RFC 3463 3.8: the sender is not authorized to send to the list. */
static const struct smtp_answer no_post = { 550, "5.7.2",
	                                     "you are not allowed to send to this list" };

/* Addresses of model/directory/srs.h lead to remote domains: they accept bounces (the null sender)
 * only. */
static const struct smtp_answer bounces_only = { 550, "5.7.1",
	                                          "this address accepts bounces only" };

/* RFC 3463 3.3: a full mailbox is "persistent transient", for there may be room tomorrow; one that
 * takes no such message is permanent. Before the message is sent as after it. */
static const struct smtp_answer full = { 452, "4.2.2", "mailbox full" };
static const struct smtp_answer too_big = { 552, "5.2.3",
	                                  "message exceeds the size limit of the mailbox" };

struct rcpt_check {
	const struct accept_check *look;
	struct mailaddr rcpt;
	struct resolved resolved;
	bool too_big;    /* no target will ever take what MAIL announced */
	bool full;       /* none of them has room for it now             */
	bool not_bounce; /* it is for bounces only, and this is none */
	bool no_post;    /* it is a list that the sender may not write to */
	enum err room;   /* ERR_FULL, ERR_LIMIT: for what leaves here: queue_room */
};

/* Larger than it takes, or than all that it may keep: no patience helps. */
static bool is_too_big(const struct resolve_target *target, uint64_t size)
{
	return (target->message_bytes != 0 && size > target->message_bytes) ||
	       (target->quota_bytes != 0 && size > target->quota_bytes);
}

/* RFC 1870 6.3: what would be refused is best told here, before the message is sent. */
static void fits_find(struct txn *t, struct rcpt_check *check)
{
	const struct resolved *r = &check->resolved;

	check->too_big = check->full = r->count != 0;
	for (size_t i = 0; i < r->count && check->full; i++) {
		const struct resolve_target *to = &r->targets[i];
		struct mail_txn m = { .t = t, .account = to->account };

		if (to->account != 0 && is_too_big(to, check->look->size))
			continue;
		check->too_big = false;
		check->full = to->account != 0 &&
		              mail_quota_check(&m, check->look->size) == ERR_LIMIT;
	}
}

/* Mail to remote targets, also of lists and aliases, goes into the queue. */
static bool leaves(const struct resolved *r)
{
	bool leaves = r->verdict == RESOLVE_FOREIGN;

	for (size_t i = 0; i < r->count; i++)
		leaves = leaves || r->targets[i].account == 0;
	return leaves;
}

static enum err room_ask(struct txn *t, struct rcpt_check *check)
{
	const struct accept_check *look = check->look;
	struct queue_room room = { &look->from, look->account, 1, look->size };
	enum err e;

	if (!leaves(&check->resolved))
		return OK;
	e = queue_room(t, look->settings, &room);
	check->room = e;
	return e == ERR_FULL || e == ERR_LIMIT ? OK : e;
}

static enum err resolve(struct txn *t, void *arg)
{
	struct rcpt_check *check = arg;
	struct resolve_config config = resolve_config(check->look->settings);
	const struct poster who = { check->look->account, check->look->from };
	enum err e = directory_resolve(t, check->rcpt, &config, txn_arena(t), &check->resolved);

	if (e)
		return e;
	check->not_bounce = check->resolved.bounces && !mailaddr_is_null(&who.sender);
	fits_find(t, check);
	e = directory_may_post(t, &check->resolved, &who, &config, NULL);
	check->no_post = e == ERR_DENIED;
	return e == OK || e == ERR_DENIED ? room_ask(t, check) : e;
}

/* RFC 5321 4.2.3: 452; RFC 3463 3.4, 3.3 */
static const struct smtp_answer queue_full = { 452, "4.3.1", "the queue is full, try again later" };
static const struct smtp_answer queue_much = {
	452, "4.2.2", "your limit of queued mail is reached, try again later"
};
static const struct smtp_answer failing = { 451, "4.3.0", "temporary failure, try again later" };

const struct smtp_answer *accept_error_answer(enum err e)
{
	static const struct smtp_answer no_room = {
		452, "4.3.1", "not enough space for the message, try again later"
	};
	static const struct smtp_answer all_too_big = {
		552, "5.2.3", "message exceeds the size limit of all recipients"
	};

	switch (e) {
	case ERR_LIMIT:
		return &full;
	case ERR_DENIED:
		return &all_too_big;
	case ERR_MISSING:
		return &accept_unknown;
	case ERR_FULL:
		return &no_room;
	default:
		return &failing;
	}
}

static const struct smtp_answer *judge(const struct rcpt_check *check)
{
	enum resolve_verdict verdict = check->resolved.verdict;

	if (check->not_bounce)
		return &bounces_only;
	if (check->no_post)
		return &no_post;
	if (check->too_big)
		return &too_big;
	if (check->full)
		return &full;
	if (verdict == RESOLVE_FOREIGN && !check->look->anywhere)
		return &refusals[verdict]; /* whatever room there is */
	if (check->room != OK)
		return check->room == ERR_FULL ? &queue_full : &queue_much;
	if (verdict == RESOLVE_OK || verdict == RESOLVE_FOREIGN)
		return NULL;
	return &refusals[verdict];
}

const struct smtp_answer accept_too_many = { 452, "4.5.3", "too many recipients" };

bool accept_recipient(const struct accept_check *look, const struct mailaddr *rcpt, size_t *targets,
                  struct smtp_answer *answer)
{
	struct rcpt_check check = { .look = look, .rcpt = *rcpt };
	const struct smtp_answer *why = &failing;

	if (store_read(look->store, resolve, &check) == OK)
		why = judge(&check);
	*targets = MAX(check.resolved.count, (size_t)1);
	if (why != NULL)
		*answer = *why;
	return why == NULL;
}

/* --- the sender ----------------------------------------------------------------------------- */

static enum err sender_allowed(struct txn *t, void *arg)
{
	const struct accept_check *look = arg;
	struct resolve_config resolve = resolve_config(look->settings);

	return directory_may_send(t, look->account, look->from, &resolve, NULL);
}

/* RFC 6409 6.1: a user sends only as himself. */
bool accept_sender(const struct accept_check *look, struct smtp_answer *answer)
{
	static const struct smtp_answer denied = { 553, "5.7.1",
	                                           "not allowed to send as this address" };
	struct accept_check copy = *look;
	enum err e = store_read(look->store, sender_allowed, &copy);

	if (e != OK)
		*answer = e == ERR_DENIED ? denied : failing;
	return e == OK;
}

bool accept_author(const struct accept_check *look, struct str header, struct smtp_answer *answer)
{
	const struct smtp_answer *why;
	enum err e = accept_author_check(look, header, &why);

	if (e != OK)
		*answer = e == ERR_DENIED ? *why : failing;
	return e == OK;
}
