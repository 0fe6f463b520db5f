/* net/runtime_private.h: what listeners and connections share, for net/ only. */
#ifndef NET_RUNTIME_PRIVATE_H
#define NET_RUNTIME_PRIVATE_H
#include "base/map.h"
#include "net/poller.h"
#include "net/proxies.h"
#include "net/runtime.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

/* How many connections each network has. */
struct peers {
	pthread_mutex_t lock;
	struct map by_network; /* lock: values are counts, as pointers */
};

void peers_init(struct peers *p);
void peers_deinit(struct peers *p);
/* Count one more, unless the network has max already. */
bool peers_enter(struct peers *p, const struct addr *peer, unsigned max);
void peers_leave(struct peers *p, const struct addr *peer);

struct listener {
	struct poller_source source;
	struct runtime *runtime;
	struct conn_service service;
	struct addr asked, at; /* as asked for, and with the real port                     */
	char *path;            /* in the file system, instead of an address; NULL: none    */
	dev_t path_dev;        /* and what is ours there                                   */
	ino_t path_ino;
	struct list link;      /* runtime->listeners                                       */
	bool added;
	bool paused; /* made room for another, and comes back when that fails    */
	atomic_uint_fast64_t open, total, refused;
};

struct runtime {
	struct runtime_config config;                         /* no zeroes any more */
	atomic_uint connections_max, connections_per_address; /* as config, until changed */
	struct pool *pool;
	struct poller *poller;
	struct peers peers;
	pthread_mutex_t lock;
	struct list listeners; /* lock: also those that were stopped */
	int spare_fd;          /* poller's thread: given up to refuse a peer politely
				  when descriptors have run out */
	atomic_uint open, descriptors;
	bool started, stopped; /* lock */
	pthread_mutex_t proxies_lock;
	struct proxies *proxies; /* proxies_lock; NULL: nobody */
};

/* --- net/listener.c --------------------------------------------------------- */

enum err listener_new(struct runtime *r, const struct conn_service *service, const struct addr *at,
                      struct listener **out, struct why *why) MUST_USE;
/* One whose socket listens already; takes fd. */
struct listener *listener_of(struct runtime *r, const struct conn_service *service,
                             int fd) MUST_USE;
enum err listener_start(struct listener *l, struct why *why) MUST_USE;
/* Accept no more and close the socket; the struct stays, connections point to it. */
void listener_stop(struct listener *l);
void listener_free(struct listener *l);
/* A peer has come: make it a connection, or refuse it. Takes fd. */
void listener_welcome(struct listener *l, int fd, const struct addr *peer);
/* A connection of l is gone. */
void listener_leave(struct listener *l, const struct addr *peer, bool counted);
/* Is peer one of those whose number is limited? */
bool listener_counts(const struct listener *l, const struct addr *peer);
/* Has peer to send a PROXY header first? */
bool runtime_proxied(struct runtime *r, const char *service, const struct addr *peer);
void listener_spare_open(struct runtime *r);

/* --- net/listen_unix.c ------------------------------------------------------ */

/* Remove its socket from the file system, before it is closed. */
void listener_path_remove(struct listener *l);

#endif
