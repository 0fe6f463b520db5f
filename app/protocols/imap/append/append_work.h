/* protocols/imap/append/append_work.h: prepares messages of one command on other cores
 * while the next ones arrive.
 *
 *	message, message, message     a group, large enough to be worth a thread
 *	        |
 *	        +--> a thread of the pool, if one is free
 *	        +--> else the session's own, at once
 *
 * Hashing and compressing a message takes longer than receiving it. A thread prepares its
 * whole group. At the end the session prepares the groups that no thread has begun, so it
 * waits only for running threads. Messages keep their order. */
#ifndef IMAP_APPEND_WORK_H
#define IMAP_APPEND_WORK_H
#include "foundation/base/buf.h"
#include "foundation/base/err.h"

struct append_group;
struct email_new;
struct imap_server;

struct append_work {
	struct append_group **groups; /* begun or not; the last one may still grow */
	size_t n, cap;
	size_t bytes; /* of messages in groups */
};

/* Take over the bytes of a message: they are empty afterwards. */
void append_work_add(struct append_work *w, const struct imap_server *server, struct buf *bytes);
/* Wait for all messages and pass them on in order: take owns the email. The first error
 * of a message ends it; append_work_free then frees the rest. Errors of email_prepare. */
enum err append_work_finish(struct append_work *w, void (*take)(void *arg, struct email_new *email),
                            void *arg, struct why *why) MUST_USE;
/* Free what was not passed on. Idempotent. Not inside a transaction. */
void append_work_free(struct append_work *w);

#endif
