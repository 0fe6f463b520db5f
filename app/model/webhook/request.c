/* model/webhook/request.c: see request.h. */
#include "model/webhook/request.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/base64.h"
#include "network/tls/trust.h"

#include <pthread.h>

enum { IDLE_MAX = 8, SIGNED_MAX = 128 };

/* --- clients -------------------------------------------------------------------- */

/* Idle clients and their connections, kept because most requests go to the same host. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct idle {
	struct httpc *http;
	struct str dns_servers; /* the setting when it was made */
	const atomic_bool *stop;
} idle[IDLE_MAX]; /* lock */

static struct httpc *client_take(const struct webhook_request *q)
{
	const struct httpc_config config = { .trust = &trust_builtin,
		                             .dns_servers = q->dns_servers,
		                             .plain = true,
		                             .stop = q->stop };
	struct httpc *h = NULL;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; h == NULL && i < COUNT(idle); i++)
		if (idle[i].http != NULL && idle[i].stop == q->stop &&
		    str_eq(idle[i].dns_servers, q->dns_servers)) {
			h = idle[i].http;
			idle[i].http = NULL;
			str_free(&idle[i].dns_servers);
		}
	pthread_mutex_unlock(&lock);
	return h != NULL ? h : httpc_new(&config);
}

static void client_give(struct httpc *h, const struct webhook_request *q)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; h != NULL && i < COUNT(idle); i++)
		if (idle[i].http == NULL) {
			idle[i] = (struct idle){ h, str_new(q->dns_servers), q->stop };
			h = NULL;
		}
	pthread_mutex_unlock(&lock);
	httpc_free(&h);
}

void webhook_forget(const atomic_bool *stop)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < COUNT(idle); i++)
		if (idle[i].http != NULL && idle[i].stop == stop) {
			httpc_free(&idle[i].http);
			str_free(&idle[i].dns_servers);
		}
	pthread_mutex_unlock(&lock);
}

/* --- the signature ---------------------------------------------------------------- */

/* "v1," and the base64 of HMAC-SHA-256 over "id.time.body". */
static struct str signature(const struct webhook_request *q, struct str time, struct arena *a)
{
	uint8_t mac[HASH_BYTES];
	struct str text;
	struct buf b;

	buf_init(&b, q->id.n + time.n + q->body.n + SIGNED_MAX);
	buf_put(&b, q->id);
	buf_byte(&b, '.');
	buf_put(&b, time);
	buf_byte(&b, '.');
	buf_put(&b, q->body);
	hash_hmac_sha256(q->secret, buf_str(&b), mac);
	buf_reset(&b);
	buf_put(&b, STR("v1,"));
	base64_put(&b, str_from((const char *)mac, sizeof mac));
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* --- the request -------------------------------------------------------------------- */

enum err webhook_post(const struct webhook_request *q, struct arena *a, struct httpc_response *out,
                      struct why *why)
{
	struct str time = str_fmt(a, "%" PRIi64, clock_real_ms() / 1000);
	const struct httpc_field fields[] = {
		{ STR("webhook-id"), q->id },
		{ STR("webhook-timestamp"), time },
		{ STR("webhook-signature"), q->secret.n != 0 ? signature(q, time, a) : STR_EMPTY },
	};
	const struct httpc_request request = { .method = "POST",
		                               .url = q->url,
		                               .type = "application/json",
		                               .body = q->body,
		                               .deadline_ms = q->deadline_ms,
		                               .answer_max = q->answer_max,
		                               .fields = fields,
		                               .field_count = q->secret.n != 0 ? 3 : 2 };
	struct httpc *h = client_take(q);
	enum err e = httpc_ask(h, &request, a, out, why);

	if (e == OK)
		client_give(h, q);
	else
		httpc_free(&h);
	return e;
}
