/* model/mailbox/row_index.c: see row_index.h. */
#include "model/mailbox/email/row_index.h"

#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "model/mailbox/by_date.h"
#include "model/mailbox/keys.h"

#include <stdlib.h>

enum { VALUE_MAX = 24 };

bool row_shown(struct flags flags)
{
	return !flags_has(flags, FLAG_DELETED);
}

bool row_unread(struct flags flags)
{
	return row_shown(flags) && !flags_has(flags, FLAG_SEEN) && !flags_has(flags, FLAG_DRAFT);
}

/* --- Threads in the mailbox ------------------------------------------------------------- */

struct thread_count {
	uint32_t rows, unread;
};

static bool thread_count_unpack(struct str record, struct thread_count *out)
{
	struct unpack u = unpack_of(record);

	out->rows = unpack_u32(&u);
	out->unread = unpack_u32(&u);
	return unpack_ok(&u) && out->rows != 0;
}

static enum err thread_count_put(const struct mail_txn *m, const struct key *k,
                                 struct thread_count n)
{
	char room[VALUE_MAX];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, n.rows);
	pack_u64(&b, n.unread);
	return kv_put(m->t, SPACE_THREAD_BOX, key_str(k), buf_str(&b));
}

/* Counters may already be too low if rows were damaged. */
static uint32_t added(uint32_t n, int by)
{
	return by < 0 && n == 0 ? 0 : n + (uint32_t)by;
}

static enum err thread_add(const struct mail_txn *m, struct mailbox *box, uint64_t thread, int rows,
                           int unread)
{
	struct thread_count was = { 0, 0 }, is;
	struct str record;
	struct key k;
	enum err e;

	if (rows == 0 && unread == 0)
		return OK;
	key_thread_box(&k, m->account, box->id, thread);
	e = kv_get(m->t, SPACE_THREAD_BOX, key_str(&k), &record);
	if (e && e != ERR_MISSING)
		return e;
	if (!e && !thread_count_unpack(record, &was))
		was = (struct thread_count){ 0, 0 };
	is = (struct thread_count){ added(was.rows, rows), added(was.unread, unread) };
	box->threads = added(box->threads, (is.rows != 0) - (was.rows != 0));
	box->unread_threads = added(box->unread_threads, (is.unread != 0) - (was.unread != 0));
	if (is.rows)
		return thread_count_put(m, &k, is);
	return e == ERR_MISSING ? OK : kv_del(m->t, SPACE_THREAD_BOX, key_str(&k));
}

/* --- Rows ------------------------------------------------------------------------------- */

static enum err dated_put(const struct mail_txn *m, uint32_t mailbox, const struct email_row *row)
{
	char room[VALUE_MAX];
	struct key k;
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, row->email);
	pack_u64(&b, row->thread);
	key_dated(&k, m->account, mailbox, row->internal_ms, row->uid);
	return kv_put(m->t, SPACE_DATED, key_str(&k), buf_str(&b));
}

enum err row_index_add(const struct mail_txn *m, struct mailbox *box, const struct email_row *row)
{
	enum err e = row->email ? dated_put(m, box->id, row) : OK;

	if (e || row->email == 0)
		return e;
	return thread_add(m, box, row->thread, row_shown(row->flags), row_unread(row->flags));
}

enum err row_index_remove(const struct mail_txn *m, struct mailbox *box,
                          const struct email_row *row)
{
	struct key k;
	enum err e;

	if (row->email == 0)
		return OK;
	key_dated(&k, m->account, box->id, row->internal_ms, row->uid);
	e = kv_del(m->t, SPACE_DATED, key_str(&k));
	if (e && e != ERR_MISSING)
		return e;
	return thread_add(m, box, row->thread, -row_shown(row->flags), -row_unread(row->flags));
}

enum err row_index_flags(const struct mail_txn *m, struct mailbox *box, const struct email_row *row,
                         struct flags flags)
{
	if (row->email == 0)
		return OK;
	return thread_add(m, box, row->thread, row_shown(flags) - row_shown(row->flags),
	                  row_unread(flags) - row_unread(row->flags));
}

/* --- All of a mailbox ------------------------------------------------------------------- */

static enum err space_forget(const struct mail_txn *m, enum space s, uint32_t mailbox)
{
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_mailbox(&k, m->account, mailbox);
	kv_iter_prefix(&it, m->t, s, key_str(&k));
	while (!e && kv_iter_next(&it))
		e = kv_del(m->t, s, it.key);
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

enum err row_index_forget(const struct mail_txn *m, uint32_t mailbox)
{
	enum err e = space_forget(m, SPACE_DATED, mailbox);

	return e ? e : space_forget(m, SPACE_THREAD_BOX, mailbox);
}

enum err row_index_rebuild(const struct mail_txn *m, struct mailbox *box)
{
	struct email_rows rows;
	struct email_row row;
	enum err e = row_index_forget(m, box->id), walked;

