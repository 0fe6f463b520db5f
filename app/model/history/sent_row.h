/* model/history/sent_row.h: the rows of SPACE_SENT and SPACE_SENT_KEY; for sent_*.c only. */
#ifndef HISTORY_SENT_ROW_H
#define HISTORY_SENT_ROW_H
#include "foundation/base/buf.h"
#include "model/history/sent.h"
#include "model/store/kv.h"

enum {
	SENT_ACCOUNT_KEY = 4,                    /* bytes: the account        */
	SENT_MESSAGE_KEY = SENT_ACCOUNT_KEY + 8, /* and the message           */
	SENT_ROW_KEY_MAX = SENT_MESSAGE_KEY + SENT_ADDRESS_MAX,
	SENT_ID_CHANCE_BITS = 20, /* of an id: the others are its time in milliseconds */
};

struct sent_row_key {
	struct buf b;
	char room[SENT_ROW_KEY_MAX];
};
/* The key of a recipient, or with an empty address that of the message. Borrowed from k. */
struct str sent_row_key(struct sent_row_key *k, uint32_t account, uint64_t id, struct str address);
/* The key of an idempotency key in SPACE_SENT_KEY. Borrowed from k. */
struct str sent_key_row_key(struct sent_row_key *k, uint32_t account,
                            const uint8_t hash[HASH_BYTES]);

enum err sent_message_put(struct txn *t, const struct sent_new *new) MUST_USE;
enum err sent_rcpt_put(struct txn *t, uint32_t account, uint64_t id,
                       const struct sent_rcpt *r) MUST_USE;
enum err sent_key_put(struct txn *t, const struct sent_new *new) MUST_USE;
/* False: the record cannot be read. Strings are borrowed from it. The fields of the row's key are
 * left unset. *key: the hash of the idempotency key, or empty. */
bool sent_message_parse(struct str record, struct sent *out, struct str *key);
bool sent_rcpt_parse(struct str record, struct sent_rcpt *out);
bool sent_key_parse(struct str record, int64_t *time_ms, struct sent_key *out);

/* Delete up to two of the account's messages that are older than keep_ms and not pending. */
enum err sent_clear(struct txn *t, uint32_t account, int64_t now_ms, int64_t keep_ms) MUST_USE;

#endif
