/* The socket for commands: who is on it, many at once, and its end while some are still there. */
#include "harness/check.h"

#include "foundation/base/fault.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "network/http_server/local.h"
#include "network/http_server/server.h"
#include "network/runtime/runtime.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CALLERS = 6, CALLS = 30 };

static char folder[] = "/tmp/roost-local-XXXXXX";
static struct runtime *runtime;
static struct http_server *server;
static struct http_local *local;

static void say_who(const struct http_request *q, struct http_response *r)
{
	http_say(r, 200, q->local ? "local" : "somebody");
}

static const struct http_route routes[] = {
	{ "GET", "/quick", say_who, HTTP_QUICK, 0 },
	{ "GET", "/pool", say_who, HTTP_POOL, 0 },
};

static int fixture_make(void **state)
{
	const struct runtime_config config = { .workers_max = 4 };
	struct http_config http = { .routes = routes, .route_count = COUNT(routes) };
	struct why why = { "" };

	(void)state;
	event_fd_set(-1);
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(runtime_new(&config, &runtime, &why), OK);
	http.pool = runtime_pool(runtime);
	assert_int_equal(http_server_new(&http, &server, &why), OK);
	assert_int_equal(runtime_start(runtime, &why), OK);
	assert_int_equal(http_local_open(server, str_of(folder), &local, &why), OK);
	return 0;
}

static int fixture_drop(void **state)
{
	(void)state;
	http_local_close(&local);
	runtime_stop(runtime, 1000);
	runtime_free(&runtime);
	http_server_free(&server);
	assert_int_equal(rmdir(folder), 0); /* nothing is left in it */
	return 0;
}

static int dial(void)
{
	struct sockaddr_un to;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(http_local_address(str_of(folder), &to));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static bool ask(const char *request)
{
	char answer[2048];
	size_t n = 0;
	ssize_t got;
	int fd = dial();

	(void)!send(fd, request, strlen(request), MSG_NOSIGNAL);
	while ((got = recv(fd, answer + n, sizeof answer - 1 - n, 0)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	close(fd);
	return strstr(answer, " 200 ") != NULL && strstr(answer, "\r\n\r\nlocal\n") != NULL;
}

static void *call_often(void *arg)
{
	const char *request = arg;
	size_t good = 0;

	for (size_t i = 0; i < CALLS; i++)
		good += ask(request);
	return good == CALLS ? arg : NULL;
}

static void many_at_once(void **state)
{
	static const char *const requests[] = {
		"GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"GET /pool HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	};
	pthread_t callers[CALLERS];
	void *good;

	(void)state;
	for (size_t i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_create(&callers[i], NULL, call_often,
		                                (void *)(uintptr_t)requests[i % 2]),
		                 0);
	for (size_t i = 0; i < CALLERS; i++) {
		assert_int_equal(pthread_join(callers[i], &good), 0);
		assert_non_null(good);
	}
}

static void nobody_else_may_open_it(void **state)
{
	struct sockaddr_un at;
	struct stat st;

	(void)state;
	assert_true(http_local_address(str_of(folder), &at));
	assert_int_equal(stat(at.sun_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* A request half sent, and a connection that says nothing. */
static void ends_while_some_are_there(void **state)
{
	int half = dial(), silent = dial();

	assert_int_equal(send(half, "GET /po", 7, MSG_NOSIGNAL), 7);
	fixture_drop(state);
	close(half);
	close(silent);
	fixture_make(state);
}

static void opens_or_says_why(void **state)
{
	struct http_local *other;
	struct why why = { "" };
	char path[200];

	(void)state;
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(http_local_open(server, str_of(path), &other, &why), ERR_LIMIT);
	assert_null(other);
	assert_int_equal(http_local_open(server, STR("/none/such"), &other, &why), ERR_MISSING);
	assert_null(other);
	http_local_close(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(nobody_else_may_open_it),
		cmocka_unit_test(ends_while_some_are_there),
		cmocka_unit_test(opens_or_says_why),
	};

	return cmocka_run_group_tests(tests, fixture_make, fixture_drop);
}
