/* model/store/store_body.h: the parts of a store. Only store/ includes this. */
#ifndef STORE_STORE_BODY_H
#define STORE_STORE_BODY_H
#include "foundation/base/arena.h"
#include "foundation/base/list.h"
#include "model/store/blob_dictionary.h"
#include "model/store/blob_pack.h"
#include "model/store/backend/kv_ops.h"
#include "model/store/reserve.h"
#include "model/store/store.h"
#include "model/store/txn.h"

#include <pthread.h>
#include <stdatomic.h>

enum health {
	HEALTH_GOOD,
	HEALTH_FULL,    /* writes that grow the store are refused */
	HEALTH_FAILING, /* the last batch failed, the next may not          */
	HEALTH_LOST,    /* no transaction can begin until the store is opened again */
};

/* Writers in order of arrival: commit.c. */
struct commit_queue {
	pthread_mutex_t lock;
	struct list waiting; /* struct write_job, under lock                      */
	bool led;            /* some writer runs batches or was asked to, under lock */
	/* Owned by the leader: */
	struct arena arena;
	struct reserve reserve;
	struct blob_numbers numbers; /* as of the last commit */
	enum health health;
	struct store_stats stats; /* written by the leader under lock, read under lock */
};

struct store {
	const struct kv_ops *ops;
	struct kv_env *env;
	enum store_role role;
	struct str writer; /* of store_config */
	void (*on_lost)(void *arg);
	void *on_lost_arg;
	atomic_bool lost_reported;
	int folder_fd; /* also carries the server's lock; -1: none */
	struct commit_queue commit;
	struct pack_pool packers;
	struct dictionary_state dictionary;
};

/* No transaction can begin until the store is opened again: log it and call on_lost, once. */
void store_lost_report(struct store *s, const struct why *why);

void commit_queue_init(struct commit_queue *q);
void commit_queue_deinit(struct commit_queue *q);

#endif
