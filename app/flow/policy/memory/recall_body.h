/* flow/policy/memory/recall_body.h: internals of recall.h; for recall*.c only. */
#ifndef POLICY_RECALL_BODY_H
#define POLICY_RECALL_BODY_H
#include "flow/policy/memory/recall.h"
#include "foundation/base/map.h"
#include "foundation/base/service_thread.h"

struct txn;

enum { RECALL_KEY_BYTES = 8 + 1 + 16 };

struct recall_entry {
	int64_t until_ms, value;
	bool dirty;   /* differs from the store                */
	bool writing; /* being written                         */
	bool stored;  /* the store has a row, maybe an old one */
};

struct recall {
	struct store *store;
	struct service_thread service;  /* its lock is never held during work of the store */
	struct map entries;    /* service.lock: struct recall_entry by row key    */
	size_t dirty;          /* service.lock                                    */
	bool failing;          /* service.lock: the last write failed             */
	pthread_mutex_t flush; /* one writer at a time; taken before service.lock */
	size_t rows, rows_max; /* flush: in the store, approximate                */
};

struct str recall_row_key(char to[static RECALL_KEY_BYTES], enum recall_kind kind, struct str key);
/* The stored row of this key; until_ms 0: none. */
void recall_row_look(struct recall *m, struct str key, struct recall_entry *out);
enum err recall_row_put(struct txn *t, struct str key, const struct recall_entry *entry) MUST_USE;

/* Call with flush held. Counts the rows. */
enum err recall_rows_count(struct recall *m) MUST_USE;
/* Make room for more rows and some spare ones: evict the least valuable kinds first. Keys
 * are hashes, so the choice within a kind is random. */
enum err recall_rows_evict(struct recall *m, size_t more, struct why *why) MUST_USE;

#endif
