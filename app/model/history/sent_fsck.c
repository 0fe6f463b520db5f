/* model/history/sent_fsck.c: check of what programs have sent; see sent.h. */
#include "model/history/sent_row.h"
#include "model/store/fsck.h"
#include "model/store/store.h"

#include <string.h>

/* Each recipient must belong to the message whose row precedes it. */
static enum err rows_check(struct txn *t, struct fsck_report *r)
{
	char message[SENT_MESSAGE_KEY] = { 0 };
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_SENT, STR_EMPTY);
	while (kv_iter_next(&it)) {
		struct sent_rcpt rcpt;
		struct sent sent;
		struct str key;
		bool first = it.key.n == SENT_MESSAGE_KEY, ok;

		ok = first ? sent_message_parse(it.val, &sent, &key)
		           : it.key.n > SENT_MESSAGE_KEY && sent_rcpt_parse(it.val, &rcpt);
		if (!ok)
			fsck_found(r, "a row of SENT cannot be read");
		else if (first)
			memcpy(message, it.key.p, SENT_MESSAGE_KEY);
		else if (memcmp(message, it.key.p, SENT_MESSAGE_KEY) != 0)
			fsck_found(r, "a recipient in SENT is of no message");
	}
	return kv_iter_end(&it);
}

static enum err sent_fsck_run(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;
	enum err e = rows_check(t, r);

	if (e)
		return e;
	kv_iter_prefix(&it, t, SPACE_SENT_KEY, STR_EMPTY);
	while (kv_iter_next(&it)) {
		struct sent_key key;
		int64_t time_ms;

		if (it.key.n != SENT_ACCOUNT_KEY + HASH_BYTES ||
		    !sent_key_parse(it.val, &time_ms, &key))
			fsck_found(r, "a row of SENT_KEY cannot be read");
	}
	return kv_iter_end(&it);
}

const struct fsck_check sent_fsck = { .name = "sent", .run = sent_fsck_run };
