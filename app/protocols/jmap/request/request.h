/* protocols/jmap/request/request.h: a request of method calls and its response (RFC 8620 3), the
 * same over HTTP and WebSocket.
 *
 *	jmap_request_parse    bytes to a request, or a problem
 *	jmap_request_run      each call in order, straight into the response
 *
 *	form.c        forms of arguments and properties, creation ids in them
 *	reference.c   result references (3.7)
 *	find.c        a method by its name; the standard methods of a type
 *	get.c changes.c set.c set_patch.c query.c query_changes.c    the standard methods (5)
 *	load.c        requests and uploads that run at a time */
#ifndef JMAP_REQUEST_H
#define JMAP_REQUEST_H
#include "foundation/base/map.h"
#include "protocols/jmap/request/type.h"
#include "protocols/jmap/session/accounts.h"

/* A request-level error (RFC 8620 3.6.1) as RFC 7807 has it. */
struct jmap_problem {
	unsigned status;
	const char *type;  /* "urn:ietf:params:jmap:error:limit", or "about:blank" */
	const char *limit; /* the name of the limit; NULL: none */
	struct why why;
};
/* Its members, into an open object. */
void jmap_problem_put(struct json_writer *w, const struct jmap_problem *p);

/* A response to a call, for result references. */
struct jmap_answer {
	struct str id, name;
	size_t from, to; /* of its arguments in the buffer */
	struct json parsed; /* missing until it is referred to */
};
struct jmap_also {
	struct str method, args, id;
};

struct jmap_request {
	const struct jmap_server *server;
	const struct jmap_registry *registry;
	const struct jmap_caller *caller;
	struct arena *arena; /* freed by the caller; what a call leaves to later ones lives in it */
	struct json calls;
	unsigned using; /* BIT of each enum jmap_capability */
	bool tells_created;
	struct map creations; /* of struct str, in the arena */
	struct jmap_accounts accounts;
	struct jmap_answer *answers;
	size_t answer_count, answer_room;
	size_t referred_bytes; /* responses and values that references have read */
	struct jmap_also *also;
	size_t also_count, also_done, also_room;
};

/* Parse and check. False: *p is the problem, and nothing has been run. Call deinit in any case. */
bool jmap_request_parse(const struct jmap_server *server, const struct jmap_caller *caller,
                        struct arena *arena, struct str text, struct jmap_request *out,
                        struct jmap_problem *p) MUST_USE;
/* Run all calls; members of the Response (3.4) go into the open object of w. Needs at least 64 KiB
 * of room in the buffer. Not inside a transaction. */
void jmap_request_run(struct jmap_request *r, struct json_writer *w);
void jmap_request_deinit(struct jmap_request *r);

/* Room for one more of n elements of that size, in a. */
void *jmap_grown(struct arena *a, void *items, size_t n, size_t *room, size_t size);

/* --- reference.c --- */

/* Replace "#name" members by what they refer to. False: why. *error is the type of the error. */
bool jmap_references_resolve(struct jmap_call *c, struct json *args);
/* The value at path in v (RFC 6901, and "*" of RFC 8620 3.7), to w. False: there is none; then w
 * has bytes to be dropped. Pure. */
bool jmap_pointer_put(struct json v, struct str path, struct json_writer *w, struct arena *a);

/* --- find.c --- */

/* False: unknown, or not of the capabilities in using. type is NULL unless it is a standard
 * method. rows are of all its arguments. */
struct jmap_found {
	struct jmap_method method;
	const struct jmap_type *type;
	const struct jmap_argument *more; /* the type's own arguments */
	size_t more_count;
};
bool jmap_method_find(const struct jmap_request *r, struct str name, struct jmap_found *out);

/* --- The standard methods --- */

jmap_method_fn jmap_get_run, jmap_changes_run, jmap_set_run, jmap_copy_run, jmap_query_run,
	jmap_query_changes_run;

#endif
