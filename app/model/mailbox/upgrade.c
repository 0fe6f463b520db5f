/* model/mailbox/upgrade.c: mail of a store from before threads and placements (store format 2).
 *
 * An account whose state has the old form is upgraded at the start of the server: each email gets
 * its thread, each row its thread and its place by date. Emails are taken in the order of ids,
 * some in each transaction, so memory does not depend on their number. Fewer transactions are
 * faster: the keys of threads are hashes, so each transaction writes most pages of that space. The
 * state gets its new form last; after a crash the account begins again. Nothing is merged: copies
 * stay emails of their own. */
#include "formats/message/envelope.h"
#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "model/mailbox/email/row_index.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/mail.h"
#include "model/mailbox/mailbox_tree.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/thread.h"
#include "model/store/store.h"

#include <string.h>

enum { EMAILS_AT_ONCE = 100000 };

struct upgrading {
	uint32_t account; /* 0: none is left */
	uint32_t at_once;
	bool cleared;
	bool done;
	uint64_t email; /* the last one that was upgraded */
	uint64_t placements;
	struct mailbox *boxes; /* by id: ids and counters of threads */
	size_t n;
	/* The same as of the running transaction, which may run again: */
	uint64_t next_email, next_placements;
	struct mailbox *next_boxes;
};

/* --- The next account ------------------------------------------------------------------- */

static enum err account_find(struct txn *t, void *arg)
{
	struct upgrading *x = arg;
	struct mail_txn m = { .t = t };
	struct account_state state = { .old = false };
	enum err e;

	while ((e = mail_next(t, m.account, &m.account)) == OK && m.account != 0) {
		e = state_get(&m, &state);
		if (!e && state.old)
			break;
		if (e && e != ERR_MISSING && e != ERR_CORRUPT) /* fsck reports these */
			break;
	}
	x->account = m.account;
	return e;
}

static enum err boxes_load(struct txn *t, void *arg)
{
	struct upgrading *x = arg;
	struct mail_txn m = { .t = t, .account = x->account };
	struct mailbox_iter it;
	struct mailbox box;

	mailbox_iter_init(&it, &m);
	while (mailbox_iter_next(&it, &box)) {
		x->boxes = mem_resize(x->boxes, (x->n + 1) * sizeof(*x->boxes));
		x->boxes[x->n++] = (struct mailbox){ .account = x->account, .id = box.id };
	}
	return mailbox_iter_end(&it);
}

/* --- An email --------------------------------------------------------------------------- */

/* From the record: the message is read only where that has no thread. The old thread, the hash of
 * a root and a subject, is a key as well, so that emails of one thread stay together. */
static enum err keys_of(const struct mail_txn *m, struct email *email, struct thread_keys *out)
{
	struct arena a = { 0 };
	struct envelope envelope;
	enum err e;

	if (email->old_thread.n < THREAD_KEY_BYTES)
		return thread_keys_read(m, email, out);
	e = email_describe(m, &a, email);
	if (!e && !envelope_unpack(&a, email->envelope, &envelope))
		e = ERR_CORRUPT;
	if (!e)
		thread_keys_of_envelope(&envelope, &email->blob, email->old_thread, out);
	arena_deinit(&a);
	return e;
}

static struct mailbox *box_of(const struct upgrading *x, uint32_t id)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->next_boxes[i].id == id)
			return &x->next_boxes[i];
	return NULL;
}

/* A row that is damaged, or in no mailbox, stays as it is: fsck reports it. */
static enum err row_upgrade(const struct mail_txn *m, const struct upgrading *x,
                            const struct placement *at, uint64_t email, uint64_t thread)
{
	struct mailbox *box = box_of(x, at->mailbox);
	struct email_row row;
	enum err e = email_row_get(m, at->mailbox, at->uid, &row);

	if (e || !box || row.email != email)
		return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	row.thread = thread;
	e = email_row_put(m, at->mailbox, &row);
	return e ? e : row_index_add(m, box, &row);
}

static enum err email_upgrade(const struct mail_txn *m, struct upgrading *x, struct arena *a,
                              uint64_t id)
{
	struct placement_list list;
	struct thread_keys keys;
	struct email email;
	uint64_t thread = 0;
	enum err e = placements_get(m, id, a, &list);

	x->next_placements += list.n;
	if (e || list.n == 0) /* pending deletion */
		return e == ERR_MISSING ? OK : e;
	if ((e = email_get(m, id, &email)) == OK)
		e = keys_of(m, &email, &keys);
	if (e == ERR_CORRUPT || e == ERR_MISSING) { /* a thread of its own */
		keys.n = 0;
		e = OK;
	}
	if (!e)
		e = thread_join(m, &keys, id, &thread);
	for (size_t i = 0; i < list.n && !e; i++)
		e = row_upgrade(m, x, &list.items[i], id, thread);
	return e;
}

