/* model/directory/blocked.h: the present locks of logins, for people. (network/runtime/ratelimit.h
 * makes the locks and stores only hashes of keys.) In memory, bounded. Thread-safe. */
#ifndef DIRECTORY_BLOCKED_H
#define DIRECTORY_BLOCKED_H
#include "foundation/base/list.h"
#include "foundation/base/str.h"

#include <pthread.h>

struct arena;

enum { BLOCKED_MAX = 1000 };

struct blocked {
	struct str address; /* network address or login, as given */
	struct str reason;  /* a sentence without a full stop                         */
	struct str key;     /* the locked key in its table */
	bool network;       /* the table: by network, else by login */
	int64_t since_ms, until_ms;
};

struct blocked_list {
	pthread_mutex_t lock;
	struct list entries; /* lock; oldest first */
	size_t count;        /* lock               */
};

void blocked_init(struct blocked_list *l);
void blocked_deinit(struct blocked_list *l);
/* Copies b; replaces one with the same key, and beyond BLOCKED_MAX removes the oldest. */
void blocked_put(struct blocked_list *l, const struct blocked *b);
/* The present locks, oldest first; all in a. Returns their number. */
size_t blocked_get(struct blocked_list *l, struct arena *a, struct blocked **out);
void blocked_remove(struct blocked_list *l, const struct blocked *b);
void blocked_clear(struct blocked_list *l);

#endif
