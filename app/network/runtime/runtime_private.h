/* network/runtime/runtime_private.h: shared state of listeners and connections, for runtime/
 * only. */
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
	struct place *place;   /* of the service, in runtime->places */
	struct addr asked, at; /* as requested, and with the real port */
	char *path;            /* in the file system, instead of an address; NULL: none    */
	dev_t path_dev;        /* identify our socket at path */
	ino_t path_ino;
	struct list link;      /* runtime->listeners                                       */
	bool added;
	bool paused; /* closed to make room for another; reopened if that fails */
	atomic_uint_fast64_t open, total, refused;
};

struct runtime {
	struct runtime_config config; /* defaults are filled in */
	struct places places;         /* its connections_max can change, unlike config */
	atomic_uint connections_per_address; /* can change too */
	struct pool *pool;
	struct poller *poller;
	struct peers peers;
	pthread_mutex_t lock;
	struct list listeners; /* lock: stopped ones included */
	int spare_fd;          /* poller's thread: closed to accept and refuse a peer when
				  * descriptors have run out */
	atomic_uint ending; /* connections that are being evicted */
	bool started, stopped; /* lock */
	pthread_mutex_t proxies_lock;
	struct proxies *proxies; /* proxies_lock; NULL: none */
};

/* --- network/runtime/listener.c --------------------------------------------------------- */

enum err listener_new(struct runtime *r, const struct conn_service *service, const struct addr *at,
                      struct listener **out, struct why *why) MUST_USE;
/* A listener on a socket that listens already; takes fd. */
struct listener *listener_of(struct runtime *r, const struct conn_service *service,
                             int fd) MUST_USE;
enum err listener_start(struct listener *l, struct why *why) MUST_USE;
/* Accept no more and close the socket; the struct stays, connections point to it. */
void listener_stop(struct listener *l);
void listener_free(struct listener *l);
/* Make a new peer a connection, or refuse it. Takes fd. */
void listener_welcome(struct listener *l, int fd, const struct addr *peer);
/* A connection ends: release what it was counted for. */
void listener_leave(struct conn *c);
/* Count a connection of the peer's network. False: it has too many. Thread-safe. */
bool listener_count(const struct listener *l, const struct addr *peer, struct peer *out) MUST_USE;
/* Must peer send a PROXY header first? */
bool runtime_proxied(struct runtime *r, const char *service, const struct addr *peer);
void listener_spare_open(struct runtime *r);

/* --- network/runtime/evict.c ------------------------------------------------------------ */

/* Evict idle connections until this service has room for one. False: impossible. In the poller's
 * thread. */
bool runtime_make_room(struct runtime *r, const struct place *wanted);

/* --- network/runtime/listen_unix.c ------------------------------------------------------ */

/* Remove its socket from the file system, before it is closed. */
void listener_path_remove(struct listener *l);

#endif
