/* network/http_client/httpc.h: an HTTP and HTTPS client, for certification authorities, provider
 * APIs and webhooks.
 *
 * A wrapper of libcurl, with BearSSL for TLS and c-ares for DNS. Every request has a deadline and
 * every answer a maximum; redirects are followed only on request. Proxies, cookies, credentials and
 * configuration of the environment are ignored. HTTPS always verifies chain and name. */
#ifndef HTTP_CLIENT_HTTPC_H
#define HTTP_CLIENT_HTTPC_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

#include <stdatomic.h>

struct httpc;
struct trust;

struct httpc_config {
	const struct trust *trust; /* the trusted roots; borrowed */
	struct str dns_servers;    /* "address:port,..."; empty: the system's                  */
	bool plain;                /* allow http:// URLs */
	bool public_only;          /* no connection to a private address (addr.h), for URLs from
	                            * strangers */
	const atomic_bool *stop;   /* cancel within some 100 ms once it is set; may be NULL */
};

/* Belongs to one thread at a time; keeps a connection open between requests to one host. */
struct httpc *httpc_new(const struct httpc_config *config) MUST_USE;
/* NULL is a no-op; clears *h. */
void httpc_free(struct httpc **h);

enum {
	HTTPC_FIELDS_MAX = 64,
	HTTPC_FIELD_BYTES = 8192,                   /* of one response                      */
	HTTPC_HEADER_BYTES = 8 * HTTPC_FIELD_BYTES, /* of all, with redirects and 1xx ones  */
};

struct httpc_field {
	struct str name, value;
};

struct httpc_request {
	const char *method; /* "GET", "HEAD", "POST"                             */
	struct str url;     /* checked: https, or http where config allows it    */
	const char *type;   /* Content-Type of body; NULL: no body                */
	struct str body;
	int64_t deadline_ms; /* point of clock_mono_ms                             */
	size_t answer_max;   /* most bytes of an answer */
	unsigned redirects;  /* the most that are followed */
	/* Further fields. Control characters in a name or value: ERR_SYNTAX. */
	const struct httpc_field *fields;
	size_t field_count;
};

struct httpc_response {
	unsigned status;
	struct str body;
	struct httpc_field *fields; /* of the last response */
	size_t field_count;
};

/* One exchange; the response lives in a. Any status is OK: the caller checks it. ERR_SYNTAX: the
 * URL; ERR_LIMIT: answer_max or too many header fields; ERR_RETRY: the deadline has passed or stop
 * was set; ERR_IO: no connection, TLS refused. why names the host only, because the rest of the URL
 * may be a secret. */
enum err httpc_ask(struct httpc *h, const struct httpc_request *q, struct arena *a,
                   struct httpc_response *out, struct why *why) MUST_USE;

/* Did the last exchange end because the server's certificate is not valid? */
bool httpc_refused(const struct httpc *h);
/* Did it end without a server: no address, no connection, or no answer in time? */
bool httpc_silent(const struct httpc *h);

/* The first field of this name, any case; empty when there is none. */
struct str httpc_field(const struct httpc_response *r, const char *name);

#endif
