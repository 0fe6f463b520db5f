/* network/runtime/runtime.c: see runtime.h. */
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "foundation/observe/metrics.h"
#include "network/runtime/runtime_private.h"
#include "network/runtime/socket.h"

#include <string.h>
#include <unistd.h>

enum {
	/* Descriptors that are not connections: store, log, listeners, messages being
	 * received, outgoing mail. */
	RESERVED_FDS = 256,
	QUEUE_MAX = 10000,
	AFTER_CUT_MS = 2000,
};

static unsigned or_default(unsigned value, unsigned otherwise)
{
	return value != 0 ? value : otherwise;
}

static struct runtime_config complete(const struct runtime_config *given)
{
	struct runtime_config c = *given;
	size_t fds = socket_limit_raise();
	size_t room = fds > RESERVED_FDS * 2 ? fds - RESERVED_FDS : MAX(fds / 2, (size_t)1);

	c.workers_max = or_default(c.workers_max, LIMIT_workers);
	c.connections_max = or_default(c.connections_max, LIMIT_conn_total);
	c.descriptors_max = or_default(c.descriptors_max, (unsigned)MIN(room, (size_t)UINT32_MAX));
	c.connections_per_address = or_default(c.connections_per_address, LIMIT_conn_per_address);
	c.write_ms = c.write_ms != 0 ? c.write_ms : LIMIT_conn_write_ms;
	c.handshake_ms = c.handshake_ms != 0 ? c.handshake_ms : LIMIT_tls_handshake_ms;
	return c;
}

enum err runtime_new(const struct runtime_config *config, struct runtime **out, struct why *why)
{
	struct runtime *r = NEW(struct runtime);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned min;
	enum err e;

	r->config = complete(config);
	r->places.connections_max = r->config.connections_max;
	r->places.descriptors_max = r->config.descriptors_max;
	r->connections_per_address = r->config.connections_per_address;
	r->spare_fd = -1;
	list_init(&r->listeners);
	pthread_mutex_init(&r->lock, NULL);
	pthread_mutex_init(&r->proxies_lock, NULL);
	peers_init(&r->peers);
	min = MIN((unsigned)MAX(cores, 1) * 2, r->config.workers_max);
	e = pool_new("worker", min, r->config.workers_max, QUEUE_MAX, &r->pool, why);
	if (e == OK)
		e = poller_new(r->pool, &r->poller, why);
	if (e != OK) {
		runtime_free(&r);
		return e;
	}
	listener_spare_open(r);
	*out = r;
	return OK;
}

void runtime_limits_set(struct runtime *r, unsigned connections, unsigned per_address)
{
	r->places.connections_max = or_default(connections, LIMIT_conn_total);
	r->connections_per_address = or_default(per_address, LIMIT_conn_per_address);
}

enum err runtime_listen(struct runtime *r, const struct conn_service *service,
                        const struct addr *at, struct addr *bound, struct why *why)
{
	struct listener *l = NULL;
	enum err e = listener_new(r, service, at, &l, why);

	assert(!r->started);
	if (e != OK)
		return e;
	list_push_back(&r->listeners, &l->link);
	if (bound != NULL)
		*bound = l->at;
	return OK;
}

enum err runtime_start(struct runtime *r, struct why *why)
{
	enum err e = poller_start(r->poller, why);

	if (e != OK)
		return e;
	pthread_mutex_lock(&r->lock);
	r->started = true;
	list_each(link, &r->listeners)
	{
		struct listener *l = container_of(link, struct listener, link);

		if (e == OK && l->source.fd >= 0)
			e = listener_start(l, why);
	}
	pthread_mutex_unlock(&r->lock);
	return e;
}

struct pool *runtime_pool(struct runtime *r)
{
	return r->pool;
}

unsigned runtime_stop(struct runtime *r, int64_t deadline_ms)
{
	int64_t deadline = clock_mono_ms() + deadline_ms;
	size_t cut = 0;

	pthread_mutex_lock(&r->lock);
	r->stopped = true;
	list_each(l, &r->listeners) listener_stop(container_of(l, struct listener, link));
	pthread_mutex_unlock(&r->lock);
	poller_notify_all(r->poller, CONN_STOP);
	if (!poller_wait_empty(r->poller, deadline)) {
		cut = poller_notify_all(r->poller, CONN_CUT);
		/* Cut connections end without waiting for a peer. */
		poller_wait_empty(r->poller, clock_mono_ms() + AFTER_CUT_MS);
	}
	poller_stop(r->poller);
	return (unsigned)cut;
}

void runtime_free(struct runtime **runtime)
{
	struct runtime *r = *runtime;

	*runtime = NULL;
	if (r == NULL)
		return;
	if (r->started && !r->stopped)
		(void)runtime_stop(r, 0);
	if (r->pool != NULL && !pool_stop(r->pool, clock_mono_ms() + AFTER_CUT_MS))
		return; /* a stuck job uses all this: the process is about to end */
	list_each_safe(l, &r->listeners) listener_free(container_of(l, struct listener, link));
	poller_free(&r->poller);
	pool_free(&r->pool);
	socket_close(&r->spare_fd);
	peers_deinit(&r->peers);
	pthread_mutex_destroy(&r->lock);
	proxies_free(&r->proxies);
	pthread_mutex_destroy(&r->proxies_lock);
	mem_free(r);
}

/* --- counters --------------------------------------------------------------- */

static void runtime_add(struct service_stats *to, struct listener *l)
{
	to->open += l->open;
	to->total += l->total;
	to->refused += l->refused;
}

struct runtime_stats runtime_stats(struct runtime *r)
{
	struct pool_stats pool = pool_stats(r->pool);
	struct service_stats sum = { 0 };

	pthread_mutex_lock(&r->lock);
	list_each(l, &r->listeners) runtime_add(&sum, container_of(l, struct listener, link));
	pthread_mutex_unlock(&r->lock);
	return (struct runtime_stats){
		.open = sum.open,
		.total = sum.total,
		.refused = sum.refused,
		.workers = pool.threads,
		.workers_busy = pool.busy,
		.run_queue = pool.queued,
	};
}

/* Is there an earlier listener of the same service? */
static bool seen_before(struct runtime *r, const struct listener *this)
{
	list_each(l, &r->listeners)
	{
		struct listener *other = container_of(l, struct listener, link);

		if (other == this)
			return false;
		if (strcmp(other->service.name, this->service.name) == 0)
			return true;
	}
	return false;
}

bool runtime_service_stats(struct runtime *r, size_t i, struct service_stats *out)
{
	struct service_stats sum = { 0 };

	pthread_mutex_lock(&r->lock);
	list_each(l, &r->listeners)
	{
		struct listener *first = container_of(l, struct listener, link);

		if (sum.name == NULL && (seen_before(r, first) || i-- != 0))
			continue;
		if (sum.name == NULL)
			sum.name = first->service.name;
		if (strcmp(sum.name, first->service.name) == 0)
			runtime_add(&sum, first);
	}
	pthread_mutex_unlock(&r->lock);
	*out = sum;
	return sum.name != NULL;
}

void runtime_metrics(struct runtime *r)
{
	struct runtime_stats s = runtime_stats(r);

	metric_set(METRIC_workers, s.workers);
	metric_set(METRIC_workers_busy, s.workers_busy);
}
