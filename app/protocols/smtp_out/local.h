/* protocols/smtp_out/local.h: recipients of an entry who turn out to be here: of a domain that has
 * become ours, those who had no room, and all of mail that waited for its time (ENVELOPE_LATER; RFC
 * 4865). They are delivered without a connection, as if the message had just come in.
 *
 * Such mail is one delivery for all its recipients, in the transaction that ends its entry: each
 * person gets it once however many of them lead to him, and a kill leaves either the entry or what
 * has become of it. Those elsewhere, and whoever has no room, get entries of their own by that. */
#ifndef SMTP_OUT_LOCAL_H
#define SMTP_OUT_LOCAL_H
#include "model/queue/queue.h"
#include "model/store/spool.h"
#include "protocols/smtp_out/smtp_out.h"

struct out_here;

struct out_local {
	struct queue_result *results; /* of all of the entry's recipients                    */
	struct out_here *here;        /* their deliveries here                               */
	size_t here_count;
	struct spool spool;           /* the message's bytes, while here_count is not 0      */
	struct queue_item rest;       /* the entry with those who are elsewhere, maybe none   */
	size_t *places;               /* of the rest's recipients in results                 */
};

/* Where a rule leads them, when it is not that they are here ("via=local"). */
struct out_led {
	struct str address; /* to which mailbox or alias                                  */
	struct str trace;   /* fields to put in front: Received, and Delivered-To with that */
};

/* Prepare delivery to those whose domain is ours and fill their results: it happens in the
 * transaction of the report (queue.h's deeds), so that nobody gets it twice. Without
 * config->delivery nobody is here. A message that was led there before, or has been through too
 * many servers, fails (RFC 5321 6.3); led NULL: nobody leads it. Everything lives in a, and l must
 * be given to out_local_end. Not inside a transaction; takes as long as preparing a message for
 * each of them. */
void out_local_run(struct out_local *l, const struct smtp_out_config *config,
                   const struct queue_item *item, const struct out_led *led, struct arena *a);

/* The report failed. Was that because of a delivery here? Then its result is another one now, or it
 * is prepared anew, and the report may be tried again at once. */
bool out_local_mend(struct out_local *l);

/* recorded: the report is. */
void out_local_end(struct out_local *l, bool recorded);

/* Fill in what became of the rest, rest.rcpt_count results. */
void out_local_fill(struct out_local *l, const struct queue_result *rest);

#endif
