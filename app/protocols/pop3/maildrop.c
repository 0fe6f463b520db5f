/* protocols/pop3/maildrop.c: see maildrop.h. */
#include "protocols/pop3/maildrop.h"

#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/mailbox/email.h"
#include "model/mailbox/placement.h"
#include "model/mailbox/mailbox.h"
#include "model/store/store.h"

#include <inttypes.h>
#include <pthread.h>

_Static_assert(sizeof(struct maildrop_message) == 16, "maildrop.h says what a list costs");

/* --- The lock --------------------------------------------------------------------------- */

enum { LISTS = 64 };

/* Locked maildrops, in lists by account, each with its own mutex. */
struct maildrops {
	struct {
		pthread_mutex_t mutex;
		struct list open; /* under mutex */
	} lists[LISTS];
};

struct maildrops *maildrops_new(void)
{
	struct maildrops *all = NEW(struct maildrops);

	for (size_t i = 0; i < LISTS; i++) {
		pthread_mutex_init(&all->lists[i].mutex, NULL);
		list_init(&all->lists[i].open);
	}
	return all;
}

void maildrops_free(struct maildrops **all)
{
	if (*all == NULL)
		return;
	for (size_t i = 0; i < LISTS; i++) {
		assert(list_empty(&(*all)->lists[i].open));
		pthread_mutex_destroy(&(*all)->lists[i].mutex);
	}
	mem_clear(all);
}

static bool maildrop_lock(struct maildrop *d, struct maildrops *all)
{
	size_t i = d->account % LISTS;
	bool taken = false;

	pthread_mutex_lock(&all->lists[i].mutex);
	list_each(it, &all->lists[i].open)
		taken |= container_of(it, struct maildrop, link)->account == d->account;
	if (!taken)
		list_push_back(&all->lists[i].open, &d->link);
	pthread_mutex_unlock(&all->lists[i].mutex);
	return !taken;
}

static void maildrop_unlock(struct maildrop *d, struct maildrops *all)
{
	size_t i = d->account % LISTS;

	pthread_mutex_lock(&all->lists[i].mutex);
	list_remove(&d->link);
	pthread_mutex_unlock(&all->lists[i].mutex);
}

/* --- The list --------------------------------------------------------------------------- */

static void maildrop_add(struct maildrop *d, const struct email_row *row, bool copy)
{
	d->messages[d->n++] = (struct maildrop_message){ .email = row->email,
		                                         .copy = copy,
		                                         .uid = row->uid,
		                                         .size_bytes = row->size_bytes };
	d->size_bytes += row->size_bytes;
}

/* Emails mostly arrive in the order of their ids: only others can be copies. */
static enum err is_copy(const struct mail_txn *m, uint32_t mailbox, const struct email_row *row,
                        uint64_t *newest, bool *copy)
{
	uint32_t first = row->uid;
	enum err e = OK;

	if (row->email <= *newest)
		e = placement_in(m, row->email, mailbox, &first);
	*newest = MAX(*newest, row->email);
	*copy = !e && first < row->uid;
	return e == ERR_MISSING ? OK : e;
}

/* Messages of from_ms and later; skip and max count all. */
static enum err rows_read(struct maildrop *d, const struct mail_txn *m, uint32_t skip, uint32_t max,
                          int64_t from_ms)
{
	struct email_rows rows;
	struct email_row row;
	uint64_t newest = 0;
	bool copy;
	enum err e = OK, walked;

	email_rows_init(&rows, m, d->mailbox, 1, UINT32_MAX);
	while (!e && email_rows_next(&rows, &row)) {
		e = is_copy(m, d->mailbox, &row, &newest, &copy);
		if (skip != 0)
			skip--;
		else if (row.email != 0 && d->n < max && row.internal_ms >= from_ms)
			maildrop_add(d, &row, copy);
	}
	walked = email_rows_end(&rows);
	return e ? e : walked;
}

