/* The answers of a server to the HTTP client, over a socket. The first byte chooses how many
 * redirects are followed and the size of the pieces. Laws: body and fields are within what was
 * asked for, and so is all memory, whatever comes and however often; no field has a line end in
 * it; an error has words that name the host; and the same comes of the same bytes in pieces. */
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "network/http_client/httpc.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { INPUT_MAX = 32768, ANSWER_MAX = 4096, MEMORY_MAX = 512 << 10, END_MS = 20000 };

/* Answers each connection with the same bytes. It may still answer one that the client has given
 * up when the input is gone, so it has a copy. */
static struct {
	int fd;
	unsigned port;
	pthread_mutex_t lock; /* of what follows */
	char bytes[INPUT_MAX];
	size_t n, piece;
} host = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void host_set(struct str bytes, size_t piece)
{
	pthread_mutex_lock(&host.lock);
	memcpy(host.bytes, bytes.p, bytes.n);
	host.n = bytes.n;
	host.piece = piece;
	pthread_mutex_unlock(&host.lock);
}

/* Into to, which has room for INPUT_MAX bytes. */
static struct str host_get(char *to, size_t *piece)
{
	size_t n;

	pthread_mutex_lock(&host.lock);
	memcpy(to, host.bytes, n = host.n);
	*piece = host.piece;
	pthread_mutex_unlock(&host.lock);
	return str_from(to, n);
}

static void answer(int fd)
{
	char request[4096], bytes[INPUT_MAX];
	size_t piece;
	struct str rest = host_get(bytes, &piece);

	if (recv(fd, request, sizeof request, 0) <= 0)
		return;
	while (rest.n != 0) {
		ssize_t sent = send(fd, rest.p, MIN(rest.n, piece), MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		rest = str_sub(rest, (size_t)sent, rest.n);
	}
}

static void *serve(void *arg)
{
	(void)arg;
	for (;;) {
		int fd = accept(host.fd, NULL, NULL);

		if (fd < 0)
			abort();
		answer(fd);
		shutdown(fd, SHUT_WR);
		close(fd);
	}
	return NULL;
}

static void host_begin(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	pthread_t thread;

	host.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (host.fd < 0 || bind(host.fd, (struct sockaddr *)&at, size) != 0 ||
	    listen(host.fd, 16) != 0 || getsockname(host.fd, (struct sockaddr *)&at, &size) != 0 ||
	    pthread_create(&thread, NULL, serve, NULL) != 0)
		abort();
	host.port = ntohs(at.sin_port);
}

static struct httpc *client_new(void)
{
	static const struct httpc_config config = { .plain = true };

	return httpc_new(&config);
}

static enum err ask(struct str bytes, size_t piece, unsigned redirects, struct arena *a,
                    struct httpc_response *out)
{
	struct httpc *h = client_new();
	struct why why = { "" };
	struct httpc_request q = { .method = "GET",
		                   .deadline_ms = clock_mono_ms() + END_MS,
		                   .answer_max = ANSWER_MAX,
		                   .redirects = redirects };
	enum err e;

	host_set(bytes, piece);
	q.url = str_fmt(a, "http://127.0.0.1:%u/secret", host.port);
	e = httpc_ask(h, &q, a, out, &why);
	assert(a->used_bytes <= MEMORY_MAX);
	assert(out->field_count <= HTTPC_FIELDS_MAX && out->body.n <= ANSWER_MAX);
	for (size_t i = 0; i < out->field_count; i++) {
		assert(str_find_byte(out->fields[i].value, '\n') < 0);
		assert(str_find_byte(out->fields[i].name, '\n') < 0);
	}
	if (e != OK)
		assert(str_starts(str_of(why.text), STR("http://127.0.0.1")) &&
		       str_find(str_of(why.text), STR("secret")) < 0);
	httpc_free(&h);
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct httpc_response whole, pieces;
	struct arena a = { 0 }, b = { 0 };
	struct str bytes;
	enum err e;

	if (n < 2 || n > INPUT_MAX)
		return 0;
	if (host.port == 0)
		host_begin();
	bytes = str_from((const char *)data + 1, n - 1);
	e = ask(bytes, SIZE_MAX, data[0] % 3u, &a, &whole);
	if (ask(bytes, 1 + n / 8, data[0] % 3u, &b, &pieces) == OK && e == OK) {
		assert(whole.status == pieces.status && str_eq(whole.body, pieces.body));
		assert(whole.field_count == pieces.field_count);
	}
	arena_deinit(&a);
	arena_deinit(&b);
	return 0;
}
