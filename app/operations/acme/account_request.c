/* operations/acme/account_request.c: executes requests for an account: key rollover or
 * deactivation; see account.h. A request stays in the store until it is done or the CA
 * has refused it. */
#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/crypto/key.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"
#include "operations/acme/account.h"
#include "operations/acme/acme_private.h"
#include "operations/acme/work.h"

/* --- key rollover --------------------------------------------------------------------------- */

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

/* Does the CA already have the new key? After a kill or a lost response this is
 * unknown. */
static bool account_request_is_taken(const struct account *a, const struct key *k)
{
	struct client c = a->client;

	c.key = k;
	return client_account_find(&c, NULL) == OK && str_eq(c.account, a->row.url);
}

static enum err rollover(struct account *a, struct why *why)
{
	struct key *to = NULL;
	enum err e = next_key(a, &to, why);

	if (e == OK && (e = client_key_change(&a->client, to, why)) &&
	    account_request_is_taken(a, to))
		e = OK;
	if (e == OK)
		a->row.key_pem = a->row.next_key_pem;
	if (e == OK || !client_may_pass(e))
		a->row.next_key_pem = STR_EMPTY;
	key_free(to);
	return e;
}

/* --- deactivation --------------------------------------------------------------------------- */

static enum err deactivate(struct account *a, struct why *why)
{
	enum err e = client_deactivate(&a->client, why);

	/* RFC 8555 7.3.6: "unauthorized" is the response to a deactivated account. */
	if (e == ERR_MISSING || str_eq(a->client.refusal, STR("unauthorized")))
		e = OK;
	return e;
}

/* --- results -------------------------------------------------------------------------------- */

struct requested {
	struct account *account;
	struct request_row request;
	bool done;  /* the request is done        */
	bool ended; /* the account is removed too */
};

static enum err account_request_save(struct txn *t, void *arg)
{
	const struct requested *w = arg;
	struct str directory = w->account->directory;
	enum err e = w->done ? request_row_del(t, REQUEST_ACCOUNT, directory)
	                     : request_row_put(t, REQUEST_ACCOUNT, directory, &w->request);

	if (e != OK && e != ERR_MISSING)
		return e;
	return w->ended ? account_row_del(t, directory)
	                : account_row_put(t, directory, &w->account->row);
}

static void account_request_report(const struct requested *w, enum err e)
{
	const char *word = w->request.what == REQUEST_END ? "deactivate" : "rollover";
	int64_t wait_ms = w->done ? 0 : w->request.due_ms - clock_real_ms();
	const struct account *a = w->account;

	if (e == OK)
		event(acme_account_changed, STR(""), ev_str(a->directory), ev_z(word));
	else
		event(acme_account_failed, STR(""), ev_str(a->directory), ev_z(word),
		      ev_str(a->row.problem), ev_int(wait_ms / 1000));
}

static void account_request_settle(struct requested *w, enum err e, const char *problem)
{
	struct account *a = w->account;

	w->done = !client_may_pass(e);
	w->ended = e == OK && w->request.what == REQUEST_END;
	w->request.due_ms = schedule_retry_ms(clock_real_ms(), 1, a->client.retry_ms,
	                                   random_below(SCHEDULE_CHANCES));
	a->row.problem = e ? str_dup(a->arena, str_of(problem)) : STR_EMPTY;
	if (store_write(a->work->config->store, account_request_save, w, NULL) == OK)
		account_request_report(w, e);
}

/* --- all ------------------------------------------------------------------------------------ */

/* Returns its next due time; INT64_MAX: none. */
static int64_t try_now(struct work *work, struct str directory, const struct request_row *request,
                       struct arena *arena)
{
	struct account a;
	struct requested w = { .account = &a, .request = *request };
	struct why why = { "" };
	enum err e = account_open(&a, work, directory, false, arena, &why);

	if (e)
		e = ERR_RETRY; /* no request was sent */
	else
		e = request->what == REQUEST_END ? deactivate(&a, &why) : rollover(&a, &why);
	account_request_settle(&w, e, why.text);
	account_close(&a);
	return w.done ? INT64_MAX : w.request.due_ms;
}

struct look {
	struct arena *arena;
	struct names all;
	struct request_row *requests;
};

static enum err account_request_lookup(struct txn *t, void *arg)
{
	struct look *l = arg;
	enum err e = request_rows(t, REQUEST_ACCOUNT, l->arena, &l->all);

	l->requests = arena_array(l->arena, struct request_row, l->all.count);
	for (size_t i = 0; e == OK && i < l->all.count; i++)
		e = request_row_get(t, REQUEST_ACCOUNT, l->all.items[i], &l->requests[i]);
	return e;
}

void account_requests_do(struct work *w, int64_t *next_ms)
{
	struct arena arena;
	struct look l = { .arena = &arena };

	arena_init(&arena, true);
	if (store_read(w->config->store, account_request_lookup, &l) != OK)
		l.all.count = 0;
	for (size_t i = 0; i < l.all.count && !work_stops(w); i++) {
		int64_t due_ms = l.requests[i].due_ms;

		if (due_ms <= clock_real_ms())
			due_ms = try_now(w, l.all.items[i], &l.requests[i], &arena);
		*next_ms = MIN(*next_ms, due_ms);
	}
	arena_deinit(&arena);
}
