/* tests/harness/jmap_todo.h: RFC 8620's example type (5.7), and a server that has no other. Its
 * objects are kept as JSON. */
#ifndef HARNESS_JMAP_TODO_H
#define HARNESS_JMAP_TODO_H
#include "harness/mail_store.h"
#include "protocols/jmap/jmap.h"

struct todo_server {
	struct mail_store mail;
	struct jmap_server jmap;
	struct jmap_caller caller; /* account 1 */
	struct arena arena;        /* of responses */
	size_t used_bytes;         /* of the last request's arena */
};
void todo_server_open(struct todo_server *s);
void todo_server_close(struct todo_server *s);

/* The response to a request, or the problem; in the arena. */
struct str todo_run(struct todo_server *s, struct str request);
/* The response's methodResponses to these calls, as text. */
struct str todo_calls(struct todo_server *s, const char *calls);

#endif
