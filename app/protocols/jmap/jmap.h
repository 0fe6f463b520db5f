/* protocols/jmap/jmap.h: the JMAP server (RFC 8620, RFC 8621), behind routes of the HTTP server.
 *
 *	/.well-known/jmap, /jmap/session    the session object (RFC 8620 2)
 *	/jmap/api                           method calls (RFC 8620 3)
 *	/jmap/upload/ACCOUNT                a blob (RFC 8620 6.1)
 *	/jmap/download/ACCOUNT/BLOB/NAME    a blob (RFC 8620 6.2)
 *	/jmap/events                        EventSource (RFC 8620 7.3)
 *	/jmap/socket                        WebSocket (RFC 8887)
 *
 *	request/   request machinery: method calls, references, arguments, /get, /set, /query
 *	types/     one file for each object type; registry.c lists them
 *	blobs/     upload, download, what a blob id means
 *	push/      EventSource, WebSocket, push subscriptions
 *
 * console/api identifies the caller and passes it down; this folder knows no cookie and no token.
 *
 * Ids are those of IMAP (RFC 8474): mailbox "F1-7", email "M1-55", thread "T1-55": the account,
 * then the number (ids.h). An account is "a1". */
#ifndef JMAP_H
#define JMAP_H
#include "foundation/base/str.h"
#include "network/http_server/http.h"
#include "network/runtime/addr.h"

struct delivery;
struct live;
struct mailboxes;
struct policy;
struct queue;
struct store;
struct txn;
struct jmap_caller;

/* Created once in console/server. */
struct jmap_server {
	struct store *store;
	const struct mailboxes *mailboxes;
	const struct delivery *delivery;
	struct policy *policy; /* limits of outgoing mail */
	struct queue *queue;
	struct live *live;       /* settings */
	struct jmap_push *push;  /* push/dispatch.h; NULL: no push messages */
	/* ERR_MISSING: the credential of the caller's account and login has ended. NULL: none
	 * does. */
	enum err (*login_check)(struct txn *t, const struct jmap_caller *c);
	struct jmap_load *load;  /* concurrent requests and uploads by account: request/load.h */
	const struct jmap_registry *registry; /* request/type.h; NULL: jmap_registry */
};

/* A login may use these; the password of the account and the session of the console: all. */
enum jmap_scope {
	JMAP_MAIL = BIT(0), /* app passwords for IMAP, tokens with the scope of mail */
	JMAP_SUBMISSION = BIT(1),
	JMAP_SIEVE = BIT(2), /* Sieve scripts and vacation */
	JMAP_ALL = BIT(3) - 1,
};

enum { JMAP_PROOF_BYTES = 64, JMAP_LOGIN_BYTES = 48 };

struct jmap_caller {
	uint32_t account;
	struct str address;
	struct addr peer;   /* of the request, for the log and traces of mail that it sends */
	bool tls;
	struct str request; /* its id */
	unsigned scopes;       /* of enum jmap_scope */
	/* The credential of this login, in a form that the store may keep: push subscriptions end
	 * with it. */
	uint8_t login[JMAP_LOGIN_BYTES];
	/* For long connections: would the login be right now? Reads the store. A copy of the caller
	 * may be kept; arg lives as long as the server. NULL: it always is. */
	bool (*still_valid)(const struct jmap_caller *caller, void *arg);
	void *arg;
	_Alignas(8) uint8_t proof[JMAP_PROOF_BYTES]; /* of still_valid */
};

void jmap_session_serve(const struct jmap_server *s, const struct jmap_caller *c,
                        const struct http_request *q, struct http_response *r);
void jmap_api_serve(const struct jmap_server *s, const struct jmap_caller *c,
                    const struct http_request *q, struct http_response *r);
void jmap_upload_serve(const struct jmap_server *s, const struct jmap_caller *c,
                       const struct http_request *q, struct http_response *r);
void jmap_download_serve(const struct jmap_server *s, const struct jmap_caller *c,
                         const struct http_request *q, struct http_response *r);

#endif
