/* console/api/access/scope.h: what of the server's doings a caller may watch.
 *
 * An owner everything. A domain administrator what is of his domains, and nothing that tells of
 * the other domains of this server:
 *
 *	queue   an entry, whole or not at all, with all that can be done to it but choose its way,
 *	        which owners do: when somebody who was logged in sent it from an address of his
 *	        domains, or when everybody it is still for is at his domains. A sender that nobody
 *	        proved counts for nothing.
 *	trace   when such a sender wrote it, or somebody it is addressed to is his. Of one that
 *	        others got too, only his recipients and what became of their copies, unless the
 *	        sender is his. Who is at another domain of ours is never named but where his sender
 *	        named him; what a bounce would tell his sender, it tells.
 *	event   when one of its fields has an address of his domains, and none has one of another
 *	        domain of ours. Those of the queue are left to its page. */
#ifndef API_SCOPE_H
#define API_SCOPE_H
#include "foundation/base/err.h"
#include "model/directory/directory.h"

struct api_call;
struct queue_item;
struct recent_event;
struct trace;
struct txn;

struct scope {
	bool all;
	struct str mine;         /* names with a blank between */
	struct domain_list ours; /* unless all                 */
};

/* The caller's scope, in the call's arena. Errors are the store's. */
enum err scope_of(struct txn *t, const struct api_call *c, struct scope *out) MUST_USE;

/* Pure. Is it the caller's to see? The trace loses what is not. */
bool scope_queue(const struct scope *s, const struct queue_item *item);
bool scope_trace(const struct scope *s, struct trace *trace);
bool scope_event(const struct scope *s, const struct recent_event *e);

/* Pure. Did one of his write it; is one of his addressed? For counting, before scope_trace. */
bool scope_trace_sent(const struct scope *s, const struct trace *trace);
bool scope_trace_came(const struct scope *s, const struct trace *trace);

#endif
