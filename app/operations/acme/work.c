/* operations/acme/work.c: see work.h. */
#include "operations/acme/work.h"

#include "foundation/base/clock.h"
#include "model/store/store.h"
#include "network/tls/cert.h"
#include "operations/acme/account.h"
#include "operations/acme/acme_private.h"

enum {
	LOOK_AGAIN_MS = 6 * 3600 * 1000, /* interval of checks of domains and their DNS */
	TAKE_OVER_MS = 7 * 86400 * 1000, /* before the end of an uploaded certificate */
};

/* --- shared functions ----------------------------------------------------------------------- */

static enum err work_row_put(struct txn *t, void *arg)
{
	return cert_row_put(t, arg);
}

static enum err row_drop(struct txn *t, void *arg)
{
	const struct cert_row *row = arg;

	return cert_row_del(t, row->id);
}

enum err work_save(struct work *w, const struct cert_row *row, struct why *why)
{
	return store_write(w->config->store, work_row_put, (void *)(uintptr_t)row, why);
}

bool work_stops(const struct work *w)
{
	return !w->io->wait(w->io->arg, 0);
}

enum err work_show(struct certs *certs, const struct cert_row *row, struct why *why)
{
	if (row->chain_pem.n == 0)
		return OK;
	return certs_put(certs, row->id, CERT_AUTHORITY, row->chain_pem, row->key_pem, why);
}

/* --- all certificates ------------------------------------------------------------------------ */

struct rows {
	struct arena *arena;
	struct cert_row *items;
	size_t count;
};

static enum err rows_load(struct txn *t, void *arg)
{
	struct rows *r = arg;

	return cert_rows(t, r->arena, &r->items, &r->count);
}

static struct names held_by(const struct rows *rows, struct arena *a)
{
	struct names all = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < rows->count; i++)
		n += rows->items[i].held.count;
	all.items = arena_array(a, struct str, n);
	for (size_t i = 0; i < rows->count; i++)
		for (size_t k = 0; k < rows->items[i].held.count; k++)
			all.items[all.count++] = rows->items[i].held.items[k];
	return all;
}

static bool work_is_wanted(const struct acme_plan *plan, struct str id)
{
	for (size_t i = 0; i < plan->count; i++)
		if (str_eq(plan->items[i].id, id))
			return true;
	return false;
}

/* An unwanted certificate stays in use until its renewal is due. */
static void unwanted_drop(struct work *w, const struct rows *rows, const struct acme_plan *plan)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct cert_row *row = &rows->items[i];

		if (work_is_wanted(plan, row->id) || row->due_ms > clock_real_ms())
			continue;
		certs_remove(w->config->certs, row->id);
		if (store_write(w->config->store, row_drop, row, NULL) != OK)
			return; /* retried in the next round */
	}
}

static bool is_uploaded(void *arg, struct str name)
{
	const struct work *w = arg;

	return certs_uploaded(w->config->certs, name, clock_real_ms() + TAKE_OVER_MS);
}

static enum err plan_now(struct work *w, const struct rows *rows, struct arena *a,
                         struct acme_plan *plan)
{
	struct names domains = { 0 }, held = held_by(rows, a);
	struct acme_plan_input in = { .dns = w->config->dns,
		                      .hostname = w->settings->tls_cert.n != 0
		                                          ? STR_EMPTY
		                                          : w->settings->hostname,
		                      .lead_to = w->settings->hostname,
		                      .domains = &domains,
		                      .further = w->settings->acme_names,
		                      .cared_for = is_uploaded,
		                      .arg = w,
		                      .held = &held,
		                      .rsa = w->settings->acme_rsa,
		                      .io = w->io };
	enum err e =
		w->config->domains != NULL ? w->config->domains(w->config->arg, a, &domains) : OK;

	if (e == OK)
		acme_plan_make(&in, a, plan);
	return e;
}

void work_round(struct work *w, int64_t *next_ms)
{
	struct arena a;
	struct rows rows = { .arena = &a };
	struct acme_plan plan = { 0 };
	enum err e;

	*next_ms = MIN(*next_ms, clock_real_ms() + LOOK_AGAIN_MS);
	arena_init(&a, true);
	e = store_read(w->config->store, rows_load, &rows);
	if (e == OK || e == ERR_CORRUPT)
		e = plan_now(w, &rows, &a, &plan);
	for (size_t i = 0; e == OK && i < plan.count && !work_stops(w); i++)
		*next_ms = MIN(*next_ms, job_do(w, &plan.items[i]));
	if (e == OK)
		unwanted_drop(w, &rows, &plan);
	arena_deinit(&a);
}

void work_requests(struct work *w, int64_t *next_ms)
{
	revocations_do(w, next_ms);
	account_requests_do(w, next_ms);
}
