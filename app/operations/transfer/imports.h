/* operations/transfer/imports.h: imports that the running server does in the background.
 * LIMIT_imports_parallel at a time, each on a thread of its own that yields to other
 * work: small transactions (sink.h), a pause after each group of messages, a lower
 * priority. An account has one at a time, so that no message is imported twice. A broken
 * connection is retried some times.
 *
 * The password is only in the memory of the run. So an import that is active when the
 * server stops becomes IMPORT_INTERRUPTED. It continues when it is started with the
 * password again. */
#ifndef TRANSFER_IMPORTS_H
#define TRANSFER_IMPORTS_H
#include "operations/transfer/import.h"

struct dns;
struct imports;
struct mailboxes;
struct message_limits;

struct imports_config {
	struct store *store;
	const struct mailboxes *mailboxes;
	const struct message_limits *limits;
	struct dns *dns;
};
/* Set imports left active to interrupted, and start the threads. All in config outlives
 * it. */
enum err imports_open(const struct imports_config *config, struct imports **out,
                      struct why *why) MUST_USE;
/* Begin to stop: running imports end soon, none starts. NULL is a no-op. */
void imports_halt(struct imports *s);
/* After imports_halt. False: one still runs at the deadline (monotonic), and nothing was
 * freed. NULL is a no-op; clears *s on true. */
bool imports_close(struct imports **s, int64_t deadline_ms);

/* Run one that import_add or import_again has stored, with this password. Not inside a
 * transaction. */
void imports_begin(struct imports *s, uint32_t account, const struct import *i,
                   struct str password);
/* ERR_MISSING: it is not active. A waiting one ends at once, a running one soon. Not
 * inside a transaction. */
enum err imports_cancel(struct imports *s, uint32_t account, uint32_t id) MUST_USE;
/* The progress of an active one; in a. False: not active, read the store. */
bool imports_find(struct imports *s, uint32_t account, uint32_t id, struct arena *a,
                  struct import *out);

/* Log in and list the folders, in at most LIMIT_import_look_ms; as transfer_look. Uses
 * only the parameters of i. ERR_RETRY also: too many such calls run now. */
enum err imports_look(struct imports *s, const struct import *i, struct str password,
                      struct arena *a, struct transfer_folder **folders, size_t *count,
                      struct why *why) MUST_USE;

#endif
