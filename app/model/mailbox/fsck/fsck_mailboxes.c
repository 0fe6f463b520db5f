/* model/mailbox/fsck/fsck_mailboxes.c: records of mailboxes: each of them, and contradictions
 * between them. */
#include "model/mailbox/fsck/fsck_account.h"

#include "foundation/base/pack.h"
#include "model/directory/group.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/mailbox/name.h"
#include "model/store/store.h"

struct fsck_box *fsck_box_find(const struct fsck_account *a, uint32_t id)
{
	size_t lo = 0, hi = a->box_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		uint32_t at = a->boxes[mid].box.id;

		if (at == id)
			return &a->boxes[mid];
		if (at < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* Counts the records, so that a wrong count in the state hides none. */
static enum err boxes_count(struct fsck_account *a, size_t *n)
{
	struct kv_iter it;
	struct key k;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_MAILBOX, key_str(&k));
	for (*n = 0; kv_iter_next(&it); ++*n)
		;
	return kv_iter_end(&it);
}

static enum err boxes_load(struct fsck_account *a, size_t max)
{
	struct kv_iter it;
	struct key k;

	a->boxes = arena_array(a->arena, struct fsck_box, max);
	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_MAILBOX, key_str(&k));
	while (kv_iter_next(&it)) {
		struct unpack u = unpack_of(str_sub(it.key, 4, SIZE_MAX));
		struct fsck_box *b = &a->boxes[a->box_count];

		b->box.id = unpack_be32(&u);
		if (!unpack_ok(&u) || unpack_more(&u))
			ACCOUNT_FOUND(a, "there is a mailbox with a malformed key of %zu bytes",
			              it.key.n);
		else if (b->box.id != 0 && !mailbox_unpack(it.val, &b->box))
			ACCOUNT_FOUND(a, "mailbox %" PRIu32 " is damaged", b->box.id);
		else if (b->box.id != 0) {
			b->box.leaf = str_dup(a->arena, b->box.leaf);
			a->box_count++;
		}
	}
	return kv_iter_end(&it);
}

static void box_check(struct fsck_account *a, const struct mailbox *box)
{
	const struct account_state *s = &a->state;

	if (box->id >= s->mailbox_next)
		ACCOUNT_FOUND(a, "mailbox %" PRIu32 " is not below the next id, %" PRIu32, box->id,
		              s->mailbox_next);
	if (name_check(box->leaf, MAILBOX_LEVEL_MAX, NULL) || str_find_byte(box->leaf, '/') >= 0)
		ACCOUNT_FOUND(a, "mailbox %" PRIu32 " has no valid name", box->id);
	if (box->parent && !fsck_box_find(a, box->parent))
		ACCOUNT_FOUND(a, "mailbox %" PRIu32 " is below %" PRIu32 ", which does not exist",
		              box->id, box->parent);
	if (box->uidvalidity == 0 || box->uidvalidity > s->uidvalidity_last)
		ACCOUNT_FOUND(a, "mailbox %" PRIu32 " has UIDVALIDITY %" PRIu32 " above %" PRIu32,
		              box->id, box->uidvalidity, s->uidvalidity_last);
	if (box->modseq == 0 || box->modseq > s->modseq)
		ACCOUNT_FOUND(a, "mailbox %" PRIu32 " has modseq %" PRIu64 " above %" PRIu64,
		              box->id, box->modseq, s->modseq);
	if (box->uidnext == 0 || box->first_recent_uid == 0 || box->first_recent_uid > box->uidnext)
		ACCOUNT_FOUND(
			a, "mailbox %" PRIu32 " has UIDNEXT %" PRIu32 " and recent from %" PRIu32,
			box->id, box->uidnext, box->first_recent_uid);
}

/* Follows the parents; more steps than the tree can be deep mean a loop. */
static bool box_reaches_top(const struct fsck_account *a, const struct fsck_box *b)
{
	unsigned depth = 0;

	while (b && b->box.parent && depth++ < MAILBOX_DEPTH_MAX)
		b = fsck_box_find(a, b->box.parent);
	return depth < MAILBOX_DEPTH_MAX;
}

/* Checks values that must be unique within an account. Comparing all pairs would be quadratic: so
 * roles are compared among the few mailboxes that have one, and UIDVALIDITY between neighbours in
 * the order of ids, since both are assigned in ascending order. */
static void unique_check(struct fsck_account *a)
{
	uint32_t role_of[ROLES] = { 0 };

	for (size_t i = 0; i < a->box_count; i++) {
		const struct mailbox *box = &a->boxes[i].box;

		if (box->role != ROLE_NONE && role_of[box->role])
			ACCOUNT_FOUND(a, "mailboxes %" PRIu32 " and %" PRIu32 " have the same role",
			              role_of[box->role], box->id);
		role_of[box->role] = box->id;
		if (i && box->uidvalidity <= a->boxes[i - 1].box.uidvalidity)
			ACCOUNT_FOUND(a, "UIDVALIDITY of mailbox %" PRIu32 " is not new", box->id);
	}
	a->inbox = role_of[ROLE_INBOX] != 0;
}

/* Every account must have an INBOX; a group has none. */
static enum err inbox_check(struct fsck_account *a)
{
	struct group group;
	enum err e = a->inbox ? OK : group_get(a->m.t, a->m.account, a->arena, &group);

	if (e != ERR_MISSING)
		return e;
	ACCOUNT_FOUND(a, "there is no %s", "INBOX");
	return OK;
}

enum err fsck_mailboxes(struct fsck_account *a)
{
	size_t n;
	enum err e;

	if ((e = boxes_count(a, &n)) || (e = boxes_load(a, n)))
		return e;
	if (a->box_count != a->state.mailboxes)
		ACCOUNT_FOUND(a, "the state counts %" PRIu32 " mailboxes, there are %zu",
		              a->state.mailboxes, a->box_count);
	for (size_t i = 0; i < a->box_count; i++) {
		box_check(a, &a->boxes[i].box);
		if (!box_reaches_top(a, &a->boxes[i]))
			ACCOUNT_FOUND(a, "mailbox %" PRIu32 " lies within itself",
			              a->boxes[i].box.id);
	}
	unique_check(a);
	return inbox_check(a);
}
