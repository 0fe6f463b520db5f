/* operations/transfer/imports_body.h: what imports.c and imports_run.c share. */
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
	pthread_cond_t wake;          /* of threads, and of jobs that rest            */
	struct list waiting, running; /* lock: struct job                             */
	size_t waiting_count;         /* lock                                         */
	unsigned looking;             /* lock: calls of imports_look at the moment    */
	atomic_bool halting;
};

/* One import that is active. */
struct job {
	struct list link; /* all->lock */
	struct imports *all;
	uint32_t account;
	struct arena arena; /* wiped: what was asked for */
	struct str password;
	atomic_bool cancelled;
	/* all->lock, while it is in a list */
	struct import state;
	struct import_folder *folders; /* what state refers to */
	struct import_left *left;
	struct arena texts; /* of those two: of one attempt  */
	size_t current;     /* the folder at work            */
	/* of its thread alone */
	bool connected; /* in this attempt            */
	unsigned tries; /* in a row without a message */
	int64_t saved_ms;
};

struct job *job_new(struct imports *all, uint32_t account, const struct import *i,
                    struct str password);
void job_free(struct job **j);
/* All of it, on the calling thread; it is in the list of those that run. */
void job_run(struct job *j);
/* It is over, in this state: to the store and the log. ERR_MISSING of the store: it was forgotten,
 * with its account. */
void job_end(struct job *j, enum import_state state, const char *problem);

/* What an import asks of the other server. *trust is to be freed. */
enum err pull_of(const struct imports *all, const struct import *i, struct str password,
                 struct transfer_pull *out, struct trust **trust, struct why *why) MUST_USE;

#endif
