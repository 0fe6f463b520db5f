/* Webhooks and the client that HTTP hooks share with them while several threads are at work:
 * events that come from all sides while they are told, and requests while connections that are
 * kept are closed. ThreadSanitizer watches. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/clock.h"
#include "foundation/config/live.h"
#include "foundation/crypto/crypto.h"
#include "model/webhook/request.h"
#include "model/webhook/webhook.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WRITERS = 3, EVENTS = 20, ENDPOINTS = 2, ASKERS = 4, REQUESTS = 30, CONNECTIONS_MAX = 512 };

/* --- the programs that are told ------------------------------------------------------------- */

static struct host {
	int fd;
	unsigned port;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t more;
	int fds[CONNECTIONS_MAX];
	pthread_t threads[CONNECTIONS_MAX];
	size_t connections;
	bool told[ENDPOINTS][WRITERS * EVENTS];
	unsigned count; /* of told */
} host = { .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };

/* "POST /1 ..." with "user7@" in its body: event 7 for endpoint 1. */
static void note(const char *request)
{
	const char *user = strstr(request, "\"user");
	unsigned endpoint = 0, number = 0;

	if (user == NULL || sscanf(request, "POST /%u ", &endpoint) != 1)
		return;
	assert(sscanf(user, "\"user%u@", &number) == 1);
	assert(endpoint < ENDPOINTS && number < WRITERS * EVENTS);
	pthread_mutex_lock(&host.lock);
	host.count += !host.told[endpoint][number];
	host.told[endpoint][number] = true;
	pthread_cond_signal(&host.more);
	pthread_mutex_unlock(&host.lock);
}

/* One request, NUL-terminated, into to. False: the client has closed. */
static bool request_read(int fd, char *to, size_t size)
{
	size_t n = 0;
	const char *end = NULL, *length;

	for (;;) {
		ssize_t got = recv(fd, to + n, size - 1 - n, 0);

		if (got <= 0)
			return false;
		to[n += (size_t)got] = '\0';
		end = strstr(to, "\r\n\r\n");
		length = strcasestr(to, "content-length:");
		if (end != NULL && length != NULL &&
		    n >= (size_t)(end + 4 - to) + strtoul(length + 15, NULL, 10))
			return true;
	}
}

static void *connection_serve(void *arg)
{
	static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
	int fd = *(const int *)arg;
	char request[8192];

	while (request_read(fd, request, sizeof request)) {
		note(request);
		if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
			break;
	}
	shutdown(fd, SHUT_RDWR);
	return NULL;
}

static void *serve(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept(host.fd, NULL, NULL)) >= 0) {
		size_t i = host.connections++;

		assert(i < CONNECTIONS_MAX);
		host.fds[i] = fd;
		assert(pthread_create(&host.threads[i], NULL, connection_serve, &host.fds[i]) == 0);
	}
	return NULL;
}

static int host_begin(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;

	(void)state;
	host.connections = host.count = 0;
	memset(host.told, 0, sizeof host.told);
	host.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(host.fd >= 0 && bind(host.fd, (struct sockaddr *)&at, size) == 0);
	assert_int_equal(listen(host.fd, 64), 0);
	assert_int_equal(getsockname(host.fd, (struct sockaddr *)&at, &size), 0);
	host.port = ntohs(at.sin_port);
	return pthread_create(&host.thread, NULL, serve, NULL);
}

static int host_end(void **state)
{
	(void)state;
	shutdown(host.fd, SHUT_RDWR);
	pthread_join(host.thread, NULL);
	close(host.fd);
	for (size_t i = 0; i < host.connections; i++) {
		shutdown(host.fds[i], SHUT_RDWR);
		pthread_join(host.threads[i], NULL);
		close(host.fds[i]);
	}
	return 0;
}

/* --- events ---------------------------------------------------------------------------------- */

struct shared {
	struct store *store;
	struct webhooks *webhooks;
	struct live *live;
	atomic_bool over;
};

struct writer {
	struct shared *shared;
	unsigned first, next;
	pthread_t thread;
};

static enum err event_put(struct txn *t, void *arg)
{
	struct writer *w = arg;
	struct arena a = { 0 };
	const struct webhook_event event = {
		.kind = WEBHOOK_DELIVERED,
		.time_ms = clock_real_ms(),
		.sender = { STR("eve"), STR("example.org") },
		.rcpt = str_fmt(&a, "user%u@example.net", w->next),
	};
	enum err e = webhook_put(w->shared->webhooks, t, &event);