/* The ids of the next emails. */
static enum err emails_next(const struct mail_txn *m, const struct upgrading *x, uint64_t *ids,
                            size_t *n)
{
	struct kv_iter it;
	struct key from, to;

	*n = 0;
	key_email(&from, m->account, x->email + 1);
	key_email(&to, m->account, UINT64_MAX);
	kv_iter_init(&it, m->t, SPACE_EMAIL, key_str(&from), key_str(&to));
	while (*n < x->at_once && kv_iter_next(&it)) {
		struct unpack u = unpack_of(str_sub(it.key, 4, SIZE_MAX));
		uint64_t id = unpack_be64(&u);

		if (unpack_ok(&u) && (*n == 0 || ids[*n - 1] != id))
			ids[(*n)++] = id;
	}
	return kv_iter_end(&it);
}

/* --- An account ------------------------------------------------------------------------- */

/* For an upgrade that was interrupted. */
static enum err spaces_clear(const struct mail_txn *m)
{
	static const enum space spaces[] = { SPACE_THREAD, SPACE_THREAD_KEY, SPACE_DATED,
		                             SPACE_THREAD_BOX };
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, m->account);
	for (size_t i = 0; i < COUNT(spaces) && !e; i++) {
		kv_iter_prefix(&it, m->t, spaces[i], key_str(&k));
		while (!e && kv_iter_next(&it))
			e = kv_del(m->t, spaces[i], it.key);
		walked = kv_iter_end(&it);
		e = e ? e : walked;
	}
	return e;
}

/* As a session counts: a damaged row has no flags. */
static enum err unread_count(const struct mail_txn *m, struct mailbox *box)
{
	struct email_rows rows;
	struct email_row row;

	box->unread = 0;
	email_rows_init(&rows, m, box->id, 1, UINT32_MAX);
	while (email_rows_next(&rows, &row))
		box->unread += row_unread(row.flags);
	return email_rows_end(&rows);
}

static enum err box_finish(const struct mail_txn *m, const struct mailbox *counted)
{
	struct mailbox box;
	enum err e = mailbox_get(m, counted->id, &box);

	if (e)
		return e == ERR_CORRUPT ? OK : e;
	box.leaf = str_dup(txn_arena(m->t), box.leaf);
	box.threads = counted->threads;
	box.unread_threads = counted->unread_threads;
	e = unread_count(m, &box);
	return e ? e : mailbox_put(m, &box);
}

static enum err account_finish(const struct mail_txn *m, struct upgrading *x)
{
	struct account_state state;
	enum err e = state_get(m, &state);

	for (size_t i = 0; i < x->n && !e; i++)
		e = box_finish(m, &x->next_boxes[i]);
	if (e)
		return e;
	state.old = false;
	state.placements = x->next_placements;
	return state_put(m, &state);
}

static enum err emails_upgrade(struct txn *t, void *arg)
{
	struct upgrading *x = arg;
	struct mail_txn m = { .t = t, .account = x->account };
	uint64_t *ids = arena_array(txn_arena(t), uint64_t, x->at_once);
	struct arena a = { 0 };
	size_t n = 0;
	enum err e = x->cleared ? OK : spaces_clear(&m);

	if (x->n)
		memcpy(x->next_boxes, x->boxes, x->n * sizeof(*x->boxes));
	x->next_email = x->email;
	x->next_placements = x->placements;
	if (!e)
		e = emails_next(&m, x, ids, &n);
	for (size_t i = 0; i < n && !e; i++) {
		e = email_upgrade(&m, x, &a, ids[i]);
		x->next_email = ids[i];
		arena_reset(&a);
	}
	arena_deinit(&a);
	x->done = !e && n < x->at_once;
	return x->done ? account_finish(&m, x) : e;
}

static enum err account_upgrade(struct store *s, struct upgrading *x, struct why *why)
{
	enum err e = store_read(s, boxes_load, x);

	x->next_boxes = mem_new(MAX(x->n, (size_t)1) * sizeof(*x->next_boxes));
	while (!e && !x->done && (e = store_write(s, emails_upgrade, x, why)) == OK) {
		if (x->n)
			memcpy(x->boxes, x->next_boxes, x->n * sizeof(*x->boxes));
		x->email = x->next_email;
		x->placements = x->next_placements;
		x->cleared = true;
	}
	mem_free(x->boxes);
	mem_free(x->next_boxes);
	return e;
}

enum err mail_upgrade(struct store *s, uint32_t at_once, struct why *why)
{
	struct upgrading x;
	enum err e;

	do {
		x = (struct upgrading){ .at_once = at_once ? at_once : EMAILS_AT_ONCE };
		e = store_read(s, account_find, &x);
		if (!e && x.account)
			e = account_upgrade(s, &x, why);
	} while (!e && x.account);
	return e;
}