/* An account without mail has no INBOX before its first message or IMAP session. */
static enum err maildrop_read(struct txn *t, void *arg)
{
	struct maildrop *d = arg;
	const struct pop3_server *v = d->server;
	struct mail_txn m = { v->mailboxes, t, d->account, d->account };
	uint32_t max = v->messages_max ? v->messages_max : LIMIT_pop3_messages;
	struct account account;
	struct mailbox box;
	enum err e = account_get(t, d->account, txn_arena(t), &account);

	if (e || account.pop3 == POP3_OFF)
		return e ? e : ERR_DENIED;
	if ((e = mailbox_find_role(&m, ROLE_INBOX, &box)))
		return e == ERR_MISSING ? OK : e;
	max = MIN(max, box.exists);
	if (max == 0)
		return OK;
	d->mailbox = box.id;
	d->messages = mem_resize(d->messages, max * sizeof(d->messages[0]));
	return rows_read(d, &m, box.exists - max, max,
	                 account.pop3 == POP3_SHOWS_NEW ? account.pop3_from_ms : INT64_MIN);
}

enum err maildrop_open(struct maildrop *d, const struct pop3_server *server, uint32_t account)
{
	enum err e;

	*d = (struct maildrop){ .server = server, .account = account };
	if (!maildrop_lock(d, server->maildrops)) {
		*d = (struct maildrop){ 0 };
		return ERR_CONFLICT;
	}
	e = store_read(server->store, maildrop_read, d);
	if (e)
		maildrop_close(d);
	return e;
}

void maildrop_close(struct maildrop *d)
{
	if (d->account == 0)
		return;
	maildrop_unlock(d, d->server->maildrops);
	mem_free(d->messages);
	*d = (struct maildrop){ 0 };
}

/* --- Changes ---------------------------------------------------------------------------- */

struct update {
	const struct maildrop *d;
	struct uids uids;
};

static enum err update_write(struct txn *t, void *arg)
{
	const struct update *u = arg;
	struct mail_txn m = { u->d->server->mailboxes, t, u->d->account, u->d->account };
	const struct email_expunge what = { .mailbox = u->d->mailbox, .uids = &u->uids };
	struct uids gone = { 0 };
	enum err e = email_expunge(&m, &what, &gone, NULL);

	uids_deinit(&gone);
	return e;
}

enum err maildrop_update(struct maildrop *d, struct why *why)
{
	struct update u = { .d = d };
	enum err e;

	if (d->deleted == 0)
		return OK;
	for (uint32_t i = 0; i < d->n; i++)
		if (d->messages[i].deleted)
			uids_add(&u.uids, d->messages[i].uid, d->messages[i].uid);
	e = store_write(d->server->store, update_write, &u, why);
	uids_deinit(&u.uids);
	return e;
}

struct maildrop_message *maildrop_find(const struct maildrop *d, uint32_t number)
{
	if (number == 0 || number > d->n || d->messages[number - 1].deleted)
		return NULL;
	return &d->messages[number - 1];
}

void maildrop_delete(struct maildrop *d, struct maildrop_message *m)
{
	m->deleted = 1;
	d->deleted++;
	d->size_bytes -= m->size_bytes;
}

void maildrop_reset(struct maildrop *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		if (d->messages[i].deleted)
			d->size_bytes += d->messages[i].size_bytes;
		d->messages[i].deleted = 0;
	}
	d->deleted = 0;
}

static void hex_put(struct buf *out, uint64_t n)
{
	char digits[16];
	size_t i = sizeof digits;

	do {
		digits[--i] = "0123456789abcdef"[n % 16];
		n /= 16;
	} while (n != 0);
	buf_bytes(out, digits + i, sizeof digits - i);
}

void maildrop_uid_put(const struct maildrop *d, const struct maildrop_message *m, struct buf *out)
{
	hex_put(out, d->account);
	buf_byte(out, '.');
	hex_put(out, m->email);
	if (!m->copy)
		return;
	buf_byte(out, '.');
	hex_put(out, m->uid);
}
