/* protocols/imap/append/append_work.h: messages of one command made ready on other cores while the
 * next ones come.
 *
 *	message, message, message     a group, until it is worth a change of threads
 *	        |
 *	        +--> a thread of the pool, if none has to wait for it
 *	        +--> else the session's own, at once
 *
 * Hashing and compressing a message takes longer than receiving it. Whoever begins a group
 * makes all of it ready; at the end the session takes those that nobody has begun, so it waits
 * for threads that run and for no other. Messages keep their order. */
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
	size_t bytes; /* of messages that are in groups */
};

/* Take a message over: its bytes, which are empty afterwards. */
void append_work_add(struct append_work *w, const struct imap_server *server, struct buf *bytes);
/* Wait for all that was added, and hand it out in order: take owns the email. The first error of
 * a message ends it; then the others are freed by append_work_free. Errors of email_prepare. */
enum err append_work_finish(struct append_work *w, void (*take)(void *arg, struct email_new *email),
                            void *arg, struct why *why) MUST_USE;
/* Forget what was not handed out. Again is a no-op. Not inside a transaction. */
void append_work_free(struct append_work *w);

#endif
