/* acme/work.c: see work.h. */
#include "acme/work.h"

#include "acme/plan.h"
#include "acme/schedule.h"
#include "base/clock.h"
#include "base/random.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "net/cert.h"
#include "observe/event.h"
#include "store/store.h"
#include "text/base64url.h"

enum {
	LEFT_OUT_MS = 86400 * 1000,
	LOOK_AGAIN_MS = 6 * 3600 * 1000, /* domains and their DNS change */
	TAKE_OVER_MS = 7 * 86400 * 1000, /* before a certificate that was brought ends */
	CHANCES = 1000,
};

/* One certificate at work. */
struct job {
	struct work *w;
	struct arena arena; /* secret */
	const struct wanted *wanted;
	struct cert_row row;
};

static bool own_files(const struct work *w)
{
	return w->settings->tls_cert.n != 0;
}

/* --- the store ---------------------------------------------------------------------------- */

static enum err row_put(struct txn *t, void *arg)
{
	return cert_row_put(t, arg);
}

static enum err row_drop(struct txn *t, void *arg)
{
	const struct cert_row *row = arg;

	return cert_row_del(t, row->id);
}

static enum err row_save(struct work *w, const struct cert_row *row, struct why *why)
{
	return store_write(w->config->store, row_put, (void *)(uintptr_t)row, why);
}

struct account_at {
	struct arena *arena;
	struct str directory;
	struct account_row row;
};

static enum err account_load(struct txn *t, void *arg)
{
	struct account_at *at = arg;

	return account_row_get(t, at->directory, at->arena, &at->row);
}

static enum err account_save(struct txn *t, void *arg)
{
	const struct account_at *at = arg;

	return account_row_put(t, at->directory, &at->row);
}

/* The account's row; a new one gets its key, which is kept before the CA hears of it. */
static enum err account_find(struct work *w, struct account_at *at, struct why *why)
{
	enum err e = store_read(w->config->store, account_load, at);
	struct key *k;

	if (e != ERR_MISSING)
		return e ? fail(why, e, "the account in the store cannot be read") : OK;
	k = key_new_p256();
	at->row = (struct account_row){ .key_pem = key_write_pem(k, at->arena) };
	key_free(k);
	return store_write(w->config->store, account_save, at, why);
}

/* --- the account at the CA ----------------------------------------------------------------- */

static enum err binding_parse(struct str eab, struct buf *key, struct str *id)
{
	ptrdiff_t colon = str_rfind_byte(eab, ':');

	if (colon <= 0 || !base64url_parse(str_sub(eab, (size_t)colon + 1, eab.n), key) ||
	    key->n == 0)
		return ERR_SYNTAX;
	*id = str_sub(eab, 0, (size_t)colon);
	return OK;
}

static enum err account_register(struct job *j, struct client *c, struct account_at *at,
                                 struct why *why)
{
	const struct settings *s = j->w->settings;
	struct client_contact contact = { .email = s->acme_email };
	struct buf key;
	enum err e = OK;

	buf_init(&key, 1024);
	if (s->acme_eab.n != 0)
		e = binding_parse(s->acme_eab, &key, &contact.eab_id);
	contact.eab_key = str_dup(&j->arena, buf_str(&key));
	buf_deinit(&key);
	if (e == OK)
		e = client_register(c, &contact, why);
	if (e)
		return e;
	at->row.url = c->account;
	at->row.email = contact.email;
	at->row.eab = contact.eab_id;
	return store_write(j->w->config->store, account_save, at, why);
}

static enum err account_ready(struct job *j, struct client *c, struct account_at *at,
                              struct why *why)
{
	enum err e;

	if (at->row.url.n == 0)
		return account_register(j, c, at, why);
	c->account = at->row.url;
	if (str_eq(at->row.email, j->w->settings->acme_email))
		return OK;
	e = client_contact_set(c, j->w->settings->acme_email, why);
	if (e == ERR_MISSING) /* the CA has forgotten us */
		return account_register(j, c, at, why);
	if (e)
		return e;
	at->row.email = j->w->settings->acme_email;
	return store_write(j->w->config->store, account_save, at, why);
}

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

	return row_save(j->w, row, why);
}

/* What the row holds must be what the names now are; *refused as order.refused. */
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
	enum err e = order_run(&o, why);

	*refused = o.refused;
	return e;
}

