/* protocols/smtp_out/batch.h: delivers a batch of messages to their destination over one
 * connection, and reports each result to the queue. */
#ifndef SMTP_OUT_BATCH_H
#define SMTP_OUT_BATCH_H
#include "protocols/smtp_out/smtp_out.h"
#include "protocols/smtp_out/route_resolve.h"

#include <stdatomic.h>

struct out_idle;
struct queue_batch;
struct tls_sessions;

struct out_batch {
	const struct smtp_out_config *config;
	const struct settings *settings;
	const struct out_way *way;             /* of the destination                 */
	const atomic_bool *stopping;           /* begin no further message once true */
	struct tls_sessions *tls_sessions; /* to resume; NULL: none                            */
	struct out_idle *idle; /* unused open sessions; NULL: none are kept                */
	bool crowded;                          /* use short timeouts: many destinations do
	                                        * not answer */
	/* Callbacks that count connections; both may be NULL. taken: a message was
	 * accepted. trouble: the remote accepts no more mail or does not answer; text is
	 * its reply. It returns true if that only means one connection too many: the
	 * message then goes back untried. */
	void (*taken)(void *arg);
	bool (*trouble)(void *arg, struct str text);
	void *arg;
};

/* Deliver first, then further due messages for the same destination while the connection
 * works, up to LIMIT_smtp_out_messages. Every item is reported or released. */
void out_batch_run(const struct out_batch *b, const struct queue_batch *first);

#endif
