/* model/query/thread.h: sorts messages into threads (RFC 5256 3, THREAD).
 * Pure. */
#ifndef QUERY_THREAD_H
#define QUERY_THREAD_H
#include "foundation/base/arena.h"
#include "foundation/base/str.h"

enum thread_algorithm { THREAD_ORDEREDSUBJECT, THREAD_REFERENCES, THREAD_REFS };

struct thread_message {
	int64_t sent_ms;
	int64_t arrived_ms;
	struct str subject; /* base subject, in its form for comparison */
	bool reply;         /* its subject marks a reply or forward     */
	struct str ids;     /* hashes, 8 bytes each: its own Message-ID's or 0, then the
	                     * references' */
};

enum { THREAD_NONE = UINT32_MAX };

/* A node of the forest, referred to by index. A node without a message is a root and has
 * two or more children; siblings are in order. */
struct thread_node {
	uint32_t message; /* index, or THREAD_NONE */
	uint32_t parent, child, next;
};
struct threads {
	struct thread_node *nodes;
	uint32_t root; /* the first one; THREAD_NONE: there is none */
};

/* messages are in the order of their numbers. All memory is a's. Time n log n; a link
 * that would close a loop costs at most THREAD_DEPTH steps. */
void threads_make(struct arena *a, enum thread_algorithm how, const struct thread_message *messages,
                  uint32_t n, struct threads *out);

/* Longer chains of references are cut. */
enum { THREAD_DEPTH = 10000 };

#endif
