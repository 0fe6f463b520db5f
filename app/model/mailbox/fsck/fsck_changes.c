/* model/mailbox/fsck/fsck_changes.c: the change log. */
#include "model/mailbox/fsck/fsck_account.h"

#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"

struct log_place {
	uint64_t modseq;
	uint32_t number;
};

static void place_check(struct fsck_account *a, struct log_place at, const struct log_place *last)
{
	uint32_t due = at.modseq == last->modseq ? last->number + 1 : 0;

	if (at.modseq <= a->state.changes_floor || at.modseq > a->state.modseq)
		ACCOUNT_FOUND(a,
		              "the change log has modseq %" PRIu64 ", which is not within %" PRIu64
		              " to %" PRIu64,
		              at.modseq, a->state.changes_floor + 1, a->state.modseq);
	if (at.number != due)
		ACCOUNT_FOUND(a, "the change log lacks row %" PRIu32 " of modseq %" PRIu64, due,
		              at.modseq);
}

static void run_check(struct fsck_account *a, const struct change *c)
{
	const struct fsck_box *b = fsck_box_find(a, c->mailbox);
	uint64_t uid_end = (uint64_t)c->uid + c->count;

	/* email 0: of a damaged row (email.h) */
	if ((b && uid_end > b->box.uidnext) || c->count > a->state.email_next ||
	    c->email > a->state.email_next - c->count)
		ACCOUNT_FOUND(a,
		              "the change log of modseq %" PRIu64
		              " tells of rows that mailbox %" PRIu32 " never had",
		              c->modseq, c->mailbox);
}

static void change_check(struct fsck_account *a, uint64_t modseq, struct str record)
{
	struct change c = { .modseq = modseq };
	struct change_runs rest;

	if (!change_unpack(record, &c, &rest)) {
		ACCOUNT_FOUND(a, "the change log of modseq %" PRIu64 " is damaged", modseq);
		return;
	}
	if (c.mailbox == 0 || c.mailbox >= a->state.mailbox_next)
		ACCOUNT_FOUND(a,
		              "the change log of modseq %" PRIu64 " tells of mailbox %" PRIu32
		              ", which never was",
		              modseq, c.mailbox);
	while (change_run_unpack(&rest, &c))
		run_check(a, &c);
	if (!cur_done(&rest.c))
		ACCOUNT_FOUND(a, "the change log of modseq %" PRIu64 " is damaged", modseq);
}

enum err fsck_changes(struct fsck_account *a)
{
	struct log_place last = { 0 }, at;
	struct kv_iter it;
	struct key k;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_CHANGE, key_str(&k));
	for (; kv_iter_next(&it); last = at) {
		struct unpack u = unpack_of(str_sub(it.key, 4, SIZE_MAX));

		at.modseq = unpack_be64(&u);
		at.number = unpack_be32(&u);
		place_check(a, at, &last);
		change_check(a, at.modseq, it.val);
	}
	return kv_iter_end(&it);
}
