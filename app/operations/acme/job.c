/* operations/acme/job.c: see acme_private.h. */

#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/crypto/x509.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"
#include "operations/acme/account.h"
#include "operations/acme/acme_private.h"
#include "operations/acme/order.h"
#include "operations/acme/work.h"

/* --- an order ------------------------------------------------------------------------------ */

static enum err on_prove(void *arg, const struct proof *p, struct why *why)
{
	const struct job *j = arg;

	return challenge_prove(j->w->challenges, j->w->dns_change, p, why);
}

static void on_unprove(void *arg, const struct proof *p)
{
	const struct job *j = arg;

	challenge_unprove(j->w->challenges, j->w->dns_change, p);
}

static enum err on_save(void *arg, const struct cert_row *row, struct why *why)
{
	const struct job *j = arg;

	return work_save(j->w, row, why);
}

/* Run the order. The row's order must be for names; *refused as order.refused. */
static enum err order_with(struct job *j, struct client *c, const struct names *names,
                           struct str *refused, struct why *why)
{
	const struct order_host host = { on_prove, on_unprove, on_save, j };
	struct order o = { .client = c,
		           .host = &host,
		           .arena = &j->arena,
		           .directory = j->w->settings->acme_directory,
		           .challenge = challenge_choose(j->w->settings),
		           .names = *names,
		           .reuse_key = j->w->settings->acme_reuse_key,
		           .row = &j->row };
	enum err e;

	next_key_choose(j, &o);
	e = order_run(&o, why);
	*refused = o.refused;
	return e;
}

static enum err attempt(struct job *j, const struct names *names, struct str *refused,
                        int64_t *asked_ms, struct why *why)
{
	struct account at;
	enum err e = account_open(&at, j->w, j->w->settings->acme_directory, true, &j->arena, why);

	*refused = STR_EMPTY;
	if (e == OK)
		e = order_with(j, &at.client, names, refused, why);
	if (e == ERR_MISSING && str_eq(at.client.refusal, STR("accountDoesNotExist")) &&
	    account_forget(&at) != OK)
		e = ERR_IO;
	*asked_ms = at.client.retry_ms;
	account_close(&at);
	return e;
}

/* --- results ------------------------------------------------------------------------------- */

static enum err succeeded(struct job *j, struct why *why)
{
	struct x509 *leaf;
	size_t count;
	enum err e = x509_read_chain(j->row.chain_pem, &j->arena, &leaf, &count, why);

	if (e)
		return e;
	j->row.failures = 0;
	j->row.problem = STR_EMPTY;
	j->row.from = j->w->settings->acme_directory;
	j->row.info_due_ms = 0;
	j->row.due_ms = schedule_renewal_ms(leaf->not_before_ms, leaf->not_after_ms,
	                                    random_below(SCHEDULE_CHANCES));
	if ((e = work_save(j->w, &j->row, why)) ||
	    (e = work_show(j->w->config->certs, &j->row, why)))
		return e;
	event(certificate_obtained, STR(""), ev_str(j->row.id), ev_str(leaf->issuer_cn),
	      ev_int((leaf->not_after_ms - clock_real_ms()) / 1000));
	return OK;
}

static void job_failed(struct job *j, struct str problem, int64_t asked_ms)
{
	int64_t now_ms = clock_real_ms();

	j->row.failures++;
	j->row.problem = str_dup(&j->arena, problem);
	j->row.due_ms = schedule_retry_ms(now_ms, j->row.failures, asked_ms,
	                                  random_below(SCHEDULE_CHANCES));
	event(certificate_order_failed, STR(""), ev_str(j->row.id), ev_str(problem),
	      ev_int((j->row.due_ms - now_ms) / 1000));
	if (work_save(j->w, &j->row, NULL) != OK)
		(void)0; /* the store logs its own errors; retried at the next time */
}

/* --- schedule ------------------------------------------------------------------------------ */

/* Is the certificate of another authority than the current one? */
static bool is_foreign(const struct job *j)
{
	return j->row.from.n != 0 && !str_eq(j->row.from, j->w->settings->acme_directory);
}

static bool is_due(const struct job *j, const struct names *names)
{
	if (j->requested || j->row.due_ms <= clock_real_ms() ||
	    (j->w->woken && j->row.failures > 0))
		return true;
	return j->row.failures == 0 && (!names_within(names, &j->row.held) || is_foreign(j));
}

/* Remove the request that was done, but not a newer one. */
static enum err request_drop(struct txn *t, void *arg)
{
	const struct job *j = arg;
	struct request_row now;
	enum err e = request_row_get(t, REQUEST_RENEW, j->wanted->id, &now);

	if (e == OK && now.what == j->request)
		e = request_row_del(t, REQUEST_RENEW, j->wanted->id);
	return e == ERR_MISSING ? OK : e;
}

static void job_order_run(struct job *j)
{
	struct names names = job_names(j);

	while (is_due(j, &names) && !work_stops(j->w)) {
		struct why why = { "" };
		struct str refused;
		int64_t asked_ms = 0;
		enum err e;

		j->row.names = names;
		e = attempt(j, &names, &refused, &asked_ms, &why);
		if (e == OK)
			e = succeeded(j, &why);
		if (e == OK || work_stops(j->w))
			return;
		if (refused.n == 0 || !job_leave_out(j, refused, why.text)) {
			job_failed(j, str_of(why.text), asked_ms);
			return;
		}
		names = job_names(j);
	}
}

static enum err job_load(struct txn *t, void *arg)
{
	struct request_row now = { 0 };
	struct job *j = arg;

	j->requested = request_row_get(t, REQUEST_RENEW, j->wanted->id, &now) == OK;
	j->request = now.what;
	return cert_row_get(t, j->wanted->id, &j->arena, &j->row);
}

int64_t job_do(struct work *w, const struct wanted *wanted)
{
	struct job j = { .w = w, .wanted = wanted };
	int64_t due_ms;
	enum err e;

	arena_init(&j.arena, true);
	e = store_read(w->config->store, job_load, &j);
	if (e == ERR_MISSING || e == ERR_CORRUPT) { /* a damaged one is ordered again */
		j.row = (struct cert_row){ .id = wanted->id };
		e = OK;
	}
	j.row.rsa = wanted->rsa;
	if (e == OK && !is_foreign(&j))
		info_ask(&j);
	if (e == OK) {
		next_key_ensure(&j);
		job_order_run(&j);
		next_key_ensure(&j);
	}
	if (j.requested && !work_stops(w) &&
	    store_write(w->config->store, request_drop, &j, NULL) != OK)
		(void)0; /* it is ordered again */
	due_ms = j.row.info_due_ms != 0 ? MIN(j.row.due_ms, j.row.info_due_ms) : j.row.due_ms;
	arena_deinit(&j.arena);
	return due_ms;
}
