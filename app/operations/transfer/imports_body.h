/* operations/transfer/imports_body.h: shared by imports.c and imports_run.c. */
#ifndef TRANSFER_IMPORTS_BODY_H
#define TRANSFER_IMPORTS_BODY_H
#include "foundation/base/arena.h"
#include "foundation/base/list.h"
#include "foundation/config/limits.h"
#include "operations/transfer/imports.h"

#include <pthread.h>
#include <stdatomic.h>

struct trust;

struct imports {
	struct imports_config config;
	pthread_t threads[LIMIT_imports_parallel];
	unsigned thread_count;
	pthread_mutex_t lock;
	pthread_cond_t wake;          /* of threads, and of pausing jobs     */
	struct list waiting, running; /* lock: struct job                    */
	size_t waiting_count;         /* lock                                */
	unsigned looking;             /* lock: running calls of imports_look */
	atomic_bool halting;
};

/* An active import. */
struct job {
	struct list link; /* all->lock */
	struct imports *all;
	uint32_t account;
	struct arena arena; /* wiped: the parameters */
	struct str password;
	atomic_bool cancelled;
	/* all->lock, while it is in a list */
	struct import state;
	struct import_folder *folders; /* used by state */
	struct import_left *left;
	struct arena texts; /* memory of those two, for one attempt */
	size_t current;     /* index of the current folder          */
	/* used by its thread only */
	bool connected; /* in this attempt                      */
	unsigned tries; /* in a row without an imported message */
	int64_t saved_ms;
};

struct job *job_new(struct imports *all, uint32_t account, const struct import *i,
                    struct str password);
void job_free(struct job **j);
/* Run all of it on the calling thread; it is in the list of running jobs. */
void job_run(struct job *j);
/* It has ended in this state: store and log that. ERR_MISSING of the store: it was
 * removed with its account. */
void job_end(struct job *j, enum import_state state, const char *problem);

/* Convert an import to a pull. The caller frees *trust. */
enum err pull_of(const struct imports *all, const struct import *i, struct str password,
                 struct transfer_pull *out, struct trust **trust, struct why *why) MUST_USE;

#endif
