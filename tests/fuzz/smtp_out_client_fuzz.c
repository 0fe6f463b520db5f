/* The SMTP client against a server that says anything: the input is all that it says, on each
 * connection. Laws: the client comes to an end; every recipient has a result, and outcome and
 * code of each agree. The smarthost setting is parsed from the same bytes: what is accepted
 * has a host and a port, and a refusal never quotes it. */
#include "foundation/base/arena.h"
#include "foundation/observe/event.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "model/store/store.h"
#include "protocols/smtp_out/route_resolve.h"
#include "protocols/smtp_out/transaction.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct store *store;
static struct blob_id blob;
static struct out_route route;
static const struct out_way way;
static int listener;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct str script; /* lock */

/* Says it all at once, then listens until the client hangs up. */
static void *remote_run(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		char heard[4096];

		pthread_mutex_lock(&lock);
		if (send(fd, script.p, script.n, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			shutdown(fd, SHUT_WR);
		pthread_mutex_unlock(&lock);
		while (recv(fd, heard, sizeof heard, 0) > 0)
			;
		close(fd);
	}
	return NULL;
}

static enum err blob_make(struct txn *t, void *arg)
{
	return blob_put(t, arg, &blob);
}

static void setup(void)
{
	static const struct store_config config = { .backend = STORE_MEMORY, .create = true };
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct str body = STR("Subject: x\r\n\r\n.hello\r\n");
	socklen_t size = sizeof at;
	struct blob_draft *draft = NULL;
	pthread_t thread;

	event_fd_set(-1);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 10) != 0 ||
	    getsockname(listener, (struct sockaddr *)&at, &size) != 0 ||
	    pthread_create(&thread, NULL, remote_run, NULL) != 0)
		abort();
	pthread_detach(thread);
	addr_parse_ip(STR("127.0.0.1"), &route.hops[0].addr);
	route.hops[0].addr.port = ntohs(at.sin_port);
	route.hops[0].host = STR("remote.example");
	route.count = 1;
	if (store_open(&store, &config, NULL) != OK ||
	    blob_prepare(store, &body, 1, &draft, NULL) != OK ||
	    store_write(store, blob_make, draft, NULL) != OK)
		abort();
	blob_draft_free(&draft);
}

static void result_check(const struct queue_result *r)
{
	unsigned class = r->reply.code / 100;

	assert(r->outcome != QUEUE_DELIVERED || class == 2);
	/* 0: nobody said it */
	assert(r->outcome != QUEUE_FAILED || class == 5 || class == 0);
	assert(r->outcome != QUEUE_DELAYED || class == 3 || class == 4 || class == 0);
	assert(r->reply.remote.n != 0);
}

static void converse(const struct out_smarthost *smarthost)
{
	struct envelope_rcpt rcpts[3] = { { .address = { STR("a"), STR("remote.example") } },
		                          { .address = { STR("b c"), STR("remote.example") } },
		                          { .address = { STR("c"), STR("remote.example") } } };
	struct queue_item item = { .blob = blob,
		                   .size_bytes = 22,
		                   .envelope = { .rcpts = rcpts,
		                                 .rcpt_count = COUNT(rcpts) } };
	struct queue_result results[COUNT(rcpts)];
	struct out_session s;
	struct arena a = { 0 };

	out_session_init(&s, STR("mail.example.org"));
	route.way = &way;
	route.hops[0].relay = smarthost;
	if (out_session_open(&s, &route, OUT_TLS_NEED_NONE, NULL) == OK) {
		assert(out_session_is_open(&s));
		for (int i = 0; i < 2 && out_session_is_open(&s); i++) {
			out_transaction(&s, store, &item, &a, results);
			for (size_t k = 0; k < COUNT(rcpts); k++)
				result_check(&results[k]);
		}
	} else {
		assert(!out_session_is_open(&s) && s.reply.code != 0);
	}
	out_session_deinit(&s);
	arena_deinit(&a);
}

static void smarthost_law(struct str text)
{
	struct out_smarthost out;
	struct arena a = { 0 };
	struct why why = { "" };

	if (out_smarthost_parse(text, &a, &out, &why) == OK)
		assert(out.host.n != 0 && out.port != 0);
	else
		assert(strstr(why.text, "ROOST_SMARTHOST") != NULL);
	arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct out_smarthost login = { .user = STR("u"), .password = STR("p") };

	if (store == NULL)
		setup();
	if (n == 0)
		return 0;
	smarthost_law(str_from((const char *)data, n));
	pthread_mutex_lock(&lock);
	script = str_from((const char *)data, n);
	pthread_mutex_unlock(&lock);
	converse(data[n - 1] % 4 == 0 ? &login : NULL);
	pthread_mutex_lock(&lock); /* data goes away */
	script = STR_EMPTY;
	pthread_mutex_unlock(&lock);
	return 0;
}
