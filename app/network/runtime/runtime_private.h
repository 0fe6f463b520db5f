/* network/runtime/runtime_private.h: what listeners and connections share, for runtime/ only. */
#ifndef RUNTIME_RUNTIME_PRIVATE_H
#define RUNTIME_RUNTIME_PRIVATE_H
#include "network/runtime/peers.h"
#include "network/runtime/places.h"
#include "network/runtime/poller.h"
#include "network/runtime/proxies.h"
#include "network/runtime/runtime.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

struct listener {
	struct poller_source source;
	struct runtime *runtime;
	struct conn_service service;
	struct place *place;   /* of the service, in runtime->places                       */
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
	struct runtime_config config; /* no zeroes any more */
	struct places places;         /* its maximum of connections as config, until changed */
	atomic_uint connections_per_address; /* the same */
	struct pool *pool;
	struct poller *poller;
	struct peers peers;
	pthread_mutex_t lock;
	struct list listeners; /* lock: also those that were stopped */
	int spare_fd;          /* poller's thread: given up to refuse a peer politely
				  when descriptors have run out */
	atomic_uint ending; /* connections that have given up their place for another */
	bool started, stopped; /* lock */
	pthread_mutex_t proxies_lock;
	struct proxies *proxies; /* proxies_lock; NULL: nobody */
};

/* --- network/runtime/listener.c --------------------------------------------------------- */

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
/* A connection gives up its place. */
void listener_leave(struct conn *c);
/* Count one more of the peer's network. False: it has too many. Any thread. */
bool listener_count(const struct listener *l, const struct addr *peer, struct peer *out) MUST_USE;
/* Has peer to send a PROXY header first? */
bool runtime_proxied(struct runtime *r, const char *service, const struct addr *peer);
void listener_spare_open(struct runtime *r);

/* --- network/runtime/evict.c ------------------------------------------------------------ */

/* End idle connections until there is a place for one of this service. False: there is none. In
 * the poller's thread. */
bool runtime_make_room(struct runtime *r, const struct place *wanted);

/* --- network/runtime/listen_unix.c ------------------------------------------------------ */

/* Remove its socket from the file system, before it is closed. */
void listener_path_remove(struct listener *l);

#endif
