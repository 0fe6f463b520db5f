/* operations/transfer/imports_run.c: runs one import and records its progress; see
 * imports_body.h. */
#include "operations/transfer/imports_body.h"

#include "foundation/base/clock.h"
#include "foundation/base/cond.h"
#include "foundation/base/mem.h"
#include "foundation/observe/event.h"
#include "model/store/store.h"
#include "network/tls/trust.h"

enum { SAVE_MS = 10000, FIRST_WAIT_MS = 5000, TEXT_MAX = 250 };

struct job *job_new(struct imports *all, uint32_t account, const struct import *i,
                    struct str password)
{
	struct job *j = NEW(struct job);

	arena_init(&j->arena, true);
	j->all = all;
	j->account = account;
	j->state = import_dup(&j->arena, i);
	j->password = str_dup(&j->arena, password);
	j->folders = mem_new(LIMIT_import_folders * sizeof *j->folders);
	j->left = mem_new(LIMIT_import_left * sizeof *j->left);
	j->state.folders = j->folders;
	j->state.left = j->left;
	j->state.folder_count = j->state.left_count = 0;
	return j;
}

void job_free(struct job **j)
{
	arena_deinit(&(*j)->arena);
	arena_deinit(&(*j)->texts);
	mem_free((*j)->folders);
	mem_free((*j)->left);
	mem_clear(j);
}

enum err pull_of(const struct imports *all, const struct import *i, struct str password,
                 struct transfer_pull *out, struct trust **trust, struct why *why)
{
	*trust = NULL;
	*out = (struct transfer_pull){ .host = i->host,
		                       .port = i->port,
		                       .tls_first = i->tls_first,
		                       .public_only = i->public_only,
		                       .user = i->user,
		                       .password = password,
		                       .trust = &trust_builtin,
		                       .dns = all->config.dns,
		                       .rules = i->rules,
		                       .rule_count = i->rule_count,
		                       .message_max = LIMIT_import_message };
	if (i->roots.n != 0) {
		enum err e = trust_new(i->roots, trust, why);

		if (e)
			return e;
		out->trust = *trust;
	}
	return OK;
}

/* --- the store ----------------------------------------------------------------------------- */

struct saving {
	uint32_t account;
	const struct import *state;
};

static enum err save_put(struct txn *t, void *arg)
{
	const struct saving *s = arg;

	return import_put(t, s->account, s->state);
}

/* Saves a copy, so that readers of the state do not wait for the disk. ended: the final
 * state. */
static void job_save(struct job *j, const struct import *ended)
{
	struct arena a = { 0 };
	struct import copy;
	struct saving s = { j->account, &copy };

	pthread_mutex_lock(&j->all->lock);
	copy = import_dup(&a, &j->state);
	pthread_mutex_unlock(&j->all->lock);
	if (ended != NULL) {
		copy.state = ended->state;
		copy.problem = ended->problem;
		copy.ended_ms = ended->ended_ms;
	}
	if (store_write(j->all->config.store, save_put, &s, NULL) == ERR_MISSING)
		atomic_store(&j->cancelled, true); /* its account was removed */
	arena_deinit(&a);
	j->saved_ms = clock_mono_ms();
}

void job_end(struct job *j, enum import_state state, const char *problem)
{
	const struct import ended = { .state = state,
		                      .problem = str_of(problem),
		                      .ended_ms = clock_real_ms() };
	struct import_sums sums = import_sums(&j->state);

	/* First in the store: the user may start it again once it has ended. */
	job_save(j, &ended);
	event(import_finished, STR(""), ev_int(j->account), ev_str(j->state.host),
	      ev_z(import_state_name(state)), ev_int((int64_t)j->state.imported),
	      ev_int((int64_t)sums.skipped), ev_z(problem));
	pthread_mutex_lock(&j->all->lock);
	j->state.state = state;
	pthread_mutex_unlock(&j->all->lock);
}

/* --- callbacks of the pull ----------------------------------------------------------------- */

static struct str job_text(struct job *j, struct str s)
{
	return str_dup(&j->texts, str_sub(s, 0, TEXT_MAX));
}

static bool job_continues(void *arg)
{
	const struct job *j = arg;

	return !atomic_load(&j->all->halting) && !atomic_load(&j->cancelled);
}

static void on_folders(void *arg, const struct transfer_folder *folders, size_t count)
{
	struct job *j = arg;

	pthread_mutex_lock(&j->all->lock);
	arena_reset(&j->texts);
	j->state.left_count = 0;
	j->state.folder_count = MIN(count, LIMIT_import_folders);
	for (size_t i = 0; i < j->state.folder_count; i++)
		j->folders[i] = (struct import_folder){ .from = job_text(j, folders[i].from),
			                                .to = job_text(j, folders[i].to),
			                                .messages = folders[i].messages };
	j->state.problem = STR_EMPTY;
	pthread_mutex_unlock(&j->all->lock);
	j->connected = true;
}

/* With the lock. NULL: beyond the listed folders. */
static struct import_folder *current(struct job *j)
{
	return j->current < j->state.folder_count ? &j->folders[j->current] : NULL;
}

static void on_begin(void *arg, size_t folder, uint64_t earlier, uint64_t total)
{
	struct job *j = arg;

	pthread_mutex_lock(&j->all->lock);
	j->current = folder;
	if (current(j) != NULL) {
		current(j)->messages = earlier + total;
		current(j)->done = earlier;
	}
	pthread_mutex_unlock(&j->all->lock);
}

