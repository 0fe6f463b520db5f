/* policy/turns.h: how many runs of one network hold threads of the pool at one time; the others of
 * it wait, first come first served, so that a network whose name servers hang is slow for itself
 * only. For run.c.
 *
 * A network is policy/network.h's. It costs memory while a run of it is under way. */
#ifndef POLICY_TURNS_H
#define POLICY_TURNS_H
#include "base/list.h"
#include "base/map.h"
#include "net/addr.h"

#include <pthread.h>

struct turns {
	pthread_mutex_t lock;
	struct map networks; /* lock: struct turns_network by network */
};

/* Part of a run. */
struct turn {
	struct list link; /* lock: in the network's line, while it waits */
	bool waits;       /* lock                                        */
	struct addr peer;
};

void turns_init(struct turns *t);
/* Nobody waits any more. */
void turns_deinit(struct turns *t);

/* May turn begin now? If not it is kept until turns_give hands it out, or turns_leave. */
bool turns_take(struct turns *t, struct turn *turn, const struct addr *peer) MUST_USE;
/* A turn that had begun is over: which is to begin now, or NULL. */
struct turn *turns_give(struct turns *t, struct turn *turn) MUST_USE;
/* It is not wanted any more. True: it has not begun, and will not. */
bool turns_leave(struct turns *t, struct turn *turn) MUST_USE;

#endif