	box->threads = box->unread_threads = 0;
	if (e)
		return e;
	email_rows_init(&rows, m, box->id, 1, UINT32_MAX);
	while (!e && email_rows_next(&rows, &row))
		e = row_index_add(m, box, &row);
	walked = email_rows_end(&rows);
	return e ? e : walked;
}

/* --- Checking --------------------------------------------------------------------------- */

struct row_thread {
	uint64_t thread;
	bool shown, unread;
};

struct row_threads {
	struct row_thread *items;
	size_t n, cap;
};

static int thread_order(const void *a, const void *b)
{
	const struct row_thread *x = a, *y = b;

	return (x->thread > y->thread) - (x->thread < y->thread);
}

static void row_threads_add(struct row_threads *t, const struct email_row *row)
{
	if (t->n == t->cap) {
		t->cap = 2 * t->cap + 64;
		t->items = mem_resize(t->items, t->cap * sizeof(*t->items));
	}
	t->items[t->n++] = (struct row_thread){ row->thread, row_shown(row->flags),
		                                row_unread(row->flags) };
}

static enum err dated_is(const struct mail_txn *m, uint32_t mailbox, const struct email_row *row,
                         bool *same)
{
	struct dated_row dated;
	struct str record;
	struct key k;
	enum err e;

	key_dated(&k, m->account, mailbox, row->internal_ms, row->uid);
	e = kv_get(m->t, SPACE_DATED, key_str(&k), &record);
	if (e == ERR_MISSING || (!e && !dated_unpack(record, &dated))) {
		*same = false;
		return OK;
	}
	if (!e && (dated.email != row->email || dated.thread != row->thread))
		*same = false;
	return e;
}

static enum err space_count(const struct mail_txn *m, enum space s, uint32_t mailbox, size_t *n)
{
	struct kv_iter it;
	struct key k;

	*n = 0;
	key_mailbox(&k, m->account, mailbox);
	kv_iter_prefix(&it, m->t, s, key_str(&k));
	while (kv_iter_next(&it))
		++*n;
	return kv_iter_end(&it);
}

/* The next thread of sorted rows, with its counts. */
static bool thread_next(const struct row_threads *t, size_t *at, uint64_t *thread,
                        struct thread_count *n)
{
	*n = (struct thread_count){ 0, 0 };
	if (*at == t->n)
		return false;
	*thread = t->items[*at].thread;
	for (; *at < t->n && t->items[*at].thread == *thread; ++*at) {
		n->rows += t->items[*at].shown;
		n->unread += t->items[*at].unread;
	}
	return true;
}

static enum err threads_check(const struct mail_txn *m, uint32_t mailbox,
                              const struct row_threads *t, struct mailbox *counted, bool *same)
{
	struct thread_count want, have = { 0, 0 };
	size_t at = 0, n = 0;
	uint64_t thread;
	struct str record;
	struct key k;
	enum err e = OK;

	counted->threads = counted->unread_threads = 0;
	while (!e && thread_next(t, &at, &thread, &want)) {
		if (want.rows == 0)
			continue;
		counted->threads++;
		counted->unread_threads += want.unread != 0;
		key_thread_box(&k, m->account, mailbox, thread);
		e = kv_get(m->t, SPACE_THREAD_BOX, key_str(&k), &record);
		if (e == ERR_MISSING || (!e && !thread_count_unpack(record, &have)) ||
		    (!e && (have.rows != want.rows || have.unread != want.unread))) {
			*same = false;
			e = OK;
		}
	}
	if (!e)
		e = space_count(m, SPACE_THREAD_BOX, mailbox, &n);
	*same = *same && !e && n == counted->threads;
	return e;
}

enum err row_index_check(const struct mail_txn *m, uint32_t mailbox, struct mailbox *counted,
                         bool *same)
{
	struct row_threads threads = { 0 };
	struct email_rows rows;
	struct email_row row;
	size_t n = 0;
	enum err e = OK, walked;

	*same = true;
	email_rows_init(&rows, m, mailbox, 1, UINT32_MAX);
	while (!e && email_rows_next(&rows, &row)) {
		if (row.email == 0)
			continue;
		row_threads_add(&threads, &row);
		e = dated_is(m, mailbox, &row, same);
	}
	walked = email_rows_end(&rows);
	e = e ? e : walked;
	if (!e)
		e = space_count(m, SPACE_DATED, mailbox, &n);
	*same = *same && n == threads.n;
	if (threads.n)
		qsort(threads.items, threads.n, sizeof(*threads.items), thread_order);
	if (!e)
		e = threads_check(m, mailbox, &threads, counted, same);
	mem_free(threads.items);
	return e;
}