/* With the lock. */
static void job_count(struct job *j, const struct transfer_counts *counts)
{
	struct import_folder *f = current(j);

	if (f == NULL)
		return;
	if (counts->imported != f->counts.imported)
		j->tries = 0;
	j->state.imported += counts->imported - f->counts.imported;
	j->state.bytes += counts->bytes - f->counts.bytes;
	f->counts = *counts;
}

static void on_step(void *arg, struct str mailbox, uint64_t done, uint64_t total,
                    const struct transfer_counts *counts)
{
	struct job *j = arg;
	struct import_folder *f;

	(void)mailbox;
	pthread_mutex_lock(&j->all->lock);
	job_count(j, counts);
	f = current(j);
	if (f != NULL)
		f->done = f->messages - MIN(f->messages, total - done);
	pthread_mutex_unlock(&j->all->lock);
}

static void on_mailbox(void *arg, struct str mailbox, const struct transfer_counts *counts)
{
	struct job *j = arg;

	(void)mailbox;
	pthread_mutex_lock(&j->all->lock);
	job_count(j, counts);
	if (current(j) != NULL) {
		current(j)->ended = true;
		current(j)->done = current(j)->messages;
	}
	pthread_mutex_unlock(&j->all->lock);
	if (clock_mono_ms() > j->saved_ms + SAVE_MS)
		job_save(j, NULL);
}

/* A message of the current folder, or a whole folder. */
static void on_skipped(void *arg, struct str what, struct str why)
{
	struct job *j = arg;
	const struct import_folder *f;

	pthread_mutex_lock(&j->all->lock);
	f = current(j);
	if (j->state.left_count < LIMIT_import_left) {
		bool message = str_starts(what, STR("UID ")) && f != NULL;

		j->left[j->state.left_count++] = (struct import_left){
			message ? f->from : job_text(j, what),
			message ? job_text(j, what) : STR_EMPTY,
			job_text(j, why),
		};
	}
	pthread_mutex_unlock(&j->all->lock);
}

static void sleep_for(struct job *j, int64_t ms)
{
	int64_t until_ms = clock_mono_ms() + ms;

	pthread_mutex_lock(&j->all->lock);
	while (job_continues(j) && cond_wait_until(&j->all->wake, &j->all->lock, until_ms))
		;
	pthread_mutex_unlock(&j->all->lock);
}

/* Pause as long as the work took, which uses half of the time at most, and limit the
 * bytes each second. */
static void on_rest(void *arg, uint64_t bytes, int64_t ms)
{
	int64_t least_ms = (int64_t)(bytes * 1000 / LIMIT_import_bytes_s) - ms;

	sleep_for(arg, MAX(MIN(ms, LIMIT_import_rest_ms), least_ms));
}

/* --- the run ------------------------------------------------------------------------------- */

static enum err attempt(struct job *j, struct why *why)
{
	const struct imports_config *c = &j->all->config;
	const struct transfer_watch watch = { .arg = j,
		                              .folders = on_folders,
		                              .begin = on_begin,
		                              .step = on_step,
		                              .mailbox = on_mailbox,
		                              .skipped = on_skipped,
		                              .go_on = job_continues,
		                              .rest = on_rest };
	const struct transfer to = { c->store, c->mailboxes, c->limits, &watch, j->account };
	struct transfer_pull from;
	struct trust *trust;
	enum err e = pull_of(j->all, &j->state, j->password, &from, &trust, why);

	j->connected = false;
	if (e == OK)
		e = transfer_pull(&to, &from, why);
	trust_free(trust);
	return e;
}

/* Retry a server that has accepted the login before and broke off, after a growing
 * delay. */
static bool again(struct job *j, enum err e, const struct why *why)
{
	int64_t wait_ms = (int64_t)FIRST_WAIT_MS << j->tries;

	if ((e != ERR_IO && e != ERR_RETRY) || !job_continues(j))
		return false;
	if (j->tries == 0 ? !j->connected : j->tries >= LIMIT_import_tries)
		return false;
	j->tries++;
	event(import_retried, STR(""), ev_int(j->account), ev_str(j->state.host), ev_z(why->text),
	      ev_int(wait_ms / 1000));
	pthread_mutex_lock(&j->all->lock);
	j->state.problem = str_fmt(&j->arena, "%s; it is tried again in %d seconds", why->text,
	                           (int)(wait_ms / 1000));
	pthread_mutex_unlock(&j->all->lock);
	sleep_for(j, wait_ms);
	return job_continues(j);
}

void job_run(struct job *j)
{
	struct why why = { "" };
	enum err e;

	pthread_mutex_lock(&j->all->lock);
	j->state.state = IMPORT_RUNNING;
	j->state.started_ms = clock_real_ms();
	pthread_mutex_unlock(&j->all->lock);
	job_save(j, NULL);
	event(import_started, STR(""), ev_int(j->account), ev_str(j->state.host));
	do
		e = job_continues(j) ? attempt(j, &why) : ERR_RETRY;
	while (e != OK && again(j, e, &why));
	if (e == OK)
		job_end(j, IMPORT_DONE, "");
	else if (atomic_load(&j->cancelled))
		job_end(j, IMPORT_CANCELLED, "");
	else if (atomic_load(&j->all->halting))
		job_end(j, IMPORT_INTERRUPTED,
		        "the server was stopped meanwhile: run it again, and it goes on");
	else
		job_end(j, IMPORT_FAILED,
		        why.text[0] != '\0' ? why.text : "the mailbox is not there any more");
}
