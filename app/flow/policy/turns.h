/* flow/policy/turns.h: which runs hold the threads of a room, and which wait in line; for run.c.
 *
 * A site (an IPv4 /24, an IPv6 /48: what one customer has) may hold one thread, and more while it
 * holds fewer than a share of those that are free. So the more sites want some the fewer each has,
 * and something is left for the next that comes: of 64 threads and a share of a quarter one site
 * alone has 13, twenty have two or three each. Those that wait get theirs in turns, within a site
 * in turns by host (an address, an IPv6 /64), each first come first served. So name servers that
 * hang are slow for who has them.
 *
 * A site costs memory while a run of it is under way. */
#ifndef POLICY_TURNS_H
#define POLICY_TURNS_H
#include "foundation/base/list.h"
#include "foundation/base/map.h"
#include "network/runtime/addr.h"

#include <pthread.h>

struct turns {
	pthread_mutex_t lock;
	unsigned most;       /* threads of the room                              */
	unsigned share;      /* of those that are free: 4 is a quarter           */
	unsigned begun;      /* lock: of them in use                             */
	struct map sites;    /* lock: struct turns_site, with a run under way    */
	struct map hosts;    /* lock: struct turns_host, with somebody in line   */
	struct list waiting; /* lock: sites with somebody in line, the next first */
};

/* Part of a run. */
struct turn {
	struct list link; /* lock: in the line of its host, while it waits */
	bool waits;       /* lock                                          */
	struct addr peer;
};

void turns_init(struct turns *t, unsigned most, unsigned share);
/* Nobody waits any more. */
void turns_deinit(struct turns *t);

/* May turn begin now? If not it is kept until turns_give hands it out, or turns_leave. */
bool turns_take(struct turns *t, struct turn *turn, const struct addr *peer) MUST_USE;
/* A turn that had begun is over: those that are to begin now come into next, which is empty. */
void turns_give(struct turns *t, struct turn *turn, struct list *next);
/* It is not wanted any more. True: it has not begun, and will not. */
bool turns_leave(struct turns *t, struct turn *turn) MUST_USE;
/* Is it in line, at this moment? */
bool turns_waits(struct turns *t, const struct turn *turn);

#endif
