/* network/http_client/httpc.h: an HTTP and HTTPS client, for authorities, provider APIs and the
 * like.
 *
 * libcurl does the work, BearSSL its TLS, c-ares its DNS. Every request has a deadline and its
 * answer a maximum; redirects are followed only where asked for; no proxy, cookie, credential
 * or configuration of the environment plays a part. HTTPS always verifies chain and name. */
#ifndef HTTP_CLIENT_HTTPC_H
#define HTTP_CLIENT_HTTPC_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

#include <stdatomic.h>

struct httpc;
struct trust;

struct httpc_config {
	const struct trust *trust; /* the roots to believe; borrowed                           */
	struct str dns_servers;    /* "address:port,..."; empty: the system's                  */
	bool plain;                /* also http:// URLs                                        */
	bool public_only;          /* no connection to a private address (addr.h): strangers say
	                            * where to                                              */
	const atomic_bool *stop;   /* give up within some 100 ms once it is set; may be NULL   */
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
	size_t answer_max;   /* most bytes of an answer                            */
	unsigned redirects;  /* how many are followed                              */
	/* Sent beside ours. Neither name nor value may have control characters: ERR_SYNTAX. */
	const struct httpc_field *fields;
	size_t field_count;
};

struct httpc_response {
	unsigned status;
	struct str body;
	struct httpc_field *fields; /* of the last response */
	size_t field_count;
};

/* One exchange; what comes back lives in a. Any status is OK: the caller judges it.
 * ERR_SYNTAX: the URL; ERR_LIMIT: answer_max or too many header fields; ERR_RETRY: time is over
 * or stop was set; ERR_IO: no connection, TLS refused; in words,
 * which name the host and no more of the URL: that may be a secret. */
enum err httpc_ask(struct httpc *h, const struct httpc_request *q, struct arena *a,
                   struct httpc_response *out, struct why *why) MUST_USE;

/* Did the last exchange end because the server's certificate is not good? */
bool httpc_refused(const struct httpc *h);
/* Did it end without anybody there: no address, no connection, or no answer in time? */
bool httpc_silent(const struct httpc *h);

/* The first field of this name, any case; empty when there is none. */
struct str httpc_field(const struct httpc_response *r, const char *name);

#endif
