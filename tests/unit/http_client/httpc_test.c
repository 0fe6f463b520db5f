/* The HTTP client: what a server says before its answer is bounded, too. */
#include "harness/check.h"

#include "foundation/base/clock.h"
#include "network/http_client/httpc.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct host {
	int fd;
	const char *before; /* again and again, so many times at most */
	unsigned times;
	const char *after;
};

static void send_all(int fd, struct str s)
{
	while (s.n != 0) {
		ssize_t sent = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		s = str_sub(s, (size_t)sent, s.n);
	}
}

static void *serve(void *arg)
{
	const struct host *h = arg;
	char request[4096];
	int fd = accept(h->fd, NULL, NULL);

	if (fd >= 0 && recv(fd, request, sizeof request, 0) > 0) {
		for (unsigned i = 0; i < h->times; i++)
			send_all(fd, str_of(h->before));
		send_all(fd, str_of(h->after));
	}
	close(fd);
	return NULL;
}

static unsigned host_open(struct host *h)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;

	h->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(h->fd >= 0 && bind(h->fd, (struct sockaddr *)&at, size) == 0);
	assert_int_equal(listen(h->fd, 1), 0);
	assert_int_equal(getsockname(h->fd, (struct sockaddr *)&at, &size), 0);
	return ntohs(at.sin_port);
}

static enum err asked(struct host *h, struct arena *a, struct httpc_response *out)
{
	const struct httpc_config config = { .plain = true };
	struct httpc_request q = { .method = "GET",
		                   .deadline_ms = clock_mono_ms() + 60000,
		                   .answer_max = 1000 };
	struct httpc *client;
	pthread_t thread;
	enum err e;

	q.url = str_fmt(a, "http://127.0.0.1:%u/", host_open(h));
	assert_int_equal(pthread_create(&thread, NULL, serve, h), 0);
	client = httpc_new(&config);
	e = httpc_ask(client, &q, a, out, NULL);
	httpc_free(&client);
	close(h->fd);
	pthread_join(thread, NULL);
	return e;
}

static void hints_without_end(void **state)
{
	struct host h = { .before = "HTTP/1.1 103 Early Hints\r\na:b\r\nc:d\r\ne:f\r\n\r\n",
		          .times = 30000,
		          .after = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" };
	struct httpc_response r;
	struct arena a = { 0 };

	(void)state;
	assert_int_equal(asked(&h, &a, &r), ERR_LIMIT);
	assert_true(a.used_bytes < 1 << 20);
	arena_deinit(&a);
	h.times = 3;
	assert_int_equal(asked(&h, &a, &r), OK);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.field_count, 1);
	check_str(r.body, STR("hi"));
	arena_deinit(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hints_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
