/* model/directory/login/login_recent.c: see login_recent.h. */
#include "model/directory/login/login_recent.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/text/utf8.h"
#include "model/directory/login/app_password.h"
#include "model/directory/login/known_network.h"
#include "model/directory/normal.h"
#include "model/directory/row.h"
#include "model/store/store.h"
#include "network/runtime/addr.h"

#include <pthread.h>
#include <stdlib.h>

enum { WAITING_MAX = 256, CLIENT_MAX = 200, BATCH_MS = 1000 };

struct recents {
	struct store *store;
	pthread_mutex_t lock;
	pthread_cond_t ending_now;
	pthread_t thread;
	bool started;                             /* lock: thread is to be joined     */
	bool busy;                                /* lock: the thread is running */
	bool ending;                              /* lock: write at once, then end    */
	struct login_recent waiting[WAITING_MAX]; /* lock; strings of str_new */
	size_t count;                             /* lock */
};

/* --- Writing ---------------------------------------------------------------------------- */

static bool same(const struct login_row *row, const struct login_recent *seen)
{
	return row->ok == seen->ok && row->credential == seen->app_password &&
	       str_eq(row->service, seen->service) && str_eq(row->peer, seen->peer);
}

/* The row for a login: an existing one or a new one; and the oldest row with the same outcome. */
struct place {
	struct login_row row;
	bool found;
	uint32_t next, oldest;
	int64_t oldest_ms;
	unsigned have;
};

static enum err recents_place_find(struct txn *t, const struct login_recent *seen,
                                   struct place *out)
{
	struct kv_iter it;
	struct login_row row;
	enum err e = OK;
	enum err walked;

	*out = (struct place){ 0 };
	row_login_iter(&it, t, seen->account);
	while (e == OK && kv_iter_next(&it)) {
		e = row_login_read(&it, txn_arena(t), &row);
		if (e != OK)
			break;
		out->next = row.number + 1;
		if (row.ok != seen->ok)
			continue;
		if (out->have++ == 0 || row.last_ms < out->oldest_ms) {
			out->oldest = row.number;
			out->oldest_ms = row.last_ms;
		}
		if (same(&row, seen)) {
			out->row = row;
			out->found = true;
		}
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err login_put(struct txn *t, const struct login_recent *seen)
{
	struct place place;
	struct login_row *row = &place.row;
	enum err e = recents_place_find(t, seen, &place);

	if (e == OK && !place.found) {
		if (place.have >= LIMIT_logins_kept)
			e = row_login_del(t, seen->account, place.oldest);
		*row = (struct login_row){ .account = seen->account,
			                   .number = place.next,
			                   .ok = seen->ok,
			                   .credential = seen->app_password,
			                   .service = seen->service,
			                   .peer = seen->peer,
			                   .first_ms = seen->first_ms };
	}
	if (seen->client.n != 0)
		row->client = seen->client;
	row->last_ms = MAX(row->last_ms, seen->last_ms);
	row->count += seen->count;
	return e != OK ? e : row_login_put(t, row);
}

static enum err network_put(struct txn *t, const struct login_recent *seen)
{
	char key[KNOWN_NETWORK_KEY];
	struct addr peer;

	if (!addr_parse_ip(seen->peer, &peer))
		return OK;
	return known_network_put(t, seen->account, known_network_key(&peer, key), seen->last_ms);
}

struct batch {
	struct login_recent *items;
	size_t count;
};

static enum err recents_write_all(struct txn *t, void *arg)
{
	const struct batch *batch = arg;
	struct account_row account;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < batch->count; i++) {
		const struct login_recent *seen = &batch->items[i];

		/* The account may have been removed meanwhile. */
		e = row_account_get(t, seen->account, txn_arena(t), &account);
		if (e == OK)
			e = login_put(t, seen);
		if (e == OK && seen->ok)
			e = network_put(t, seen);
		if (e == OK && seen->ok && seen->app_password != 0)
			e = app_password_used(t, seen->account, seen->app_password, seen->last_ms);
		if (e == ERR_MISSING)
			e = OK;
	}
	return e;
}

/* --- The thread ------------------------------------------------------------------------- */

static void recents_entry_free(struct login_recent *seen)
{
	str_free(&seen->service);
	str_free(&seen->peer);
	str_free(&seen->client);
}

/* Waits for more logins, unless the thread shall end. Under the lock. */
static void gather(struct recents *r)
{
	int64_t until_ms = clock_mono_ms() + BATCH_MS;

	while (!r->ending)
		if (!cond_wait_until(&r->ending_now, &r->lock, until_ms))
			break;
}

static void *recents_thread_run(void *arg)
{
	struct recents *r = arg;
	struct batch batch = { .items = mem_new(sizeof r->waiting) };

	pthread_mutex_lock(&r->lock);
	while (r->count != 0) {
		gather(r);
		batch.count = r->count;
		for (size_t i = 0; i < r->count; i++)
			batch.items[i] = r->waiting[i];
		r->count = 0;
		pthread_mutex_unlock(&r->lock);
		(void)!store_write(r->store, recents_write_all, &batch, NULL);
		for (size_t i = 0; i < batch.count; i++)
			recents_entry_free(&batch.items[i]);
		pthread_mutex_lock(&r->lock);
	}
	r->busy = false;
	pthread_mutex_unlock(&r->lock);
	mem_free(batch.items);
	return NULL;
}

struct recents *recents_new(struct store *s)
{
	struct recents *r = NEW(struct recents);

