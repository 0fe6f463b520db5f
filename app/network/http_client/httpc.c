/* network/http_client/httpc.c: see httpc.h. The only file that uses libcurl. */
#include "network/http_client/httpc.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "network/http_client/tls_httpc.h"
#include "network/runtime/addr.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sys/socket.h>

struct httpc {
	CURL *curl;
	struct tls_httpc *tls;
	struct str dns_servers; /* owned */
	bool plain;
	/* Results of the last exchange: */
	bool refused; /* the server's certificate */
	bool silent;
	bool public_only;
	const atomic_bool *stop;
};

/* One exchange under way. */
struct exchange {
	struct httpc *client;
	struct arena *arena;
	struct httpc_response *response;
	struct buf body;
	size_t field_bytes;  /* of the last response */
	size_t header_bytes; /* of all responses     */
	bool over;           /* a maximum was exceeded */
};

static void curl_begin(void)
{
	CURLcode e = curl_global_init(CURL_GLOBAL_DEFAULT);

	assert(e == CURLE_OK);
	(void)e;
}

struct httpc *httpc_new(const struct httpc_config *config)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct httpc *h = NEW(struct httpc);

	pthread_once(&once, curl_begin);
	h->curl = curl_easy_init();
	assert(h->curl != NULL);
	h->tls = tls_httpc_new(config->trust);
	h->dns_servers = str_new(config->dns_servers);
	h->plain = config->plain;
	h->public_only = config->public_only;
	h->stop = config->stop;
	return h;
}

void httpc_free(struct httpc **h)
{
	if (*h == NULL)
		return;
	curl_easy_cleanup((*h)->curl);
	tls_httpc_free(&(*h)->tls);
	str_free(&(*h)->dns_servers);
	mem_clear(h);
}

/* --- callbacks of libcurl ------------------------------------------------------------------ */

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;

	buf_bytes(&x->body, p, size * n);
	x->over = x->over || !buf_ok(&x->body);
	return x->over ? 0 : size * n;
}

/* A line of the header: a status line begins a new response (after a redirect or 1xx), a field is
 * stored, the empty line at the end is ignored. */
static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	struct httpc_response *r = x->response;
	struct cur c = cur_of(str_from(p, size * n));
	struct str name;

	x->header_bytes += size * n;
	if (x->header_bytes > HTTPC_HEADER_BYTES) {
		x->over = true;
		return 0;
	}
	if (str_startsi(cur_rest(&c), STR("HTTP/"))) {
		r->field_count = 0;
		x->field_bytes = 0;
	} else if (cur_until(&c, ':', &name)) {
		struct str line = str_sub(cur_rest(&c), 1, size * n), value;
		struct cur rest = cur_of(line);

		x->field_bytes += size * n;
		if (r->field_count == HTTPC_FIELDS_MAX || x->field_bytes > HTTPC_FIELD_BYTES ||
		    !cur_line(&rest, &value)) {
			x->over = true;
			return 0;
		}
		r->fields[r->field_count++] =
			(struct httpc_field){ str_dup(x->arena, name),
			                      str_dup(x->arena, str_trim(value)) };
	}
	return size * n;
}

static CURLcode on_tls(CURL *curl, void *client_context, void *arg)
{
	(void)curl;
	tls_httpc_prepare(arg, client_context);
	return CURLE_OK;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct exchange *x = arg;

	(void)a, (void)b, (void)c, (void)d;
	return x->client->stop != NULL && atomic_load(x->client->stop);
}

/* Called for each resolved address, so that no name leads to a private address. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *at)
{
	struct addr to;

	(void)arg, (void)purpose;
	if (!addr_from_socket(&at->addr, &to) || !addr_is_public(&to))
		return CURL_SOCKET_BAD;
	return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

/* --- one request ------------------------------------------------------------------------- */

static void set_request(struct httpc *h, const struct httpc_request *q, struct exchange *x,
                        struct curl_slist *fields)
{
	CURL *c = h->curl;
	int64_t left_ms = q->deadline_ms - clock_mono_ms();

	curl_easy_setopt(c, CURLOPT_URL, str_z(x->arena, q->url));
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, h->plain ? "https,http" : "https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, h->plain ? "https,http" : "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, q->redirects > 0 ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)q->redirects);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, q->method);
	curl_easy_setopt(c, CURLOPT_NOBODY, str_eq(str_of(q->method), STR("HEAD")) ? 1L : 0L);
	if (q->type != NULL) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, q->body.p);
	}
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, fields);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "Roost");
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)MAX(left_ms, 1));
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_SSL_SESSIONID_CACHE, 0L); /* every chain is verified */
	curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, h->tls);
	if (h->dns_servers.n != 0)
		curl_easy_setopt(c, CURLOPT_DNS_SERVERS, str_z(x->arena, h->dns_servers));
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
	if (h->public_only)
		curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, x);
}

