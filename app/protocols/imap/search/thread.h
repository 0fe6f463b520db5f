/* protocols/imap/search/thread.h: messages put into threads (RFC 5256 3, THREAD). Pure. */
#ifndef IMAP_THREAD_H
#define IMAP_THREAD_H
#include "foundation/base/arena.h"
#include "foundation/base/str.h"

enum thread_algorithm { THREAD_ORDEREDSUBJECT, THREAD_REFERENCES, THREAD_REFS };

struct thread_message {
	int64_t sent_ms;
	int64_t arrived_ms;
	struct str subject; /* base subject, in the form for comparing */
	bool reply;         /* its subject said so                     */
	struct str ids;     /* hashes, 8 bytes each: its own or 0, then the references */
};

enum { THREAD_NONE = UINT32_MAX };

/* A forest: nodes are numbered. A node without a message is a root and has two children or more;
 * siblings are in order. */
struct thread_node {
	uint32_t message; /* index, or THREAD_NONE */
	uint32_t parent, child, next;
};
struct threads {
	struct thread_node *nodes;
	uint32_t root; /* the first one; THREAD_NONE: there is none */
};

/* messages in the order of their numbers in the mailbox. All memory is a's. Time n log n, but
 * for the links that would close a loop: each costs at most THREAD_DEPTH steps. */
void threads_make(struct arena *a, enum thread_algorithm how, const struct thread_message *messages,
                  uint32_t n, struct threads *out);

/* A chain of references that is longer is cut. */
enum { THREAD_DEPTH = 10000 };

#endif
