/* network/runtime/runtime.h: listeners, poller and workers in one object.
 *
 *	runtime_new -> runtime_listen (each service) -> runtime_start -> ... -> runtime_stop
 *	                                                runtime_listen_set
 *
 * The chapter: a listener's socket is in the poller's epoll set; accepted connections are struct
 * conn (network/runtime/conn.h), parked in the poller (network/runtime/poller.h) while nothing
 * happens, and pushed to the pool (network/runtime/pool.h) when something does. One worker runs
 * one step (network/runtime/worker.c) and parks, requeues or closes the connection. Deadlines
 * are a heap in the poller, so an idle server sleeps. */
#ifndef RUNTIME_H
#define RUNTIME_H
#include "network/runtime/conn.h"

struct pool;
struct runtime;

struct runtime_config {
	unsigned workers_max;             /* 0: LIMIT_workers                             */
	unsigned connections_max;         /* 0: LIMIT_conn_total                          */
	unsigned connections_per_address; /* 0: LIMIT_conn_per_address                   */
	/* Of all connections together (proto.descriptors); 0: what the process may have open,
	 * less some for everything else. */
	unsigned descriptors_max;
	bool limit_loopback;  /* count loopback peers per address too: tests  */
	int64_t write_ms;     /* 0: LIMIT_conn_write_ms                       */
	int64_t handshake_ms; /* 0: LIMIT_tls_handshake_ms                    */
	/* Called after every step, before its connection waits for its peer: server/ asserts here
	 * that no store transaction is open. May be NULL. */
	void (*before_wait)(void);
};

/* Counters since the start of one listener; gauges are of this moment. */
struct service_stats {
	const char *name;
	uint64_t open, total, refused;
};
struct runtime_stats {
	uint64_t open, total, refused;
	unsigned workers, workers_busy;
	size_t run_queue;
};

/* Raises the soft limit of file descriptors to the hard one, from which descriptors_max is
 * made. No thread runs yet. */
enum err runtime_new(const struct runtime_config *config, struct runtime **out,
                     struct why *why) MUST_USE;

/* Other maxima of connections from now on; 0 as in the configuration. Those that are open stay.
 * Any thread. */
void runtime_limits_set(struct runtime *r, unsigned connections, unsigned per_address);

/* Bind and listen at once, so that errors are known before anything is served. *service is
 * copied; what it points to must outlive the runtime. The service may be on several
 * addresses. bound (may be NULL) gets the address with the real port when port 0 was asked
 * for. */
enum err runtime_listen(struct runtime *r, const struct conn_service *service,
                        const struct addr *at, struct addr *bound, struct why *why) MUST_USE;

/* Whose connections begin with a PROXY header (proxies.h) from now on: that is then who the
 * peer is. One of these that sends none is cut; the header of anybody else is what the protocol
 * makes of it. On error all is as it was. Any thread. */
enum err runtime_proxies_set(struct runtime *r, struct str text, struct why *why) MUST_USE;

/* Have the service listen at exactly these addresses, from now on or from the start on. New ones
 * are opened first, then the others are closed, whose connections go on. Where one that goes
 * holds the port of a new one, it makes room. On error all is as it was. An address with port 0
 * is the same as before when its text is. Any thread. */
enum err runtime_listen_set(struct runtime *r, const struct conn_service *service,
                            const struct addr_list *at, struct why *why) MUST_USE;
/* Would that go well? Opens and closes; changes nothing. */
enum err runtime_listen_try(struct runtime *r, const char *service, const struct addr_list *at,
                            struct why *why) MUST_USE;

/* Have the service listen also on a socket in the file system, whose peers have no address
 * (ADDR_NONE), and on no other; empty: on none. mode: who may connect. One that a server which was
 * killed has left is replaced; it is removed when it is not listened on any more. ERR_CONFLICT:
 * somebody listens there, or it is something else; ERR_LIMIT: the path is too long. On error all is
 * as it was. Any thread. */
enum err runtime_listen_unix_set(struct runtime *r, const struct conn_service *service,
                                 struct str path, unsigned mode, struct why *why) MUST_USE;

/* Where a service listens, with the real ports, but not in the file system; at most max are put
 * into out. Returns how many. Any thread. */
size_t runtime_listens(struct runtime *r, const char *service, struct addr *out, size_t max);

/* Begin to accept. */
enum err runtime_start(struct runtime *r, struct why *why) MUST_USE;

/* The pool that runs the connections' steps; other short jobs may use it (pool_run). */
struct pool *runtime_pool(struct runtime *r);

/* Stop accepting, give every parked connection CONN_STOP, let running steps finish and
 * output drain until deadline_ms milliseconds from now, then cut the rest. Returns how many
 * were cut. Call once; afterwards runtime_free. */
unsigned runtime_stop(struct runtime *r, int64_t deadline_ms);
/* Stops without patience first, if need be. NULL is a no-op. */
void runtime_free(struct runtime **r);

struct runtime_stats runtime_stats(struct runtime *r);
/* The i-th service in the order of runtime_listen, addresses of one service summed; false
 * past the last. */
bool runtime_service_stats(struct runtime *r, size_t i, struct service_stats *out);
/* Set the gauges of foundation/observe/metrics.h: just before /metrics is printed. */
void runtime_metrics(struct runtime *r);

#endif
