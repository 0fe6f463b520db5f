/* model/search/indexer.h: what puts mail into the index. */
#ifndef SEARCH_INDEXER_H
#define SEARCH_INDEXER_H
#include "formats/message/mime.h"
#include "foundation/base/err.h"

struct indexer;
struct mailboxes;
struct store;

struct indexer_config {
	struct store *store;
	const struct mailboxes *mailboxes; /* its watches say what is new; NULL: nobody does */
	struct message_limits limits;      /* of the parse, the same as of who searches      */
	uint32_t batch;                    /* messages that become a segment, at most        */
	uint32_t message_bytes;            /* a greater one is not read into the index       */
	uint32_t message_words;            /* nor all of one that has more                   */
	/* asked now and then; false: give up what is under way. NULL: go on */
	bool (*go_on)(void *arg);
	void *arg;
};

/* Index what is new in the account, and merge segments where due. Not inside a transaction. OK
 * also when the account has no mail. Only one at a time in a store. ERR_RETRY: given up. A
 * damaged index is dropped and made anew. */
enum err index_account(const struct indexer_config *c, uint32_t account) MUST_USE;

/* A thread that does it for all accounts, once after the start and then soon after new mail
 * came. config is copied but for what it points to; go_on is the thread's own. */
enum err indexer_start(const struct indexer_config *c, struct indexer **out,
                       struct why *why) MUST_USE;
/* NULL is a no-op; clears *x. */
void indexer_stop(struct indexer **x);

#endif
