/* model/mailbox/fsck/fsck_own_seen.c: each user's own \Seen (own_seen.h). */
#include "foundation/base/arena.h"
#include "model/mailbox/fsck/fsck_account.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/own_seen.h"
#include "model/store/store.h"

/* Checks that each UID of the set exists. */
static enum err uids_check(struct fsck_account *a, struct own_seen_row *set)
{
	uint32_t lo = set->block * SEEN_BLOCK;
	struct email_rows rows;
	struct email_row row;
	enum err e;

	email_rows_init(&rows, &a->m, set->mailbox, MAX(lo, 1), lo + SEEN_BLOCK - 1);
	while (email_rows_next(&rows, &row))
		set->bits[(row.uid - lo) / 64] &= ~BIT64(row.uid % 64);
	e = email_rows_end(&rows);
	for (size_t i = 0; i < COUNT(set->bits) && !e; i++)
		if (set->bits[i]) {
			ACCOUNT_FOUND(a,
			              "%" PRIu32 " has seen UIDs from %zu on of mailbox %" PRIu32
			              ", which do not exist",
			              set->user, lo + 64 * i, set->mailbox);
			break;
		}
	return e == ERR_CORRUPT ? OK : e; /* fsck_rows reports it */
}

static enum err set_check(struct fsck_account *a, struct own_seen_row *set)
{
	const struct fsck_box *b = fsck_box_find(a, set->mailbox);

	if (!b || !b->box.own_seen) {
		ACCOUNT_FOUND(a, "%" PRIu32 " has his own \\Seen in mailbox %" PRIu32 ", which %s",
		              set->user, set->mailbox, b ? "has one for all" : "does not exist");
		return OK;
	}
	if (set->user == a->m.account)
		ACCOUNT_FOUND(a, "mailbox %" PRIu32 " has a set of its own account's \\Seen",
		              set->mailbox);
	return uids_check(a, set);
}

enum err fsck_own_seen(struct fsck_account *a)
{
	struct own_seen_row *set = arena_new(a->arena, struct own_seen_row);
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_SEEN, key_str(&k));
	while (!e && kv_iter_next(&it)) {
		if (own_seen_row_read(&it, set) && set->block <= UINT32_MAX / SEEN_BLOCK)
			e = set_check(a, set);
		else
			ACCOUNT_FOUND(a, "a row of what was seen is %s", "damaged");
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}
