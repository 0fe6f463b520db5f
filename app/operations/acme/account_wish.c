/* operations/acme/account_wish.c: what an administrator wishes for an account: another key, or
 * its end; see account.h. The wish stays in the store until it is done, or the CA has refused
 * it. */
#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/crypto/key.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"
#include "operations/acme/account.h"
#include "operations/acme/schedule.h"
#include "operations/acme/work.h"

/* --- another key ---------------------------------------------------------------------------- */

static enum err next_key(struct account *a, struct key **out, struct why *why)
{
	enum err e = OK;

	if (a->row.next_key_pem.n == 0) {
		struct key *k = key_new_p256();

		a->row.next_key_pem = key_write_pem(k, a->arena);
		key_free(k);
		e = account_save(a, why);
	}
	return e ? e : key_read_pem(a->row.next_key_pem, out, why);
}

/* Has the CA taken the new key already? A kill or a lost answer may have kept us from knowing. */
static bool is_taken(const struct account *a, const struct key *k)
{
	struct client c = a->client;

	c.key = k;
	return client_account_find(&c, NULL) == OK && str_eq(c.account, a->row.url);
}

static enum err rollover(struct account *a, struct why *why)
{
	struct key *to = NULL;
	enum err e = next_key(a, &to, why);

	if (e == OK && (e = client_key_change(&a->client, to, why)) && is_taken(a, to))
		e = OK;
	if (e == OK)
		a->row.key_pem = a->row.next_key_pem;
	if (e == OK || !client_may_pass(e))
		a->row.next_key_pem = STR_EMPTY;
	key_free(to);
	return e;
}

/* --- the end -------------------------------------------------------------------------------- */

static enum err deactivate(struct account *a, struct why *why)
{
	enum err e = client_deactivate(&a->client, why);

	/* RFC 8555 7.3.6: "unauthorized" is what a deactivated account is told. */
	if (e == ERR_MISSING || str_eq(a->client.refusal, STR("unauthorized")))
		e = OK;
	return e;
}

/* --- what comes of it ----------------------------------------------------------------------- */

struct wished {
	struct account *account;
	struct wish_row wish;
	bool done;  /* the wish is gone       */
	bool ended; /* the account is gone too */
};

static enum err keep(struct txn *t, void *arg)
{
	const struct wished *w = arg;
	struct str directory = w->account->directory;
	enum err e = w->done ? wish_row_del(t, WISH_ACCOUNT, directory)
	                     : wish_row_put(t, WISH_ACCOUNT, directory, &w->wish);

	if (e != OK && e != ERR_MISSING)
		return e;
	return w->ended ? account_row_del(t, directory)
	                : account_row_put(t, directory, &w->account->row);
}

static void tell(const struct wished *w, enum err e)
{
	const char *word = w->wish.what == WISH_END ? "deactivate" : "rollover";
	int64_t wait_ms = w->done ? 0 : w->wish.due_ms - clock_real_ms();
	const struct account *a = w->account;

	if (e == OK)
		event(acme_account_changed, STR(""), ev_str(a->directory), ev_z(word));
	else
		event(acme_account_failed, STR(""), ev_str(a->directory), ev_z(word),
		      ev_str(a->row.problem), ev_int(wait_ms / 1000));
}

static void settle(struct wished *w, enum err e, const char *problem)
{
	struct account *a = w->account;

	w->done = !client_may_pass(e);
	w->ended = e == OK && w->wish.what == WISH_END;
	w->wish.due_ms = schedule_retry_ms(clock_real_ms(), 1, a->client.retry_ms,
	                                   random_below(SCHEDULE_CHANCES));
	a->row.problem = e ? str_dup(a->arena, str_of(problem)) : STR_EMPTY;
	if (store_write(a->work->config->store, keep, w, NULL) == OK)
		tell(w, e);
}

/* --- all ------------------------------------------------------------------------------------ */

/* Returns when it is due again; INT64_MAX: never. */
static int64_t try_now(struct work *work, struct str directory, const struct wish_row *wish,
                       struct arena *arena)
{
	struct account a;
	struct wished w = { .account = &a, .wish = *wish };
	struct why why = { "" };
	enum err e = account_open(&a, work, directory, false, arena, &why);

	if (e)
		e = ERR_RETRY; /* nothing was asked */
	else
		e = wish->what == WISH_END ? deactivate(&a, &why) : rollover(&a, &why);
	settle(&w, e, why.text);
	account_close(&a);
	return w.done ? INT64_MAX : w.wish.due_ms;
}

struct look {
	struct arena *arena;
	struct names all;
	struct wish_row *wishes;
};

static enum err look(struct txn *t, void *arg)
{
	struct look *l = arg;
	enum err e = wish_rows(t, WISH_ACCOUNT, l->arena, &l->all);

	l->wishes = arena_array(l->arena, struct wish_row, l->all.count);
	for (size_t i = 0; e == OK && i < l->all.count; i++)
		e = wish_row_get(t, WISH_ACCOUNT, l->all.items[i], &l->wishes[i]);
	return e;
}

void account_wishes_do(struct work *w, int64_t *next_ms)
{
	struct arena arena;
	struct look l = { .arena = &arena };

	arena_init(&arena, true);
	if (store_read(w->config->store, look, &l) != OK)
		l.all.count = 0;
	for (size_t i = 0; i < l.all.count && !work_stops(w); i++) {
		int64_t due_ms = l.wishes[i].due_ms;

		if (due_ms <= clock_real_ms())
			due_ms = try_now(w, l.all.items[i], &l.wishes[i], &arena);
		*next_ms = MIN(*next_ms, due_ms);
	}
	arena_deinit(&arena);
}
