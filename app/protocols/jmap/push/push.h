/* protocols/jmap/push/push.h: notifications of changed states (RFC 8620 7) over connections that
 * stay open.
 *
 *	changes.c        which states changed for a login
 *	event_source.c   Server-Sent Events (RFC 8620 7.3)
 *	socket.c         WebSocket (RFC 8887)
 *	dispatch.c       push subscriptions (RFC 8620 7.2)
 *
 * Each listener watches every account that its login sees: the own one, groups, and accounts that
 * share mailboxes with it. A commit wakes it; it then compares states in one transaction. Commits
 * that follow each other within PUSH_PAUSE_MS are one notification. A listener ends when its login
 * ends. */
#ifndef JMAP_PUSH_H
#define JMAP_PUSH_H
#include "foundation/base/buf.h"
#include "network/runtime/conn.h"
#include "protocols/jmap/jmap.h"

enum {
	PUSH_PAUSE_MS = 200,
	PUSH_CHECK_MS = 10000, /* between checks that the login is still valid */
};

void jmap_events_serve(const struct jmap_server *s, const struct jmap_caller *c,
                       const struct http_request *q, struct http_response *r);
void jmap_socket_serve(const struct jmap_server *s, const struct jmap_caller *c,
                       const struct http_request *q, struct http_response *r);

/* --- changes.c, for this folder --- */

struct push_account;

struct push_changes {
	const struct jmap_server *server;
	struct jmap_caller caller; /* its address is owned */
	struct waker waker;
	/* For listeners without a connection; called on a committing thread. NULL: none. */
	void (*notify)(void *arg);
	void *notify_arg;
	uint64_t types;                /* BIT of each row of the registry that the client wants */
	struct push_account *accounts; /* list */
};

void push_changes_init(struct push_changes *p, const struct jmap_server *s,
                       const struct jmap_caller *c);
/* Watch all accounts and take the present states as known. Errors are the store's. */
enum err push_changes_begin(struct push_changes *p, struct waker waker) MUST_USE;
void push_changes_deinit(struct push_changes *p);

/* Count a connection of the login's account. False: it has LIMIT_jmap_streams, and the response
 * says so. True: end it once, before push_changes_deinit. */
bool push_stream_begin(const struct jmap_server *s, const struct jmap_caller *c,
                       struct http_response *r) MUST_USE;
void push_stream_end(const struct push_changes *p);

/* The types of that list of names; all: "*". Unknown names are ignored (RFC 8620 7.3). */
void push_types_all(struct push_changes *p);
void push_types_add(struct push_changes *p, struct str name);

/* Would the login be right now? */
bool push_valid(const struct push_changes *p);
/* Append a StateChange (RFC 8620 7.1), with pushState if that is wanted, when a state differs from
 * the known one; the states are known then. *changed: there was one. state, in a: of everything
 * that the login sees, as pushState and as the id of an event. */
enum err push_changes_put(struct push_changes *p, bool with_state, struct arena *a, struct buf *out,
                          bool *changed, struct str *state) MUST_USE;
/* Every state counts as unknown: the next push_changes_put tells all. */
void push_changes_forget(struct push_changes *p);

#endif
