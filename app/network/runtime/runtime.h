/* network/runtime/runtime.h: listeners, poller and workers in one object.
 *
 *	runtime_new -> runtime_listen (each service) -> runtime_start -> ... -> runtime_stop
 *	                                                runtime_listen_set
 *
 * A listener's socket is in the poller's epoll set. Accepted connections are struct conn
 * (network/runtime/conn.h), parked in the poller (network/runtime/poller.h) while they are idle,
 * and pushed to the pool (network/runtime/pool.h) on an event. One worker runs one step
 * (network/runtime/worker.c) and parks, requeues or closes the connection. Deadlines are a heap in
 * the poller, so an idle server sleeps. */
#ifndef RUNTIME_H
#define RUNTIME_H
#include "network/runtime/conn.h"

struct pool;
struct runtime;

struct runtime_config {
	unsigned workers_max;             /* 0: LIMIT_workers                             */
	unsigned connections_max;         /* 0: LIMIT_conn_total                          */
	unsigned connections_per_address; /* 0: LIMIT_conn_per_address                   */
	/* For all connections together (proto.descriptors); 0: the limit of the process minus a
	 * reserve for other uses. */
	unsigned descriptors_max;
	bool limit_loopback;  /* count loopback peers per address too: for tests */
	int64_t write_ms;     /* 0: LIMIT_conn_write_ms                       */
	int64_t handshake_ms; /* 0: LIMIT_tls_handshake_ms                    */
	/* Called after every step, before its connection waits for its peer: console/server asserts
	 * that no store transaction is open. May be NULL. */
	void (*before_wait)(void);
};

/* Counters since the start of one listener; gauges are of the present. */
struct service_stats {
	const char *name;
	uint64_t open, total, refused;
};
struct runtime_stats {
	uint64_t open, total, refused;
	unsigned workers, workers_busy;
	size_t run_queue;
};

/* Raises the soft limit of file descriptors to the hard one, on which descriptors_max is based.
 * Starts no thread. */
enum err runtime_new(const struct runtime_config *config, struct runtime **out,
                     struct why *why) MUST_USE;

/* Change the connection limits; 0 as in the configuration. Open connections stay. Thread-safe. */
void runtime_limits_set(struct runtime *r, unsigned connections, unsigned per_address);

/* Bind and listen at once, so that errors are known before the server serves clients. *service is
 * copied; its pointers must stay valid as long as the runtime. A service may have several
 * addresses. bound (may be NULL) gets the address with the real port when port 0 was requested. */
enum err runtime_listen(struct runtime *r, const struct conn_service *service,
                        const struct addr *at, struct addr *bound, struct why *why) MUST_USE;

/* Set the proxies whose connections begin with a PROXY header (proxies.h), which then names the
 * peer. A connection from a proxy without a header is closed; on other connections a header is
 * input of the protocol. On error nothing changes. Thread-safe. */
enum err runtime_proxies_set(struct runtime *r, struct str text, struct why *why) MUST_USE;

/* Make the service listen at exactly these addresses, before or after the start. New ones are
 * opened first, then the others are closed; their connections continue. An old listener that
 * occupies the port of a new one is closed first. On error nothing changes. An address with port 0
 * equals the previous one when their texts are equal. Thread-safe. */
enum err runtime_listen_set(struct runtime *r, const struct conn_service *service,
                            const struct addr_list *at, struct why *why) MUST_USE;
/* Test whether that would succeed: opens and closes sockets, changes nothing. */
enum err runtime_listen_try(struct runtime *r, const char *service, const struct addr_list *at,
                            struct why *why) MUST_USE;

/* Make the service listen also on this socket in the file system, and on no other; empty: on none.
 * Its peers have no address (ADDR_NONE). mode: permissions of the socket. A socket that a killed
 * server left is replaced; the socket is removed when the server stops listening. ERR_CONFLICT:
 * another process listens there, or the path is not a socket; ERR_LIMIT: the path is too long. On
 * error nothing changes. Thread-safe. */
enum err runtime_listen_unix_set(struct runtime *r, const struct conn_service *service,
                                 struct str path, unsigned mode, struct why *why) MUST_USE;

/* The addresses of a service with their real ports, without sockets in the file system; at most max
 * are written to out. Returns their number. Thread-safe. */
size_t runtime_listens(struct runtime *r, const char *service, struct addr *out, size_t max);

/* Start to accept connections. */
enum err runtime_start(struct runtime *r, struct why *why) MUST_USE;

/* The pool that runs the connections' steps; other short jobs may use it (pool_run). */
struct pool *runtime_pool(struct runtime *r);

/* Stop accepting, send CONN_STOP to every parked connection, let running steps finish and output
 * drain until deadline_ms milliseconds from now, then cut the rest. Returns how many were cut. Call
 * once, then runtime_free. */
unsigned runtime_stop(struct runtime *r, int64_t deadline_ms);
/* Calls runtime_stop with deadline 0 first, if needed. NULL is a no-op. */
void runtime_free(struct runtime **r);

struct runtime_stats runtime_stats(struct runtime *r);
/* The i-th service in the order of runtime_listen, addresses of one service summed; false
 * past the last. */
bool runtime_service_stats(struct runtime *r, size_t i, struct service_stats *out);
/* Set the gauges of foundation/observe/metrics.h: just before /metrics is printed. */
void runtime_metrics(struct runtime *r);

#endif
