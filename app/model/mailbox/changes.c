/* model/mailbox/changes.c: see changes.h. */
#include "model/mailbox/changes.h"

#include "foundation/base/pack.h"
#include "model/mailbox/edit.h"
#include "model/mailbox/keys.h"
#include "model/store/store.h"

struct change_walk {
	uint32_t mailbox; /* 0: all */
	change_fn *fn;
	void *arg;
	bool bad;
};

static uint64_t key_modseq(struct str key)
{
	struct unpack u = unpack_of(str_sub(key, 4, SIZE_MAX));

	return unpack_be64(&u);
}

/* Passes on one row of the log; false stops the walk. */
static bool row_tell(struct change_walk *w, struct str key, struct str val)
{
	struct change c = { .modseq = key_modseq(key) };
	struct change_runs rest;

	if (!change_unpack(val, &c, &rest)) {
		w->bad = true;
		return false;
	}
	if (w->mailbox && c.mailbox != w->mailbox)
		return true;
	if (change_of_mailbox(c.kind))
		return w->fn(&c, w->arg);
	while (change_run_unpack(&rest, &c))
		if (!w->fn(&c, w->arg))
			return false;
	w->bad = !cur_done(&rest.c);
	return !w->bad;
}

enum err changes_since(const struct mail_txn *m, uint32_t mailbox, uint64_t since, change_fn *fn,
                       void *arg)
{
	struct change_walk w = { mailbox, fn, arg, false };
	struct account_state state;
	struct key from, to;
	struct kv_iter it;
	enum err e;

	if ((e = state_get(m, &state)))
		return e;
	if (since < state.changes_floor)
		return fail(txn_why(m->t), ERR_MISSING,
		            "changes before modseq %" PRIu64 " are forgotten", state.changes_floor);
	if (since >= state.modseq)
		return OK;
	key_change(&from, m->account, since + 1, 0);
	key_change(&to, m->account, state.modseq + 1, 0);
	kv_iter_init(&it, m->t, SPACE_CHANGE, key_str(&from), key_str(&to));
	while (kv_iter_next(&it) && row_tell(&w, it.key, it.val))
		;
	e = kv_iter_end(&it);
	if (!e && w.bad)
		e = fail(txn_why(m->t), ERR_CORRUPT,
		         "the change log of account %" PRIu32 " is damaged", m->account);
	return e;
}

uint64_t change_thread(const struct change *c, uint32_t i)
{
	struct unpack u = unpack_of(c->threads);
	uint64_t below = 0;

	for (uint32_t k = 0; k <= i; k++)
		below = unpack_u64(&u);
	return unpack_ok(&u) ? c->email + i - below : 0;
}

enum err changes_floor(const struct mail_txn *m, uint64_t *modseq)
{
	struct account_state state;
	enum err e = state_get(m, &state);

	if (!e)
		*modseq = state.changes_floor;
	return e;
}

enum err changes_forget(const struct mail_txn *m, struct account_state *state, uint64_t modseq,
                        unsigned max)
{
	struct key from, to;
	struct kv_iter it;
	bool more = false;
	enum err e = OK, walked;

	modseq = MIN(modseq, state->modseq);
	if (modseq <= state->changes_floor)
		return OK;
	key_change(&from, m->account, 0, 0);
	key_change(&to, m->account, modseq + 1, 0);
	kv_iter_init(&it, m->t, SPACE_CHANGE, key_str(&from), key_str(&to));
	while (!e && kv_iter_next(&it)) {
		uint64_t at = key_modseq(it.key);

		/* All changes of one modseq are passed on, or none. */
		more = max == 0 && at > state->changes_floor;
		if (more)
			break;
		max -= max != 0;
		state->changes_floor = at;
		e = kv_del(m->t, SPACE_CHANGE, it.key);
	}
	walked = kv_iter_end(&it);
	if (!more)
		state->changes_floor = modseq;
	return e ? e : walked;
}
