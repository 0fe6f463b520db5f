/* operations/transfer/sink.h: stores imported messages: one mailbox after the other, many
 * messages in one transaction, without duplicates. Private to the folder. */
#ifndef TRANSFER_SINK_H
#define TRANSFER_SINK_H
#include "model/mailbox/mailbox.h"
#include "model/store/store.h"
#include "operations/transfer/transfer.h"

struct sink;

struct sink *sink_new(const struct transfer *t);
/* Unflushed messages are dropped. NULL is a no-op; clears *s. */
void sink_free(struct sink **s);

/* Set the target mailbox of the next messages. An existing one with the role is used
 * whatever its name is; a missing one is created and subscribed. The first sink_put reads
 * the identities of its messages. Reports the previous mailbox. ERR_SYNTAX, ERR_LIMIT:
 * the mailbox is impossible. */
enum err sink_open(struct sink *s, struct str name, enum mailbox_role role,
                   struct why *why) MUST_USE;

struct sink_message {
	struct str raw; /* with CRLF */
	int64_t internal_ms;
	const struct str *flags; /* by IMAP name; invalid keywords are omitted and reported */
	size_t flag_count;
};
/* Add a message; it is durable after sink_flush. ERR_LIMIT: the quota is used up;
 * ERR_MISSING: the mailbox or the account was removed. */
enum err sink_put(struct sink *s, const struct sink_message *m, struct why *why) MUST_USE;
/* Count messages that exist already. */
void sink_known(struct sink *s, uint64_t count);
/* Count and report one that is unreadable. */
void sink_skip(struct sink *s, struct str what, const char *why);

/* Run fn in each transaction, after the messages whose sink_put has returned. NULL:
 * none. */
void sink_also(struct sink *s, txn_fn *fn, void *arg);
enum err sink_flush(struct sink *s, struct why *why) MUST_USE;

/* Finish the mailbox: flush, and report it. No-op if none is open. */
enum err sink_close(struct sink *s, struct why *why) MUST_USE;
/* Report the progress; false: stop. */
bool sink_step(struct sink *s, uint64_t done, uint64_t total);

#endif
