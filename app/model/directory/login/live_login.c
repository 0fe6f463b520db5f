/* model/directory/login/live_login.c: see live_login.h. */
#include "model/directory/login/live_login.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "model/directory/login/factor.h"
#include "model/directory/row.h"
#include "model/store/store.h"

struct live_logins {
	struct store *store;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a login was added, or the thread shall end */
	pthread_t thread;
	bool started;     /* lock */
	bool ending;      /* lock */
	struct list all;  /* lock; struct live_login.link                      */
	uint64_t seen;    /* lock: the counter at the last check of all        */
	bool overdue;     /* lock: one may have ended before that check        */
	int64_t until_ms; /* lock: clock_real_ms at which the next one expires */
};

/* --- Checks ----------------------------------------------------------------------------- */

enum err live_login_stands(struct txn *t, const struct live_login *l, struct arena *a,
                           int64_t now_ms, bool *yes, int64_t *until_ms)
{
	struct account_row account;
	struct credential_row credential = { .expires_ms = l->expires_ms };
	bool other = l->app_password == CREDENTIAL_OTHER;
	struct factor factor = { .on = false };
	enum err e;

	*yes = false;
	e = row_account_get(t, l->account, a, &account);
	if (e == OK && other)
		e = row_password_made(t, l->account, a, &credential.created_ms);
	else if (e == OK)
		e = row_credential_get(t, l->account, l->app_password, a, &credential);
	if (e != OK)
		return e == ERR_MISSING ? OK : e;
	if (l->app_password == CREDENTIAL_PASSWORD)
		e = factor_get(t, l->account, &factor);
	if (e != OK)
		return e;
	*yes = account.logins && !factor_any(&factor) &&
	       credential.created_ms == l->credential_ms &&
	       (credential.expires_ms == 0 || now_ms < credential.expires_ms);
	if (*yes && credential.expires_ms != 0)
		*until_ms = MIN(*until_ms, credential.expires_ms);
	return OK;
}

static enum err look_at_all(struct txn *t, struct live_logins *ls, int64_t now_ms)
{
	struct arena a = { 0 };
	enum err e = OK;
	bool yes;

	ls->until_ms = INT64_MAX;
	list_each(it, &ls->all)
	{
		struct live_login *l = container_of(it, struct live_login, link);

		e = live_login_stands(t, l, &a, now_ms, &yes, &ls->until_ms);
		if (e != OK)
			break;
		if (!yes && !atomic_exchange(&l->ended, true))
			conn_wake(l->waker);
		arena_reset(&a);
	}
	arena_deinit(&a);
	return e;
}

static enum err live_logins_check(struct txn *t, void *arg)
{
	struct live_logins *ls = arg;
	int64_t now_ms = clock_real_ms();
	uint64_t moves;
	enum err e = row_login_moves(t, &moves);

	if (e != OK || (moves == ls->seen && !ls->overdue && now_ms < ls->until_ms))
		return e;
	e = look_at_all(t, ls, now_ms);
	ls->overdue = e != OK;
	if (e == OK)
		ls->seen = moves;
	return e;
}

/* A store that cannot be read ends no login; the check is repeated. The lock is held during a
 * check, so that no session is freed meanwhile. */
static void *look_run(void *arg)
{
	struct live_logins *ls = arg;

	pthread_mutex_lock(&ls->lock);
	while (!ls->ending) {
		if (list_empty(&ls->all))
			pthread_cond_wait(&ls->changed, &ls->lock);
		else if (!cond_wait_until(&ls->changed, &ls->lock, clock_mono_ms() + LIVE_LOOK_MS))
			(void)!store_read(ls->store, live_logins_check, ls);
	}
	pthread_mutex_unlock(&ls->lock);
	return NULL;
}

/* --- All of them ------------------------------------------------------------------------ */

struct live_logins *live_logins_new(struct store *s)
{
	struct live_logins *ls = NEW(struct live_logins);

	ls->store = s;
	ls->until_ms = INT64_MAX;
	list_init(&ls->all);
	pthread_mutex_init(&ls->lock, NULL);
	cond_init(&ls->changed);
	return ls;
}

void live_logins_free(struct live_logins **l)
{
	struct live_logins *ls = *l;

	if (ls == NULL)
		return;
	assert(list_empty(&ls->all));
	pthread_mutex_lock(&ls->lock);
	ls->ending = true;
	pthread_cond_signal(&ls->changed);
	pthread_mutex_unlock(&ls->lock);
	if (ls->started)
		pthread_join(ls->thread, NULL);
	pthread_cond_destroy(&ls->changed);
	pthread_mutex_destroy(&ls->lock);
	mem_clear(l);
}

/* --- One -------------------------------------------------------------------------------- */

void live_login_add(struct live_logins *ls, struct live_login *l, const struct login *login,
                    struct waker waker)
{
	bool first;

	live_login_remove(l);
	l->of = ls;
	l->account = login->account;
	l->app_password = login->app_password;
	l->credential_ms = login->credential_ms;
	l->expires_ms = login->expires_ms;
	l->waker = waker;
	atomic_store(&l->ended, false);
	pthread_mutex_lock(&ls->lock);
	first = list_empty(&ls->all);
	list_push_back(&ls->all, &l->link);
	if (login->moves != ls->seen)
		ls->overdue =
			true; /* rows changed since its check */
	if (login->expires_ms != 0)
		ls->until_ms = MIN(ls->until_ms, login->expires_ms);
	if (!ls->started)
		ls->started = pthread_create(&ls->thread, NULL, look_run, ls) == 0;
	else if (first)
		pthread_cond_signal(&ls->changed);
	pthread_mutex_unlock(&ls->lock);
}

void live_login_remove(struct live_login *l)
{
	if (l->of == NULL)
		return;
	pthread_mutex_lock(&l->of->lock);
	list_remove(&l->link);
	pthread_mutex_unlock(&l->of->lock);
	l->of = NULL;
}

bool live_login_ended(const struct live_login *l)
{
	return atomic_load(&l->ended);
}
