/* model/mailbox/fsck/fsck_names.c: the look-up tables: names of mailboxes, keywords,
 * subscriptions. */
#include "model/mailbox/fsck/fsck_account.h"

#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/keywords.h"
#include "model/mailbox/mailbox_tree.h"

static void name_row(struct fsck_account *a, const struct kv_iter *it)
{
	struct unpack key = unpack_of(str_sub(it->key, 4, SIZE_MAX));
	struct unpack val = unpack_of(it->val);
	uint32_t parent = unpack_be32(&key), id = unpack_u32(&val);
	struct fsck_box *b = fsck_box_find(a, id);

	if (!unpack_ok(&key) || !unpack_ok(&val)) {
		ACCOUNT_FOUND(a, "a row of %s is damaged", "mailbox names");
		return;
	}
	if (!b || b->box.parent != parent || !str_eq(b->box.leaf, cur_rest(&key.c)))
		ACCOUNT_FOUND(a,
		              "a name below mailbox %" PRIu32 " says mailbox %" PRIu32
		              ", which has another name or does not exist",
		              parent, id);
	else
		b->named = true;
}

enum err fsck_names(struct fsck_account *a)
{
	struct kv_iter it;
	struct key k;
	enum err e;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_MAILBOX_NAME, key_str(&k));
	while (kv_iter_next(&it))
		name_row(a, &it);
	e = kv_iter_end(&it);
	for (size_t i = 0; i < a->box_count && !e; i++)
		if (!a->boxes[i].named)
			ACCOUNT_FOUND(a, "mailbox %" PRIu32 " is not found by its name",
			              a->boxes[i].box.id);
	return e;
}

enum err fsck_keywords(struct fsck_account *a)
{
	struct keywords k;
	enum err e = keywords_load(&a->m, a->arena, &k);

	if (e == ERR_CORRUPT) {
		ACCOUNT_FOUND(a, "a keyword is %s", "damaged");
		e = OK;
	}
	for (unsigned id = 0; id < FLAG_MAX && !e; id++) {
		if (k.names[id].n == 0)
			continue;
		a->keyword_bits[id / 64] |= BIT64(id % 64);
		if (keywords_find(&k, k.names[id]) != (int)id)
			ACCOUNT_FOUND(a, "keyword %u has the name of another", id);
	}
	return e;
}

enum err fsck_subscriptions(struct fsck_account *a)
{
	struct mailbox box;
	struct kv_iter it;
	struct str name;
	struct key k;
	uint32_t n = 0;
	enum err e = OK, walked;

	key_init(&k, a->m.account);
	kv_iter_prefix(&it, a->m.t, SPACE_SUBSCRIPTION, key_str(&k));
	for (; !e && kv_iter_next(&it); n++) {
		if (!subscription_unpack(it.val, &name)) {
			ACCOUNT_FOUND(a, "a subscription is %s", "damaged");
			continue;
		}
		subscription_key(&k, a->m.account, name);
		if (!str_eq(key_str(&k), it.key))
			ACCOUNT_FOUND(a, "a subscription is not found by its %s", "name");
		e = mailbox_find(&a->m, name, &box);
		if (e == OK)
			ACCOUNT_FOUND(a,
			              "mailbox %" PRIu32 " exists and has a subscription of a "
			              "name without a mailbox",
			              box.id);
		e = e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	}
	walked = kv_iter_end(&it);
	if (!e && n != a->state.subscriptions)
		ACCOUNT_FOUND(a, "the state counts %" PRIu32 " subscriptions, there are %" PRIu32,
		              a->state.subscriptions, n);
	return e ? e : walked;
}
