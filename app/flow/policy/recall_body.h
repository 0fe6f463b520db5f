/* flow/policy/recall_body.h: the parts of recall.h; for recall*.c only. */
#ifndef POLICY_RECALL_BODY_H
#define POLICY_RECALL_BODY_H
#include "flow/policy/recall.h"
#include "foundation/base/map.h"
#include "foundation/base/service_thread.h"

struct txn;

enum { RECALL_KEY_BYTES = 8 + 1 + 16 };

struct recall_entry {
	int64_t until_ms, value;
	bool dirty;   /* not in the store as it is here        */
	bool writing; /* on its way there                      */
	bool stored;  /* there is a row of it, maybe an old one */
};

struct recall {
	struct store *store;
	struct service_thread service;  /* its lock is never held while the store works    */
	struct map entries;    /* service.lock: struct recall_entry by row key     */
	size_t dirty;          /* service.lock                                     */
	bool failing;          /* service.lock: the last time it was not written   */
	pthread_mutex_t flush; /* one writes at a time; taken before service.lock  */
	size_t rows, rows_max; /* flush: in the store, about                      */
};

struct str recall_row_key(char to[static RECALL_KEY_BYTES], enum recall_kind kind, struct str key);
/* The row of this key as the store has it; until_ms 0: none. */
void recall_row_look(struct recall *m, struct str key, struct recall_entry *out);
enum err recall_row_put(struct txn *t, struct str key, const struct recall_entry *entry) MUST_USE;

/* With flush held. How many rows there are. */
enum err recall_rows_count(struct recall *m) MUST_USE;
/* Room for so many more, and some to spare: what costs least to have forgotten goes first. Keys are
 * hashes, so it is anybody's. */
enum err recall_rows_evict(struct recall *m, size_t more, struct why *why) MUST_USE;

#endif
