/* operations/acme/revoke.c: revokes certificates (RFC 8555 7.6); see acme_private.h. */
#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/crypto/x509.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"
#include "network/tls/cert.h"
#include "operations/acme/account.h"
#include "operations/acme/acme_private.h"
#include "operations/acme/work.h"

struct revoked {
	struct work *work;
	struct arena arena; /* secret */
	struct str id;
	struct request_row request;
	struct cert_row row;
	bool done; /* the request is done            */
	bool gone; /* the certificate is removed too */
};

static enum err revoke_query(struct revoked *r, int64_t *asked_ms, struct why *why)
{
	struct str from = r->row.from.n != 0 ? r->row.from : r->work->settings->acme_directory;
	struct account at;
	struct x509 *leaf;
	size_t count;
	enum err e = account_open(&at, r->work, from, false, &r->arena, why);

	if (e == OK)
		e = x509_read_chain(r->row.chain_pem, &r->arena, &leaf, &count, why);
	if (e == OK)
		e = client_revoke(&at.client, leaf->der, (unsigned)r->request.what, why);
	*asked_ms = at.client.retry_ms;
	account_close(&at);
	return e;
}

static enum err revoke_save(struct txn *t, void *arg)
{
	const struct revoked *r = arg;
	enum err e = r->done ? request_row_del(t, REQUEST_REVOKE, r->id)
	                     : request_row_put(t, REQUEST_REVOKE, r->id, &r->request);

	if (e != OK && e != ERR_MISSING)
		return e;
	return r->gone ? cert_row_del(t, r->id) : cert_row_put(t, &r->row);
}

static void revoke_settle(struct revoked *r, enum err e, int64_t asked_ms, const char *problem)
{
	int64_t now_ms = clock_real_ms();

	r->gone = e == OK;
	r->done = !client_may_pass(e);
	r->request.due_ms = schedule_retry_ms(now_ms, 1, asked_ms, random_below(SCHEDULE_CHANCES));
	r->row.problem = str_of(problem);
	if (store_write(r->work->config->store, revoke_save, r, NULL) != OK)
		return; /* repeated later; the CA then reports that it is revoked already */
	if (!r->gone) {
		event(certificate_revocation_failed, STR(""), ev_str(r->id), ev_z(problem),
		      ev_int(r->done ? 0 : (r->request.due_ms - now_ms) / 1000));
		return;
	}
	/* Its key is removed too: it may be compromised, so the next one is new. */
	certs_remove(r->work->config->certs, r->id);
	event(certificate_revoked, STR(""), ev_str(r->id), ev_int((int64_t)r->request.what));
}

static enum err revoke_load(struct txn *t, void *arg)
{
	struct revoked *r = arg;
	enum err e = request_row_get(t, REQUEST_REVOKE, r->id, &r->request);

	return e ? e : cert_row_get(t, r->id, &r->arena, &r->row);
}

/* Returns its next due time; INT64_MAX: none. */
static int64_t one(struct work *w, struct str id)
{
	struct revoked r = { .work = w, .id = id };
	int64_t asked_ms = 0, due_ms = INT64_MAX;
	struct why why = { "" };
	enum err e;

	arena_init(&r.arena, true);
	if (store_read(w->config->store, revoke_load, &r) == OK) {
		if (r.request.due_ms <= clock_real_ms()) {
			e = revoke_query(&r, &asked_ms, &why);
			revoke_settle(&r, e, asked_ms, why.text);
		}
		if (!r.done)
			due_ms = r.request.due_ms;
	}
	arena_deinit(&r.arena);
	return due_ms;
}

struct look {
	struct arena *arena;
	struct names all;
};

static enum err revoke_lookup(struct txn *t, void *arg)
{
	struct look *l = arg;

	return request_rows(t, REQUEST_REVOKE, l->arena, &l->all);
}

void revocations_do(struct work *w, int64_t *next_ms)
{
	struct arena arena = { 0 };
	struct look l = { .arena = &arena };

	if (store_read(w->config->store, revoke_lookup, &l) != OK)
		l.all.count = 0;
	for (size_t i = 0; i < l.all.count && !work_stops(w); i++)
		*next_ms = MIN(*next_ms, one(w, l.all.items[i]));
	arena_deinit(&arena);
}