	r->store = s;
	pthread_mutex_init(&r->lock, NULL);
	cond_init(&r->ending_now);
	return r;
}

void recents_free(struct recents **r)
{
	struct recents *it = *r;

	if (it == NULL)
		return;
	pthread_mutex_lock(&it->lock);
	it->ending = true;
	pthread_cond_signal(&it->ending_now);
	pthread_mutex_unlock(&it->lock);
	if (it->started)
		pthread_join(it->thread, NULL);
	for (size_t i = 0; i < it->count; i++)
		recents_entry_free(&it->waiting[i]);
	pthread_cond_destroy(&it->ending_now);
	pthread_mutex_destroy(&it->lock);
	mem_clear(r);
}

/* --- Noting ----------------------------------------------------------------------------- */

/* The client's name as a printable line; of str_new. */
static struct str client_new(struct str client)
{
	struct str s = normal_line(client) ? str_sub(client, 0, CLIENT_MAX) : STR_EMPTY;

	while (s.n != 0 && !utf8_valid(s)) /* it was cut within a character */
		s.n--;
	return str_new(s);
}

/* Under the lock: the waiting entry for the same login; NULL when there is none. */
static struct login_recent *waiting_find(struct recents *r, const struct login_recent *seen)
{
	for (size_t i = 0; i < r->count; i++) {
		struct login_recent *w = &r->waiting[i];

		if (w->account == seen->account && w->ok == seen->ok &&
		    w->app_password == seen->app_password && str_eq(w->service, seen->service) &&
		    str_eq(w->peer, seen->peer))
			return w;
	}
	return NULL;
}

static void waiting_add(struct recents *r, const struct login_recent *seen)
{
	struct login_recent *w = waiting_find(r, seen);
	int64_t now_ms = clock_real_ms();

	if (w == NULL && r->count == WAITING_MAX)
		return;
	if (w == NULL) {
		w = &r->waiting[r->count++];
		*w = (struct login_recent){ .account = seen->account,
			                    .ok = seen->ok,
			                    .app_password = seen->app_password,
			                    .service = str_new(seen->service),
			                    .peer = str_new(seen->peer),
			                    .first_ms = now_ms };
	}
	if (seen->client.n != 0) {
		str_free(&w->client);
		w->client = client_new(seen->client);
	}
	w->last_ms = now_ms;
	w->count += seen->count;
}

void recents_note(struct recents *r, const struct login_recent *seen)
{
	pthread_mutex_lock(&r->lock);
	waiting_add(r, seen);
	if (!r->busy && r->count != 0) {
		if (r->started)
			pthread_join(r->thread, NULL);
		r->started = r->busy = pthread_create(&r->thread, NULL, recents_thread_run, r) == 0;
	}
	pthread_mutex_unlock(&r->lock);
}

/* --- Reading ---------------------------------------------------------------------------- */

static int newer_first(const void *a, const void *b)
{
	int64_t x = ((const struct login_recent *)a)->last_ms;
	int64_t y = ((const struct login_recent *)b)->last_ms;

	return (x < y) - (x > y);
}

enum err login_recent_list(struct txn *t, uint32_t account, struct arena *a,
                           struct login_recent_list *out)
{
	struct kv_iter it;
	struct login_row row;
	size_t room = 0;
	enum err e = OK;
	enum err walked;

	*out = (struct login_recent_list){ 0 };
	row_login_iter(&it, t, account);
	while (e == OK && kv_iter_next(&it)) {
		e = row_login_read(&it, a, &row);
		if (e != OK)
			break;
		out->items = row_room(a, out->items, out->count, &room, sizeof(*out->items));
		out->items[out->count++] = (struct login_recent){
			.account = account,
			.ok = row.ok,
			.app_password = row.credential,
			.service = row.service,
			.peer = row.peer,
			.client = row.client,
			.first_ms = row.first_ms,
			.last_ms = row.last_ms,
			.count = row.count,
		};
	}
	walked = kv_iter_end(&it);
	if (out->count > 1)
		qsort(out->items, out->count, sizeof(*out->items), newer_first);
	return e != OK ? e : walked;
}
