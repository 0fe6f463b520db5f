/* protocols/smtp_out/params.h: the parameters of MAIL and RCPT that the remote supports:
 * DSN, DELIVERBY, MT-PRIORITY; and its limits (LIMITS). */
#ifndef SMTP_OUT_PARAMS_H
#define SMTP_OUT_PARAMS_H
#include "protocols/smtp_out/session.h"

struct queue_item;

/* Parse one line of the EHLO reply for these extensions; ignores other lines. */
void out_params_extension(struct out_extensions *ext, struct str line);

/* May this server get the item at now_ms? An item with a deadline must not go to a server
 * without DELIVERBY (RFC 2852 4.1.4.1). False: *reply, static, is a permanent failure for
 * all recipients. Pure. */
bool out_params_fit(const struct out_extensions *ext, const struct queue_item *item, int64_t now_ms,
                    struct envelope_reply *reply);

/* Append the parameters of MAIL, each after a space. */
void out_params_mail_put(struct buf *line, const struct out_extensions *ext,
                         const struct queue_item *item, int64_t now_ms);
/* Append the parameters of RCPT. utf8: MAIL has SMTPUTF8. */
void out_params_rcpt_put(struct buf *line, const struct out_extensions *ext,
                         const struct queue_item *item, const struct envelope_rcpt *rcpt,
                         bool utf8);

/* How many of item's recipients, from the first on, remote and route allow in one
 * transaction. 1 or more. */
size_t out_params_most(const struct out_session *s, const struct queue_item *item);
/* Has the connection reached the remote's limit of messages? */
bool out_params_spent(const struct out_session *s);

#endif
