/* operations/transfer/imports.c: waiting and running imports; see imports.h. */
#include "operations/transfer/imports_body.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "model/store/store.h"
#include "network/tls/trust.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { NICER = 5 };

/* --- threads ------------------------------------------------------------------------------- */

static struct job *job_next(struct imports *s)
{
	struct job *j = NULL;

	pthread_mutex_lock(&s->lock);
	while (!atomic_load(&s->halting) && list_empty(&s->waiting))
		pthread_cond_wait(&s->wake, &s->lock);
	if (!atomic_load(&s->halting)) {
		j = container_of(list_pop_front(&s->waiting), struct job, link);
		s->waiting_count--;
		list_push_back(&s->running, &j->link);
	}
	pthread_mutex_unlock(&s->lock);
	return j;
}

static void *imports_thread_run(void *arg)
{
	struct imports *s = arg;
	struct job *j;

	/* applies to this thread only, on Linux */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICER);
	while ((j = job_next(s)) != NULL) {
		job_run(j);
		pthread_mutex_lock(&s->lock);
		list_remove(&j->link);
		pthread_mutex_unlock(&s->lock);
		job_free(&j);
	}
	return NULL;
}

enum err imports_open(const struct imports_config *config, struct imports **out, struct why *why)
{
	struct imports *s = NEW(struct imports);
	enum err e = store_write(config->store, import_sweep, NULL, why);

	s->config = *config;
	pthread_mutex_init(&s->lock, NULL);
	cond_init(&s->wake);
	list_init(&s->waiting);
	list_init(&s->running);
	while (e == OK && s->thread_count < LIMIT_imports_parallel) {
		if (pthread_create(&s->threads[s->thread_count], NULL, imports_thread_run, s) == 0)
			s->thread_count++;
		else
			e = fail(why, ERR_IO, "cannot start a thread for imports");
	}
	*out = s;
	return e;
}

void imports_halt(struct imports *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->halting, true);
	pthread_cond_broadcast(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

static bool imports_join(pthread_t thread, int64_t left_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += (time_t)(MAX(left_ms, 0) / 1000) + 1;
	return pthread_timedjoin_np(thread, NULL, &until) == 0;
}

bool imports_close(struct imports **out, int64_t deadline_ms)
{
	struct imports *s = *out;

	if (s == NULL)
		return true;
	imports_halt(s);
	for (; s->thread_count != 0; s->thread_count--)
		if (!imports_join(s->threads[s->thread_count - 1], deadline_ms - clock_mono_ms()))
			return false;
	while (!list_empty(&s->waiting)) { /* set to interrupted at the next start */
		struct job *j = container_of(list_pop_front(&s->waiting), struct job, link);

		job_free(&j);
	}
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->wake);
	mem_clear(out);
	return true;
}

/* --- one import ---------------------------------------------------------------------------- */

void imports_begin(struct imports *s, uint32_t account, const struct import *i, struct str password)
{
	struct job *j = job_new(s, account, i, password);
	bool room;

	pthread_mutex_lock(&s->lock);
	room = s->waiting_count < LIMIT_imports_waiting;
	if (room) {
		list_push_back(&s->waiting, &j->link);
		s->waiting_count++;
		pthread_cond_broadcast(&s->wake);
	}
	pthread_mutex_unlock(&s->lock);
	if (room)
		return;
	job_end(j, IMPORT_FAILED, "too many imports wait already: try again later");
	job_free(&j);
}

/* With the lock. NULL: not in the list. */
static struct job *job_find(struct list *l, uint32_t account, uint32_t id)
{
	list_each(it, l)
	{
		struct job *j = container_of(it, struct job, link);

		if (j->account == account && j->state.id == id &&
		    import_is_active(j->state.state))
			return j;
	}
	return NULL;
}

enum err imports_cancel(struct imports *s, uint32_t account, uint32_t id)
{
	struct job *waits, *runs;

	pthread_mutex_lock(&s->lock);
	waits = job_find(&s->waiting, account, id);
	runs = job_find(&s->running, account, id);
	if (waits != NULL) {
		list_remove(&waits->link);
		s->waiting_count--;
	}
	if (runs != NULL) {
		atomic_store(&runs->cancelled, true);
		pthread_cond_broadcast(&s->wake);
	}
	pthread_mutex_unlock(&s->lock);
	if (waits != NULL) {
		job_end(waits, IMPORT_CANCELLED, "");
		job_free(&waits);
		return OK;
	}
	return runs != NULL ? OK : ERR_MISSING;
}

bool imports_find(struct imports *s, uint32_t account, uint32_t id, struct arena *a,
                  struct import *out)
{
	struct job *j;

	pthread_mutex_lock(&s->lock);
	j = job_find(&s->running, account, id);
	if (j == NULL)
		j = job_find(&s->waiting, account, id);
	if (j != NULL)
		*out = import_dup(a, &j->state);
	pthread_mutex_unlock(&s->lock);
	return j != NULL;
}

/* --- previews ------------------------------------------------------------------------------ */

struct look {
	struct imports *all;
	int64_t until_ms;
};

static bool look_go_on(void *arg)
{
	const struct look *l = arg;

	return clock_mono_ms() < l->until_ms && !atomic_load(&l->all->halting);
}

static bool look_enter(struct imports *s)
{
	bool room;

	pthread_mutex_lock(&s->lock);
	room = s->looking < LIMIT_import_looks;
	s->looking += room;
	pthread_mutex_unlock(&s->lock);
	return room;
}

enum err imports_look(struct imports *s, const struct import *i, struct str password,
                      struct arena *a, struct transfer_folder **folders, size_t *count,
                      struct why *why)
{
	struct look look = { s, clock_mono_ms() + LIMIT_import_look_ms };
	struct transfer_pull from;
	struct trust *trust = NULL;
	enum err e;

	if (!look_enter(s))
		return fail(why, ERR_RETRY, "others look at the moment: try again in a while");
	e = pull_of(s, i, password, &from, &trust, why);
	if (e == OK)
		e = transfer_look(&from, look_go_on, &look, a, folders, count, why);
	if (e != OK && clock_mono_ms() >= look.until_ms)
		e = fail(why, ERR_RETRY, "the server took too long");
	trust_free(trust);
	pthread_mutex_lock(&s->lock);
	s->looking--;
	pthread_mutex_unlock(&s->lock);
	return e;
}
