/* model/mailbox/subscription.c: subscriptions. One to a mailbox is a field of its record; one to a
 * name without a mailbox is a row; never both. */
#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/fold.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/mailbox/name.h"
#include "model/mailbox/watch.h"
#include "model/store/store.h"

enum {
	SUBSCRIPTION_FORM = 1,
	NAME_HASH_BYTES = 16, /* the name itself can be longer than a key */
};

void subscription_key(struct key *k, uint32_t account, struct str name)
{
	uint8_t hash[HASH_BYTES];
	struct hash_blake2b h;
	struct cur rest = cur_of(name);
	struct str level = STR_EMPTY;

	(void)name_level(&rest, true, &level); /* converts INBOX to capitals */
	hash_blake2b_init(&h);
	hash_blake2b_update(&h, level);
	hash_blake2b_update(&h, STR("/"));
	hash_blake2b_update(&h, cur_rest(&rest));
	hash_blake2b_final(&h, hash);
	key_init(k, account);
	key_bytes(k, str_from((const char *)hash, NAME_HASH_BYTES));
}

bool subscription_unpack(struct str record, struct str *name)
{
	struct unpack u = unpack_of(record);

	if (unpack_u64(&u) != SUBSCRIPTION_FORM)
		return false;
	*name = unpack_str(&u);
	return unpack_ok(&u) && name->n != 0;
}

enum err subscription_take(struct edit *ed, struct str name, bool *was)
{
	struct key k;
	enum err e;

	subscription_key(&k, ed->m->account, name);
	e = kv_del(ed->m->t, SPACE_SUBSCRIPTION, key_str(&k));
	*was = e == OK;
	ed->state.subscriptions -= *was;
	return e == ERR_MISSING ? OK : e;
}

enum err subscription_put(struct edit *ed, struct str name)
{
	struct key k;
	struct buf b;
	enum err e;

	subscription_key(&k, ed->m->account, name);
	e = kv_get(ed->m->t, SPACE_SUBSCRIPTION, key_str(&k), NULL);
	if (e != ERR_MISSING)
		return e;
	if (ed->state.subscriptions >= ed->m->mailboxes->mailboxes_max)
		return fail(txn_why(ed->m->t), ERR_LIMIT,
		            "an account has at most %" PRIu32
		            " subscriptions to names without a mailbox",
		            ed->m->mailboxes->mailboxes_max);
	ed->state.subscriptions++;
	buf_init(&b, name.n + 16);
	pack_u64(&b, SUBSCRIPTION_FORM);
	pack_str(&b, name);
	e = kv_put(ed->m->t, SPACE_SUBSCRIPTION, key_str(&k), buf_str(&b));
	buf_deinit(&b);
	return e;
}

static enum err subscribe_mailbox(struct edit *ed, uint32_t id, bool subscribe)
{
	struct edit_box *b;
	enum err e;

	if ((e = edit_box(ed, id, &b)) || b->box.subscribed == subscribe)
		return e;
	b->box.subscribed = subscribe;
	edit_mailbox_changed(ed, CHANGE_MAILBOX_EDITED, id);
	if ((e = mailbox_put(ed->m, &b->box)))
		return e;
	return edit_commit(ed);
}

/* Takes no modseq: JMAP does not show subscriptions to names. */
static enum err subscribe_name(struct edit *ed, struct str name, bool subscribe)
{
	struct str normal = fold_nfc(txn_arena(ed->m->t), name);
	bool was;
	enum err e;

	if (subscribe) {
		e = subscription_put(ed, normal);
	} else { /* the row may be older than the rule that names are in NFC */
		e = subscription_take(ed, name, &was);
		if (!e && normal.p != name.p)
			e = subscription_take(ed, normal, &was);
	}
	if (!e)
		watches_notify_after(ed->m, 0, 0);
	return e ? e : state_put(ed->m, &ed->state);
}

enum err mailbox_subscribe(const struct mail_txn *m, struct str name, bool subscribe)
{
	struct edit ed;
	struct mailbox box;
	enum err e;

	if ((e = name_check(name, m->mailboxes->name_max, txn_why(m->t))))
		return e;
	if ((e = edit_begin(&ed, m)))
		goto out;
	e = mailbox_find(m, name, &box);
	if (e == OK)
		e = subscribe_mailbox(&ed, box.id, subscribe);
	else if (e == ERR_MISSING)
		e = subscribe_name(&ed, name, subscribe);
out:
	edit_end(&ed);
	return e;
}

enum err mailbox_subscriptions(const struct mail_txn *m, struct arena *a,
                               struct subscription_list *out)
{
	struct account_state state;
	struct key k;
	struct kv_iter it;
	struct str name;
	bool bad = false;
	enum err e;

	*out = (struct subscription_list){ 0 };
	if ((e = state_get(m, &state)))
		return e;
	out->names = arena_array(a, struct str, state.subscriptions);
	key_init(&k, m->account);
	kv_iter_prefix(&it, m->t, SPACE_SUBSCRIPTION, key_str(&k));
	while (!bad && out->n < state.subscriptions && kv_iter_next(&it)) {
		bad = !subscription_unpack(it.val, &name);
		if (!bad)
			out->names[out->n++] = str_dup(a, name);
	}
	e = kv_iter_end(&it);
	return e ? e : bad ? ERR_CORRUPT : OK;
}