static enum err attempt(struct job *j, const struct names *names, struct str *refused,
                        int64_t *asked_ms, struct why *why)
{
	struct account_at at = { .arena = &j->arena, .directory = j->w->settings->acme_directory };
	struct client c = { 0 };
	struct key *key = NULL;
	enum err e = account_find(j->w, &at, why);

	*refused = STR_EMPTY;
	if (e == OK)
		e = key_read_pem(at.row.key_pem, &key, why);
	if (e == OK)
		e = client_open(&c, j->w->door, at.directory, key, &j->arena, why);
	if (e == OK)
		e = account_ready(j, &c, &at, why);
	if (e == OK)
		e = order_with(j, &c, names, refused, why);
	if (e == ERR_MISSING && str_eq(c.refusal, STR("accountDoesNotExist"))) {
		at.row.url = STR_EMPTY; /* registered anew the next time */
		if (store_write(j->w->config->store, account_save, &at, NULL) != OK)
			e = ERR_IO;
	}
	*asked_ms = c.retry_ms;
	key_free(key);
	return e;
}

/* --- what comes of it ---------------------------------------------------------------------- */

enum err work_show(struct certs *certs, const struct cert_row *row, struct why *why)
{
	if (row->chain_pem.n == 0)
		return OK;
	return certs_put(certs, row->id, CERT_AUTHORITY, row->chain_pem, row->key_pem, why);
}

static enum err leaf_of(struct job *j, struct x509 **out, struct why *why)
{
	size_t count;

	return x509_read_chain(j->row.chain_pem, &j->arena, out, &count, why);
}

static enum err succeeded(struct job *j, struct why *why)
{
	struct x509 *leaf;
	enum err e = leaf_of(j, &leaf, why);

	if (e)
		return e;
	j->row.failures = 0;
	j->row.problem = STR_EMPTY;
	j->row.due_ms =
		schedule_renewal_ms(leaf->not_before_ms, leaf->not_after_ms, random_below(CHANCES));
	if ((e = row_save(j->w, &j->row, why)) ||
	    (e = work_show(j->w->config->certs, &j->row, why)))
		return e;
	event(certificate_got, STR(""), ev_str(j->row.id), ev_str(leaf->issuer_cn),
	      ev_int((leaf->not_after_ms - clock_real_ms()) / 1000));
	return OK;
}

static void failed(struct job *j, struct str problem, int64_t asked_ms)
{
	int64_t now_ms = clock_real_ms();

	j->row.failures++;
	j->row.problem = str_dup(&j->arena, problem);
	j->row.due_ms = schedule_retry_ms(now_ms, j->row.failures, asked_ms, random_below(CHANCES));
	event(certificate_not_got, STR(""), ev_str(j->row.id), ev_str(problem),
	      ev_int((j->row.due_ms - now_ms) / 1000));
	if (row_save(j->w, &j->row, NULL) != OK)
		(void)0; /* the store tells itself what is wrong with it; tried again in time */
}

/* --- names that cannot be proved ------------------------------------------------------------ */

static bool is_left_out(const struct cert_row *row, struct str name)
{
	for (size_t i = 0; i < row->left_out_count; i++)
		if (str_eq(row->left_out[i].name, name) &&
		    row->left_out[i].until_ms > clock_real_ms())
			return true;
	return false;
}

static struct names names_now(struct job *j)
{
	const struct names *all = &j->wanted->names;
	struct names some = { .items = arena_array(&j->arena, struct str, all->count) };

	for (size_t i = 0; i < all->count; i++)
		if (i == 0 || !is_left_out(&j->row, all->items[i]))
			some.items[some.count++] = all->items[i];
	return some;
}

/* One bad name must not keep the others from their certificate: it is left out for a day, and
 * told. The first, which the certificate is there for, never is. */
static bool leave_out(struct job *j, struct str name, const char *problem)
{
	struct left_out *list;
	size_t n = 0;

	if (!names_has(&j->wanted->names, name) || str_eq(j->wanted->names.items[0], name))
		return false;
	list = arena_array(&j->arena, struct left_out, j->row.left_out_count + 1);
	for (size_t i = 0; i < j->row.left_out_count; i++)
		if (!str_eq(j->row.left_out[i].name, name) &&
		    names_has(&j->wanted->names, j->row.left_out[i].name))
			list[n++] = j->row.left_out[i];
	if (n == RECORD_NAMES_MAX)
		return false;
	list[n++] = (struct left_out){ name, str_dup(&j->arena, str_of(problem)),
		                       clock_real_ms() + LEFT_OUT_MS };
	j->row.left_out = list;
	j->row.left_out_count = n;
	event(certificate_name_left_out, STR(""), ev_str(j->row.id), ev_str(name), ev_z(problem));
	return true;
}

