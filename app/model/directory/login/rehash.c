/* model/directory/login/rehash.c: see rehash.h. */
#include "model/directory/login/rehash.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/crypto/password.h"
#include "model/directory/login/credential.h"
#include "model/directory/login/salt.h"
#include "model/directory/row.h"
#include "model/store/store.h"

#include <pthread.h>

struct rehash {
	struct store *store;
	pthread_mutex_t lock;
	pthread_t thread;
	bool started; /* lock: thread is to be joined     */
	bool busy;    /* lock: the thread is running */
};

/* The input of the thread, which frees it. */
struct job {
	struct rehash *r;
	struct rehash_of of;
	struct arena secret; /* holds the strings */
	struct str text, scram;
};

struct rehash *rehash_new(struct store *s)
{
	struct rehash *r = NEW(struct rehash);

	r->store = s;
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

void rehash_free(struct rehash **r)
{
	if (*r == NULL)
		return;
	if ((*r)->started)
		pthread_join((*r)->thread, NULL);
	pthread_mutex_destroy(&(*r)->lock);
	mem_clear(r);
}

static struct job *job_new(struct rehash *r, const struct rehash_of *of)
{
	struct job *job = NEW(struct job);

	job->r = r;
	job->of = *of;
	arena_init(&job->secret, true);
	job->of.stored = str_dup(&job->secret, of->stored);
	job->of.password = str_dup(&job->secret, of->password);
	job->of.address = str_dup(&job->secret, of->address);
	job->text = job->of.stored;
	return job;
}

static void job_free(struct job *job)
{
	arena_deinit(&job->secret);
	mem_free(job);
}

/* Since the check, the password may have been changed or the account removed. */
static enum err replace(struct txn *t, void *arg)
{
	const struct job *job = arg;
	const struct rehash_of *of = &job->of;
	struct credential_row row;
	struct cram_keys cram;
	enum err e = row_credential_get(t, of->account, of->number, txn_arena(t), &row);

	if (e == ERR_MISSING || (e == OK && !str_eq(row.text, of->stored)))
		return OK;
	row.text = job->text;
	row.scram = credential_cram(row.scram, &cram)
	                    ? credential_cram_add(job->scram, &cram, txn_arena(t))
	                    : job->scram;
	mem_wipe(&cram, sizeof cram);
	if (e == OK)
		e = row_credential_put(t, &row);
	return e != OK ? e : salts_settle(t, of->account);
}

static void *rehash_thread_run(void *arg)
{
	struct job *job = arg;
	struct rehash *r = job->r;
	enum credential_kind kind =
		job->of.number == CREDENTIAL_PASSWORD ? CREDENTIAL_OWN : CREDENTIAL_APP;
	struct salts salts;
	enum err e;

	e = salts_get(r->store, job->of.address, &salts, NULL);
	if (e == OK)
		job->scram = credential_scram(&salts, kind, job->of.password, job->of.address,
		                              &job->secret);
	if (e == OK && job->of.stale)
		e = password_hash(job->of.password, password_usual(), &job->secret, &job->text,
		                  NULL);
	if (e == OK)
		(void)!store_write(r->store, replace, job, NULL);
	mem_wipe(&salts, sizeof salts);
	job_free(job);
	pthread_mutex_lock(&r->lock);
	r->busy = false;
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

void rehash_start(struct rehash *r, const struct rehash_of *of)
{
	struct job *job;

	pthread_mutex_lock(&r->lock);
	if (!r->busy) {
		if (r->started)
			pthread_join(r->thread, NULL);
		job = job_new(r, of);
		r->started = r->busy =
			pthread_create(&r->thread, NULL, rehash_thread_run, job) == 0;
		if (!r->started)
			job_free(job);
	}
	pthread_mutex_unlock(&r->lock);
}