	arena_deinit(&a);
	return e;
}

static void *events_write(void *arg)
{
	struct writer *w = arg;

	for (w->next = w->first; w->next < w->first + EVENTS; w->next++)
		assert(store_write(w->shared->store, event_put, w, NULL) == OK);
	return NULL;
}

static void *states_look(void *arg)
{
	struct shared *s = arg;

	while (!atomic_load(&s->over)) {
		struct webhook_states states;
		struct arena a = { 0 };

		assert(webhooks_states_get(s->webhooks, &a, &states) == OK);
		assert(states.count == ENDPOINTS);
		arena_deinit(&a);
	}
	return NULL;
}

/* A new snapshot of the same settings. */
static void *settings_change(void *arg)
{
	struct shared *s = arg;

	while (!atomic_load(&s->over)) {
		struct settings_stored none = { 0 };
		const struct settings *now;

		assert(live_try(s->live, &none, &now, NULL) == OK);
		live_publish(s->live, now);
		webhooks_wake(s->webhooks);
	}
	return NULL;
}

static void events_from_all_sides(void **state)
{
	char variable[128];
	char *environment[] = { variable, NULL };
	struct settings_stored none = { 0 };
	struct shared s = { .over = false };
	struct writer writers[WRITERS];
	pthread_t looker, changer;
	struct temp_store ts;

	(void)state;
	snprintf(variable, sizeof variable,
	         "ROOST_WEBHOOKS=http://127.0.0.1:%u/0\nhttp://127.0.0.1:%u/1 secret=%s", host.port,
	         host.port, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3");
	temp_store_open(&ts, STORE_LMDB);
	s.store = ts.store;
	assert_int_equal(live_new(environment, &none, &s.live, NULL), OK);
	s.webhooks = webhooks_new(&(struct webhooks_config){ s.store, s.live });
	assert_int_equal(webhooks_start(s.webhooks, NULL), OK);
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .shared = &s, .first = i * EVENTS };
		assert_int_equal(
			pthread_create(&writers[i].thread, NULL, events_write, &writers[i]), 0);
	}
	assert_int_equal(pthread_create(&looker, NULL, states_look, &s), 0);
	assert_int_equal(pthread_create(&changer, NULL, settings_change, &s), 0);
	pthread_mutex_lock(&host.lock);
	while (host.count < ENDPOINTS * WRITERS * EVENTS)
		pthread_cond_wait(&host.more, &host.lock);
	pthread_mutex_unlock(&host.lock);
	atomic_store(&s.over, true);
	for (unsigned i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	pthread_join(looker, NULL);
	pthread_join(changer, NULL);
	webhooks_free(&s.webhooks);
	live_free(&s.live);
	temp_store_remove(&ts);
}

/* --- requests -------------------------------------------------------------------------------- */

static atomic_bool stops[2];
static atomic_uint asking;

static void *requests_post(void *arg)
{
	char url[64];

	snprintf(url, sizeof url, "http://127.0.0.1:%u/9", host.port);
	for (int i = 0; i < REQUESTS; i++) {
		const struct webhook_request q = { .url = str_of(url),
			                           .secret = STR("s3cret"),
			                           .id = STR("msg_1"),
			                           .body = STR("{}"),
			                           .deadline_ms = clock_mono_ms() + 20000,
			                           .answer_max = 100,
			                           .stop = arg };
		struct httpc_response response = { .status = 0 };
		struct arena a = { 0 };

		assert(webhook_post(&q, &a, &response, NULL) == OK);
		assert(response.status == 204);
		arena_deinit(&a);
	}
	atomic_fetch_sub(&asking, 1);
	return NULL;
}

static void clients_are_shared(void **state)
{
	pthread_t askers[ASKERS];

	(void)state;
	atomic_store(&asking, ASKERS);
	for (size_t i = 0; i < ASKERS; i++)
		assert_int_equal(pthread_create(&askers[i], NULL, requests_post,
		                                i < 2 ? NULL : &stops[i % 2]),
		                 0);
	while (atomic_load(&asking) != 0) {
		webhook_forget(&stops[0]);
		webhook_forget(&stops[1]);
	}
	for (size_t i = 0; i < ASKERS; i++)
		pthread_join(askers[i], NULL);
	webhook_forget(NULL);
	webhook_forget(&stops[0]);
	webhook_forget(&stops[1]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events_from_all_sides, host_begin, host_end),
		cmocka_unit_test_setup_teardown(clients_are_shared, host_begin, host_end),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
