/* protocols/smtp_out/batch.h: bring a batch of messages to their destination over one
 * connection, and report what came of each. */
#ifndef SMTP_OUT_BATCH_H
#define SMTP_OUT_BATCH_H
#include "protocols/smtp_out/smtp_out.h"
#include "protocols/smtp_out/way.h"

#include <stdatomic.h>

struct out_idle;
struct tls_sessions;

struct out_batch {
	const struct smtp_out_config *config;
	const struct settings *settings;
	const struct out_way *way;             /* of the destination                       */
	const atomic_bool *stopping;           /* begin no further message once it is true */
	struct tls_sessions *tls_sessions; /* to resume; NULL: none                            */
	struct out_idle *idle; /* sessions that nobody uses; NULL: none are kept           */
	bool crowded;                          /* who does not answer soon is left alone   */
	/* Who counts; both NULL: nobody does. A message was taken; the remote does not want more,
	 * or does not answer: true when that is only one connection too many, so that what it was
	 * for is given back untried. text is what it said. */
	void (*taken)(void *arg);
	bool (*trouble)(void *arg, struct str text);
	void *arg;
};

/* Deliver first, then whatever else is due for the same destination while the connection is
 * good, up to LIMIT_smtp_out_messages. Every item is reported or released. */
void out_batch_run(const struct out_batch *b, const struct queue_batch *first);

#endif
