/* model/mailbox/renew.c: numbers that are never used twice, even when the store returns to an
 * earlier state. */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/pack.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/store/store.h"

/* More numbers than are used between a backup and its restore; and few enough that any realistic
 * count of restores does not exhaust them. */
#define LEAP (UINT64_C(1) << 32)
#define LEAP_MAILBOXES (UINT32_C(1) << 16)
/* More than the changes of an account within STORE_SOON_MS, and fewer than LIMIT_changes_kept: the
 * change log stays useful. */
#define LEAP_LOST (UINT64_C(1) << 16)

uint32_t uidvalidity_next(struct account_state *s)
{
	uint32_t now_s = (uint32_t)(clock_real_ms() / 1000);

	s->uidvalidity_last = MAX(now_s, s->uidvalidity_last + 1);
	return s->uidvalidity_last;
}

/* No type of JMAP has an earlier state any more. */
static void modseq_set(struct account_state *s, uint64_t modseq)
{
	s->modseq = s->email_modseq = s->thread_modseq = s->placement_modseq = modseq;
	s->mailbox_modseq = s->rights_modseq = modseq;
}

static enum err renew_mailboxes(const struct mail_txn *m, struct account_state *state)
{
	struct mailbox_iter it;
	struct mailbox box;
	enum err e = OK, walked;

	mailbox_iter_init(&it, m);
	while (!e && mailbox_iter_next(&it, &box)) {
		box.leaf = str_dup(txn_arena(m->t), box.leaf);
		box.uidvalidity = uidvalidity_next(state);
		e = mailbox_put(m, &box);
	}
	walked = mailbox_iter_end(&it);
	return e ? e : walked;
}

static enum err renew_account(const struct mail_txn *m)
{
	struct account_state state;
	enum err e;

	if ((e = state_get(m, &state)) || (e = renew_mailboxes(m, &state)) ||
	    (e = changes_forget(m, &state, state.modseq, UINT_MAX)))
		return e;
	modseq_set(&state, state.modseq + LEAP);
	state.changes_floor = state.modseq;
	state.email_next += LEAP;
	state.mailbox_next += LEAP_MAILBOXES;
	return state_put(m, &state);
}

/* Run fn for each account. */
static enum err accounts_each(struct txn *t, enum err (*fn)(const struct mail_txn *))
{
	struct mail_txn m = { .t = t };
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_MAILBOX, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		struct unpack u = unpack_of(it.key);

		m.account = unpack_be32(&u);
		if (unpack_be32(&u) == 0) /* the account's state comes before its mailboxes */
			e = fn(&m);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

enum err mail_renew(struct txn *t, void *arg)
{
	(void)arg;
	return accounts_each(t, renew_account);
}

static enum err modseq_raise(const struct mail_txn *m)
{
	struct account_state state;
	struct mailbox_iter it;
	struct mailbox box;
	enum err e = state_get(m, &state), walked;

	if (e)
		return e;
	modseq_set(&state, state.modseq + LEAP_LOST);
	mailbox_iter_init(&it, m);
	while (!e && mailbox_iter_next(&it, &box)) {
		box.leaf = str_dup(txn_arena(m->t), box.leaf);
		box.modseq = state.modseq;
		e = mailbox_put(m, &box);
	}
	walked = mailbox_iter_end(&it);
	e = e ? e : walked;
	return e ? e : state_put(m, &state);
}

enum err mail_modseqs_raise(struct txn *t, void *arg)
{
	bool recovered;
	enum err e = store_recovered_take(t, &recovered);

	(void)arg;
	return e || !recovered ? e : accounts_each(t, modseq_raise);
}
