/* model/mailbox/edit.c: begin and commit of an edit; see edit.h. */
#include "model/mailbox/edit.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/unseen.h"
#include "model/mailbox/watch.h"
#include "model/store/store.h"

enum {
	LOG_ROW_RUNS = 4096, /* runs of one change row: far below KV_VALUE_MAX */
	LOG_ROW_MAX = 32 + LOG_ROW_RUNS * 20,
	PRUNE_EVERY = 64, /* modseqs of an account                           */
	PRUNE_ROWS = 512, /* most at once; few changes have more than 2 rows */
};

enum err edit_begin(struct edit *ed, const struct mail_txn *m)
{
	enum err e;

	*ed = (struct edit){ .m = &ed->raw, .raw = *m, .who = m->who };
	ed->raw.who = 0;
	if ((e = state_get(m, &ed->state)))
		return e;
	ed->modseq = ed->state.modseq + 1;
	return OK;
}

enum err edit_box(struct edit *ed, uint32_t id, struct edit_box **out)
{
	struct mail_txn acts = ed->raw;
	struct edit_box *b;
	enum err e;

	for (unsigned i = 0; i < ed->box_count; i++)
		if (ed->boxes[i].box.id == id) {
			*out = &ed->boxes[i];
			return OK;
		}
	assert(ed->box_count < EDIT_BOXES);
	b = &ed->boxes[ed->box_count];
	if ((e = mailbox_get(ed->m, id, &b->box)))
		return e;
	b->box.leaf = str_dup(txn_arena(ed->m->t), b->box.leaf);
	acts.who = ed->who;
	own_seen_open_box(&b->seen, &acts, &b->box);
	ed->box_count++;
	*out = b;
	return OK;
}

void edit_mailbox_changed(struct edit *ed, enum change_kind kind, uint32_t mailbox)
{
	if (ed->mailbox_change_count == ed->mailbox_change_cap) {
		ed->mailbox_change_cap = 2 * ed->mailbox_change_cap + 4;
		ed->mailbox_changes = mem_resize(
			ed->mailbox_changes, ed->mailbox_change_cap * sizeof(*ed->mailbox_changes));
	}
	ed->mailbox_changes[ed->mailbox_change_count++] =
		(struct change){ .kind = kind, .mailbox = mailbox };
	ed->changed = true;
}

/* --- The log --- */

static enum err log_row(struct edit *ed, enum change_kind kind, uint32_t mailbox,
                        const struct change_run *runs, size_t n)
{
	struct change what = { .kind = kind, .mailbox = mailbox };
	struct key k;
	struct buf b;
	enum err e;

	buf_init(&b, LOG_ROW_MAX);
	what.who = ed->who ? ed->who : ed->m->account; /* the server acts as the owner */
	change_pack(&b, &what, runs, n);
	assert(buf_ok(&b));
	key_change(&k, ed->m->account, ed->modseq, ed->log_next++);
	e = kv_put(ed->m->t, SPACE_CHANGE, key_str(&k), buf_str(&b));
	buf_deinit(&b);
	return e;
}

static enum err log_runs(struct edit *ed, enum change_kind kind, const struct edit_box *b)
{
	const struct run_log *log = &b->logs[kind];
	enum err e = OK;

	for (size_t i = 0; i < log->n && !e; i += LOG_ROW_RUNS)
		e = log_row(ed, kind, b->box.id, log->runs + i, MIN(log->n - i, LOG_ROW_RUNS));
	return e;
}

/* VANISHED first, so that a reader of the log never has a moved email twice. */
static enum err log_all(struct edit *ed)
{
	static const enum change_kind order[] = { CHANGE_VANISHED, CHANGE_FLAGS, CHANGE_SEEN,
		                                  CHANGE_APPEARED };
	enum err e = OK;

	for (size_t k = 0; k < COUNT(order); k++)
		for (unsigned i = 0; i < ed->box_count && !e; i++)
			e = log_runs(ed, order[k], &ed->boxes[i]);
	for (size_t i = 0; i < ed->mailbox_change_count && !e; i++)
		e = log_row(ed, ed->mailbox_changes[i].kind, ed->mailbox_changes[i].mailbox, NULL,
		            0);
	return e;
}

/* Limits the log's length. Deletes a few rows at intervals: cheaper than one row with each change,
 * and no change waits for many. */
static enum err log_prune(struct edit *ed)
{
	uint64_t kept = ed->m->mailboxes->changes_kept;

	if (kept == 0 || ed->modseq <= kept || ed->modseq % PRUNE_EVERY != 0)
		return OK;
	return changes_forget(ed->m, &ed->state, ed->modseq - kept, PRUNE_ROWS);
}

/* --- Commit --- */

/* Removes expunged UIDs from the sets of seen ones. */
static enum err seen_commit(struct edit *ed, struct edit_box *b)
{
	const struct run_log *gone = &b->logs[CHANGE_VANISHED];
	enum err e = own_seen_flush(&b->seen);

	if (e || gone->n == 0 || !b->box.own_seen)
		return e;
	return own_seen_vanish(ed->m, b->box.id, gone->runs, gone->n);
}

static enum err box_commit(struct edit *ed, struct edit_box *b)
{
	enum err e;

	if (!b->rows_changed || b->deleted)
		return OK;
	if ((e = seen_commit(ed, b)) || (e = unseen_settle(ed->m, b)))
		return e;
	b->box.modseq = ed->modseq;
	watches_notify_after(ed->m, b->box.id, ed->modseq);
	return mailbox_put(ed->m, &b->box);
}

enum err edit_commit(struct edit *ed)
{
	enum err e = OK;

	if (!ed->changed)
		return OK;
	for (unsigned i = 0; i < ed->box_count && !e; i++)
		e = box_commit(ed, &ed->boxes[i]);
	if (e || (e = log_all(ed)))
		return e;
	for (size_t i = 0; i < ed->mailbox_change_count; i++)
		watches_notify_after(ed->m, ed->mailbox_changes[i].mailbox, ed->modseq);
	ed->state.modseq = ed->modseq;
	if ((e = log_prune(ed)))
		return e;
	return state_put(ed->m, &ed->state);
}

void edit_end(struct edit *ed)
{
	for (unsigned i = 0; i < ed->box_count; i++)
		for (size_t k = 0; k < RUN_LOGS; k++)
			mem_clear(&ed->boxes[i].logs[k].runs);
	mem_clear(&ed->mailbox_changes);
}
