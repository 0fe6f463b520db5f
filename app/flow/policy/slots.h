/* flow/policy/slots.h: shares the threads of a pool fairly among waiting runs; for
 * run.c.
 *
 * A site (an IPv4 /24, an IPv6 /48: the network of one customer) may hold one thread, and
 * more while it holds fewer than a share of the free ones. The more sites need threads,
 * the fewer each gets, and some are left for the next site. With 64 threads and a share of
 * a quarter one site alone gets 13, twenty sites get two or three each. Waiting sites get
 * threads in round-robin order. Within a site, hosts (an address, an IPv6 /64) alternate;
 * each host is first come, first served. So name servers that do not answer slow down
 * only the peers that use them.
 *
 * A site costs memory while it has a run. */
#ifndef POLICY_SLOTS_H
#define POLICY_SLOTS_H
#include "foundation/base/list.h"
#include "foundation/base/map.h"
#include "network/runtime/addr.h"

#include <pthread.h>

struct slots {
	pthread_mutex_t lock;
	unsigned most;       /* threads in total                               */
	unsigned share;      /* fraction of the free ones: 4 is a quarter      */
	unsigned begun;      /* lock: in use                                   */
	struct map sites;    /* lock: struct slots_site, with a run            */
	struct map hosts;    /* lock: struct slots_host, with a waiting run    */
	struct list waiting; /* lock: sites with a waiting run, the next first */
};

/* Part of a run. */
struct slot {
	struct list link; /* lock: in the queue of its host, while it waits */
	bool waits;       /* lock                                           */
	struct addr peer;
};

void slots_init(struct slots *t, unsigned most, unsigned share);
/* No run may be waiting. */
void slots_deinit(struct slots *t);

/* May the run begin now? If not, it waits until slots_give returns it or slots_leave
 * removes it. */
bool slots_take(struct slots *t, struct slot *slot, const struct addr *peer) MUST_USE;
/* A run has ended: the runs that may begin now are moved to next, which is empty. */
void slots_give(struct slots *t, struct slot *slot, struct list *next);
/* Remove a waiting run. True: it has not begun, and will not. */
bool slots_leave(struct slots *t, struct slot *slot) MUST_USE;
/* Is it waiting now? */
bool slots_waits(struct slots *t, const struct slot *slot);

#endif
