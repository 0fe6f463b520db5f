/* model/search/indexer.h: adding mail to the index. */
#ifndef SEARCH_INDEXER_H
#define SEARCH_INDEXER_H
#include "formats/message/mime.h"
#include "foundation/base/err.h"

struct indexer;
struct mailboxes;
struct store;

struct indexer_config {
	struct store *store;
	const struct mailboxes *mailboxes; /* for its watches; NULL: no notifications */
	struct message_limits limits;      /* of the parse, the same as for searches */
	uint32_t batch;                    /* most messages of a new segment */
	uint32_t message_bytes;            /* larger messages are not indexed */
	uint32_t message_words;            /* longer messages are only partly indexed */
	/* called regularly; false: cancel the work. NULL: never */
	bool (*go_on)(void *arg);
	void *arg;
};

/* Index new emails of the account, and merge segments where due. Not inside a transaction. OK also
 * when the account has no mail. Only one call at a time in a store. ERR_RETRY: cancelled. A damaged
 * index is dropped and rebuilt. */
enum err index_account(const struct indexer_config *c, uint32_t account) MUST_USE;

/* A thread that does this for all accounts, once after the start and then soon after new mail
 * arrives. config is copied, without what it points to; go_on is the thread's own. */
enum err indexer_start(const struct indexer_config *c, struct indexer **out,
                       struct why *why) MUST_USE;
/* NULL is a no-op; clears *x. */
void indexer_stop(struct indexer **x);

#endif
