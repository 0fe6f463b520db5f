/* protocols/smtp_in/deliver.h: a message that may come in, as delivery/ gets it: our fields in
 * front, and what the checks want different. For data.c; s->data is there. */
#ifndef SMTP_IN_DELIVER_H
#define SMTP_IN_DELIVER_H
#include "protocols/smtp_in/session.h"

/* Append our fields to s->data->trace. header: of the message, for what a user's lacks. */
void in_deliver_trace(struct in_session *s, struct str header);

/* The message with its envelope, its strings in mail_arena or borrowed. ERR_FULL, ERR_IO: it could
 * not be changed as the checks want it. */
enum err in_deliver_message(struct in_session *s, struct str body,
                            struct delivery_message *out) MUST_USE;
/* To all at once, or dropped when the checks say so. Errors as accept_deliver, and the above. */
enum err in_deliver(struct in_session *s, struct str body, struct smtp_answer *answer) MUST_USE;

/* To those recipients of all whom filters have added: nobody waits for an answer about them. */
enum err in_deliver_added(struct in_session *s, const struct delivery_message *all) MUST_USE;
/* Have filters left him in? */
bool in_deliver_leaves(const struct delivery_message *all, const struct envelope_rcpt *rcpt);
/* To one on its own, so that each has its own answer, after which it is durable (RFC 2033 4.2). The
 * bytes are stored once (model/store/blob.h). OK too when a filter has taken him out. */
enum err in_deliver_one(struct in_session *s, const struct delivery_message *all,
                        const struct envelope_rcpt *rcpt, struct smtp_answer *answer) MUST_USE;

#endif
