/* operations/transfer/imports.h: pulls that the running server does in the background.
 *
 * LIMIT_imports_parallel at a time, each on a thread of its own that gives way to others: small
 * transactions (sink.h), a rest after each group of messages, a lower priority. One account has one
 * at a time, so that two do not bring the same. A connection that breaks is tried again some times.
 *
 * The password is in the memory of the run alone. So a server that ends forgets it, and what was
 * under way is IMPORT_INTERRUPTED from then on: with the password again, it goes on. */
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
/* What was left active is interrupted now, and the threads begin. All in config outlives it. */
enum err imports_open(const struct imports_config *config, struct imports **out,
                      struct why *why) MUST_USE;
/* Begin to end: what runs stops soon, nothing begins any more. NULL is a no-op. */
void imports_halt(struct imports *s);
/* After imports_halt. False: one still runs at the deadline (monotonic); then nothing is freed.
 * NULL is a no-op; clears *s when true. */
bool imports_close(struct imports **s, int64_t deadline_ms);

/* Run one that import_add or import_again has put, with this password. Not inside a transaction. */
void imports_begin(struct imports *s, uint32_t account, const struct import *i,
                   struct str password);
/* ERR_MISSING: it is not active. One that waits is over at once, one that runs soon. Not inside a
 * transaction. */
enum err imports_cancel(struct imports *s, uint32_t account, uint32_t id) MUST_USE;
/* How far it is, if it is active; in a. False: the store knows. */
bool imports_find(struct imports *s, uint32_t account, uint32_t id, struct arena *a,
                  struct import *out);

/* Only log in and see what there is, in at most LIMIT_import_look_ms; as transfer_look. Only the
 * first members of i count, those that are asked for. ERR_RETRY: too many look at a time, too. */
enum err imports_look(struct imports *s, const struct import *i, struct str password,
                      struct arena *a, struct transfer_folder **folders, size_t *count,
                      struct why *why) MUST_USE;

#endif