/* Scheme and host: the part of a URL that is logged, because the rest may contain secrets. */
static struct str httpc_place(struct str url)
{
	ptrdiff_t scheme = str_find(url, STR("://"));
	size_t begin = scheme < 0 ? 0 : (size_t)scheme + 3, n = begin;

	while (n < url.n && url.p[n] != '/' && url.p[n] != '?' && url.p[n] != '#')
		n++;
	for (size_t i = begin; i < n; i++)
		if (url.p[i] == '@') /* RFC 3986 3.2.1: a name, maybe a password */
			return str_sub(url, 0, begin);
	return str_sub(url, 0, n);
}

static bool is_silence(CURLcode code)
{
	return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
	       code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK;
}

/* Map an error of libcurl. */
static enum err httpc_failed(const struct exchange *x, const struct httpc_request *q, CURLcode code,
                       const char *detail, struct why *why)
{
	struct str at = httpc_place(q->url);
	struct why refused;
	const char *words = detail[0] != '\0' ? detail : curl_easy_strerror(code);

	if (x->over)
		return fail(why, ERR_LIMIT, "%.*s: the answer is too long", STR_ARG(at));
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR)
		if ((x->client->refused = tls_httpc_refused(x->client->tls, &refused)))
			words = refused.text;
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return fail(why, ERR_SYNTAX, "%.*s: no URL that can be used (%s)", STR_ARG(at),
		            words);
	case CURLE_ABORTED_BY_CALLBACK:
		return fail(why, ERR_RETRY, "%.*s: stopped", STR_ARG(at));
	case CURLE_OPERATION_TIMEDOUT:
		return fail(why, ERR_RETRY, "%.*s: no answer in time", STR_ARG(at));
	default:
		return fail(why, ERR_IO, "%.*s: %s", STR_ARG(at), words);
	}
}

static enum err perform(struct httpc *h, const struct httpc_request *q, struct exchange *x,
                        struct why *why)
{
	char detail[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURLcode code;

	curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, detail);
	code = fault("httpc_ask") ? CURLE_COULDNT_CONNECT : curl_easy_perform(h->curl);
	h->silent = is_silence(code);
	if (code != CURLE_OK)
		return httpc_failed(x, q, code, detail, why);
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	x->response->status = (unsigned)status;
	x->response->body = str_dup(x->arena, buf_str(&x->body));
	return OK;
}

static bool plain_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127)
			return false;
	return true;
}

static bool fields_add(struct curl_slist **list, const struct httpc_request *q, struct arena *a)
{
	for (size_t i = 0; i < q->field_count; i++) {
		const struct httpc_field *f = &q->fields[i];

		if (!plain_text(f->name) || !plain_text(f->value))
			return false;
		*list = curl_slist_append(*list, str_z(a, str_fmt(a, "%.*s: %.*s", STR_ARG(f->name),
		                                                  STR_ARG(f->value))));
	}
	return true;
}

enum err httpc_ask(struct httpc *h, const struct httpc_request *q, struct arena *a,
                   struct httpc_response *out, struct why *why)
{
	struct exchange x = { .client = h, .arena = a, .response = out };
	struct curl_slist *fields = NULL;
	enum err e;

	h->refused = h->silent = false;
	*out = (struct httpc_response){ .fields = arena_array(a, struct httpc_field,
		                                              HTTPC_FIELDS_MAX) };
	buf_init(&x.body, q->answer_max);
	if (q->type != NULL)
		fields = curl_slist_append(fields,
		                           str_z(a, str_fmt(a, "Content-Type: %s", q->type)));
	/* No "Expect: 100-continue": bodies are small, and the wait is long */
	fields = curl_slist_append(fields, "Expect:");
	curl_easy_reset(h->curl); /* keeps connections, clears options */
	if (fields_add(&fields, q, a)) {
		set_request(h, q, &x, fields);
		e = perform(h, q, &x, why);
	} else {
		e = fail(why, ERR_SYNTAX, "%.*s: a header field is not one line",
		         STR_ARG(httpc_place(q->url)));
	}
	curl_slist_free_all(fields);
	buf_deinit(&x.body);
	return e;
}

bool httpc_refused(const struct httpc *h)
{
	return h->refused;
}

bool httpc_silent(const struct httpc *h)
{
	return h->silent;
}

struct str httpc_field(const struct httpc_response *r, const char *name)
{
	for (size_t i = 0; i < r->field_count; i++)
		if (str_eqi(r->fields[i].name, str_of(name)))
			return r->fields[i].value;
	return STR_EMPTY;
}
