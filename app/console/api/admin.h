/* console/api/admin.h: the URLs of the server itself: health checks, metrics, the first page.
 *
 *	/healthz/live     200 while the process answers at all
 *	/healthz/ready    200 when mail is served, else 503 and the reason
 *	/metrics          counters in Prometheus' text format
 *	all else          the web interface: network/http_server/assets.h */
#ifndef API_ADMIN_H
#define API_ADMIN_H
#include "foundation/base/err.h"
#include "network/http_server/http.h"

struct acme;
struct attempts;
struct certs;
struct delivery;
struct dns;
struct doctor;
struct jmap_logins;
struct jmap_server;
struct live;
struct lockout;
struct imports;
struct logins;
struct policy;
struct publisher;
struct ratelimit;
struct runtime;
struct settings;
struct settings_store;
struct store;
struct webhooks;

/* The context of the http_server that serves admin_routes. In a command without a server
 * (console/cli/call_store.c) it has store, settings, live, webhooks, version and commit; the rest
 * is NULL. */
struct admin {
	struct runtime *runtime;
	struct store *store;
	const struct settings *settings; /* those it was started with: listeners */
	struct live *live;               /* the present ones: the host name       */
	struct settings_store *changes;  /* of them                               */
	struct certs *certs;
	struct dns *dns;
	struct doctor *doctor;       /* looks at DNS now and then */
	struct publisher *publisher; /* puts what is ours into DNS, and rotates keys */
	struct report_out *reports;  /* to other domains */
	const struct delivery *delivery;
	struct policy *policy; /* checks of what comes in and of what programs send; NULL: none */
	struct str version, commit; /* of this binary */
	struct logins *logins;
	struct queue *queue;
	struct webhooks *webhooks; /* who hears what became of mail */
	int64_t begun_mono_ms;     /* when the server started */
	struct acme *acme;
	const struct jmap_server *jmap;
	struct jmap_logins *jmap_logins;
	struct lockout *claims;                 /* wrong setup tokens, by network */
	struct attempts *attempts;              /* to use a passkey                */
	struct ratelimit *calls, *calls_nobody; /* to the API, by network and minute */
	struct ratelimit *forms;                /* that are filled in, by network and hour */
	struct ratelimit *forms_all;            /* the same, by the form's name */
	struct imports *imports;                /* mail that comes from other servers */
	struct ratelimit *import_starts;        /* by account and hour                */
	struct ratelimit *self_tests;           /* the same                           */
	/* Is everything up? If not, why. Called from any thread. */
	bool (*ready)(void *arg, struct why *why);
	void *arg;
};

/* For http_config. A page outside of /api takes at most LIMIT_http_body_open, since no client has
 * logged in there, and a form that does not exist takes nothing. */
size_t admin_admit(const struct http_request *q, struct http_response *r, size_t max);

extern const struct http_route admin_routes[];
extern const size_t admin_route_count;

#endif
