/* operations/transfer/sink.h: where brought messages go: into one mailbox after the other, many
 * in one transaction, and none that is there already. Private to the folder. */
#ifndef TRANSFER_SINK_H
#define TRANSFER_SINK_H
#include "model/mailbox/mailbox.h"
#include "model/store/store.h"
#include "operations/transfer/transfer.h"

struct sink;

struct sink *sink_new(const struct transfer *t);
/* What was not flushed is dropped. NULL is a no-op; clears *s. */
void sink_free(struct sink **s);

/* The mailbox that the next messages go to. One with the role is taken whatever its name is;
 * what is not there is made, and subscribed to. The first sink_put reads the identity of
 * everything in it. Tells of the one before. ERR_SYNTAX, ERR_LIMIT: there can be no such
 * mailbox. */
enum err sink_open(struct sink *s, struct str name, enum mailbox_role role,
                   struct why *why) MUST_USE;

struct sink_message {
	struct str raw; /* with CRLF */
	int64_t internal_ms;
	const struct str *flags; /* by IMAP name; keywords that cannot be are left out and told */
	size_t flag_count;
};
/* Take a message; it is durable after sink_flush. ERR_LIMIT: the quota is used up; ERR_MISSING:
 * the mailbox or the account is not there any more. */
enum err sink_put(struct sink *s, const struct sink_message *m, struct why *why) MUST_USE;
/* Count messages that need not be brought. */
void sink_known(struct sink *s, uint64_t count);
/* Count and tell one that could not be read. */
void sink_skip(struct sink *s, struct str what, const char *why);

/* Run fn in each transaction, behind the messages whose sink_put has returned. NULL: no more. */
void sink_also(struct sink *s, txn_fn *fn, void *arg);
enum err sink_flush(struct sink *s, struct why *why) MUST_USE;

/* Finish the mailbox: flush, and tell. No-op when none is open. */
enum err sink_close(struct sink *s, struct why *why) MUST_USE;
/* Tell how far it is; false when it shall stop. */
bool sink_step(struct sink *s, uint64_t done, uint64_t total);

#endif