/* --- one certificate ------------------------------------------------------------------------ */

static bool is_due(const struct job *j, const struct names *names)
{
	if (j->row.due_ms <= clock_real_ms() || (j->w->woken && j->row.failures > 0))
		return true;
	return j->row.failures == 0 && !names_within(names, &j->row.held);
}

static bool stopping(const struct work *w)
{
	return !w->door->wait(w->door->arg, 0);
}

static void job_run(struct job *j)
{
	struct names names = names_now(j);

	while (is_due(j, &names) && !stopping(j->w)) {
		struct why why = { "" };
		struct str refused;
		int64_t asked_ms = 0;
		enum err e;

		j->row.names = names;
		e = attempt(j, &names, &refused, &asked_ms, &why);
		if (e == OK)
			e = succeeded(j, &why);
		if (e == OK || stopping(j->w))
			return;
		if (refused.n == 0 || !leave_out(j, refused, why.text)) {
			failed(j, str_of(why.text), asked_ms);
			return;
		}
		names = names_now(j);
	}
}

static enum err row_load(struct txn *t, void *arg)
{
	struct job *j = arg;

	return cert_row_get(t, j->wanted->id, &j->arena, &j->row);
}

/* Returns when it is due next. */
static int64_t job_do(struct work *w, const struct wanted *wanted)
{
	struct job j = { .w = w, .wanted = wanted };
	int64_t due_ms;
	enum err e;

	arena_init(&j.arena, true);
	e = store_read(w->config->store, row_load, &j);
	if (e == ERR_MISSING || e == ERR_CORRUPT) { /* a damaged one is got anew */
		j.row = (struct cert_row){ .id = wanted->id };
		e = OK;
	}
	j.row.rsa = wanted->rsa;
	if (e == OK)
		job_run(&j);
	due_ms = j.row.due_ms;
	arena_deinit(&j.arena);
	return due_ms;
}

/* --- all of them ----------------------------------------------------------------------------- */

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

static bool is_wanted(const struct acme_plan *plan, struct str id)
{
	for (size_t i = 0; i < plan->count; i++)
		if (str_eq(plan->items[i].id, id))
			return true;
	return false;
}

/* A certificate that nobody wants any more is shown until its renewal would be due. */
static void unwanted_drop(struct work *w, const struct rows *rows, const struct acme_plan *plan)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct cert_row *row = &rows->items[i];

		if (is_wanted(plan, row->id) || row->due_ms > clock_real_ms())
			continue;
		certs_remove(w->config->certs, row->id);
		if (store_write(w->config->store, row_drop, row, NULL) != OK)
			return; /* again in the next round */
	}
}

static bool is_brought(void *arg, struct str name)
{
	const struct work *w = arg;

	return certs_brought(w->config->certs, name, clock_real_ms() + TAKE_OVER_MS);
}

static enum err plan_now(struct work *w, const struct rows *rows, struct arena *a,
                         struct acme_plan *plan)
{
	struct names domains = { 0 }, held = held_by(rows, a);
	struct acme_plan_input in = { .dns = w->config->dns,
		                      .hostname = own_files(w) ? STR_EMPTY : w->settings->hostname,
		                      .lead_to = w->settings->hostname,
		                      .domains = &domains,
		                      .further = w->settings->acme_names,
		                      .cared_for = is_brought,
		                      .arg = w,
		                      .held = &held,
		                      .rsa = w->settings->acme_rsa,
		                      .door = w->door };
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

	*next_ms = clock_real_ms() + LOOK_AGAIN_MS;
	arena_init(&a, true);
	e = store_read(w->config->store, rows_load, &rows);
	if (e == OK || e == ERR_CORRUPT)
		e = plan_now(w, &rows, &a, &plan);
	for (size_t i = 0; e == OK && i < plan.count && !stopping(w); i++)
		*next_ms = MIN(*next_ms, job_do(w, &plan.items[i]));
	if (e == OK)
		unwanted_drop(w, &rows, &plan);
	arena_deinit(&a);
}
