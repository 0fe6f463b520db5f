/* model/mailbox/edit.c: begin and commit of an edit; see edit.h. */
#include "model/mailbox/edit.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/email/row_index.h"
#include "model/mailbox/unseen.h"
#include "model/mailbox/watch.h"
#include "model/store/store.h"

#include <string.h>

enum {
	LOG_ROW_RUNS = 4096, /* runs of one change row: far below KV_VALUE_MAX */
	LOG_ROW_MAX = 2 << 20, /* with 64 threads of 5 bytes for each run */
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
	if (ed->state.old)
		return fail(txn_why(m->t), ERR_CONFLICT,
		            "the store is of an older Roost: start the server once to upgrade it");
	ed->modseq = ed->state.modseq + 1;
	return OK;
}

/* The place of the box with that id, or the one at which it belongs. */
static size_t box_place(const struct edit *ed, uint32_t id)
{
	size_t lo = 0, hi = ed->box_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ed->boxes[mid]->box.id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void box_insert(struct edit *ed, size_t at, struct edit_box *b)
{
	if (ed->box_count == ed->box_cap) {
		ed->box_cap = 2 * ed->box_cap + 4;
		ed->boxes = mem_resize(ed->boxes, ed->box_cap * sizeof(*ed->boxes));
	}
	memmove(&ed->boxes[at + 1], &ed->boxes[at], (ed->box_count - at) * sizeof(*ed->boxes));
	ed->boxes[at] = b;
	ed->box_count++;
}

enum err edit_box(struct edit *ed, uint32_t id, struct edit_box **out)
{
	struct arena *a = txn_arena(ed->m->t);
	struct mail_txn acts = ed->raw;
	size_t at = box_place(ed, id);
	struct edit_box *b;
	enum err e;

	if (at < ed->box_count && ed->boxes[at]->box.id == id) {
		*out = ed->boxes[at];
		return OK;
	}
	b = arena_new(a, struct edit_box);
	if ((e = mailbox_get(ed->m, id, &b->box)))
		return e;
	b->box.leaf = str_dup(a, b->box.leaf);
	b->was = b->box;
	acts.who = ed->who;
	own_seen_open_box(&b->seen, &acts, &b->box);
	box_insert(ed, at, b);
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

static enum err log_row(struct edit *ed, struct change what, const struct change_run *runs,
                        size_t n, const uint64_t *below)
{
	struct key k;
	struct buf b;
	enum err e;

	buf_init(&b, LOG_ROW_MAX);
	what.who = ed->who ? ed->who : ed->m->account; /* the server acts as the owner */
	change_pack(&b, &what, runs, n, below);
	assert(buf_ok(&b));
	key_change(&k, ed->m->account, ed->modseq, ed->log_next++);
	e = kv_put(ed->m->t, SPACE_CHANGE, key_str(&k), buf_str(&b));
	buf_deinit(&b);
	return e;
}

static const struct {
	enum change_kind kind;
	int shown;
} edit_logs[EDIT_LOGS] = {
	[LOG_VANISHED_HIDDEN] = { CHANGE_VANISHED, 0 },
	[LOG_VANISHED] = { CHANGE_VANISHED, -1 },
	[LOG_FLAGS_HIDE] = { CHANGE_FLAGS, -1 },
	[LOG_FLAGS] = { CHANGE_FLAGS, 0 },
	[LOG_FLAGS_SHOW] = { CHANGE_FLAGS, 1 },
	[LOG_SEEN] = { CHANGE_SEEN, 0 },
	[LOG_APPEARED_HIDDEN] = { CHANGE_APPEARED, 0 },
	[LOG_APPEARED] = { CHANGE_APPEARED, 1 },
};

static enum err log_runs(struct edit *ed, enum edit_log which, const struct edit_box *b)
{
	const struct run_log *log = &b->logs[which];
	struct change what = { .kind = edit_logs[which].kind,
		               .shown = edit_logs[which].shown,
		               .mailbox = b->box.id };
	const uint64_t *below = log->below;
	enum err e = OK;

	for (size_t i = 0, n; i < log->n && !e; i += n) {
		n = MIN(log->n - i, (size_t)LOG_ROW_RUNS);
		e = log_row(ed, what, log->runs + i, n, below);
		for (size_t k = i; k < i + n && below; k++)
			below += log->runs[k].count;
	}
	return e;
}

/* In the order of enum edit_log: VANISHED first, so that a reader of the log never has a moved
 * email twice. */
static enum err log_all(struct edit *ed)
{
	enum err e = OK;

	for (unsigned k = 0; k < EDIT_LOGS; k++)
		for (size_t i = 0; i < ed->box_count && !e; i++)
			e = log_runs(ed, (enum edit_log)k, ed->boxes[i]);
	for (size_t i = 0; i < ed->mailbox_change_count && !e; i++)
		e = log_row(ed, ed->mailbox_changes[i], NULL, 0, NULL);
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
	enum err e = own_seen_flush(&b->seen);

	for (unsigned k = LOG_VANISHED_HIDDEN; k <= LOG_VANISHED && !e && b->box.own_seen; k++)
		if (b->logs[k].n)
			e = own_seen_vanish(ed->m, b->box.id, b->logs[k].runs, b->logs[k].n);
	return e;
}

static bool counters_shown_eq(const struct mailbox *a, const struct mailbox *b)
{
	return a->exists - a->deleted == b->exists - b->deleted && a->unread == b->unread &&
	       a->threads == b->threads && a->unread_threads == b->unread_threads;
}

static enum err box_commit(struct edit *ed, struct edit_box *b)
{
	enum err e;

	if (!b->rows_changed)
		return OK;
	ed->state.email_modseq = ed->modseq;
	if (b->logs[LOG_SEEN].n || !counters_shown_eq(&b->was, &b->box))
		ed->state.mailbox_modseq = ed->modseq;
	for (unsigned k = 0; k < EDIT_LOGS; k++)
		if (b->logs[k].n && edit_logs[k].shown != 0)
			ed->state.placement_modseq = ed->modseq;
	if (b->deleted)
		return OK;
	if ((e = seen_commit(ed, b)) || (e = unseen_settle(ed->m, b)) ||
	    (b->index_lost && (e = row_index_rebuild(ed->m, &b->box))))
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
	for (size_t i = 0; i < ed->box_count && !e; i++)
		e = box_commit(ed, ed->boxes[i]);
	if (e || (e = log_all(ed)))
		return e;
	for (size_t i = 0; i < ed->mailbox_change_count; i++)
		watches_notify_after(ed->m, ed->mailbox_changes[i].mailbox, ed->modseq);
	if (ed->mailbox_change_count)
		ed->state.mailbox_modseq = ed->modseq;
	if (ed->threads_changed)
		ed->state.thread_modseq = ed->modseq;
	ed->state.modseq = ed->modseq;
	if ((e = log_prune(ed)))
		return e;
	return state_put(ed->m, &ed->state);
}

void edit_end(struct edit *ed)
{
	for (size_t i = 0; i < ed->box_count; i++)
		for (unsigned k = 0; k < EDIT_LOGS; k++) {
			mem_clear(&ed->boxes[i]->logs[k].runs);
			mem_clear(&ed->boxes[i]->logs[k].below);
		}
	mem_clear(&ed->boxes);
	mem_clear(&ed->mailbox_changes);
}
