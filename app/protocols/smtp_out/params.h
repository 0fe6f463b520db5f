/* protocols/smtp_out/params.h: what goes with a message to the next server beside its addresses,
 * as far as that one can take it: DSN, DELIVERBY, MT-PRIORITY; and how much it takes at once
 * (LIMITS). */
#ifndef SMTP_OUT_PARAMS_H
#define SMTP_OUT_PARAMS_H
#include "protocols/smtp_out/session.h"

/* Take what a line of EHLO's reply says of these extensions; others are left alone. */
void out_params_extension(struct out_extensions *ext, struct str line);

/* May this server have the item at now_ms (RFC 2852 4.1.4.1: one that must be in time goes to
 * nobody who does not know of time)? False: *reply, static, is what to report of all recipients,
 * for good. Pure. */
bool out_params_fit(const struct out_extensions *ext, const struct queue_item *item, int64_t now_ms,
                    struct queue_reply *reply);

/* Append parameters to the line of MAIL, each with a blank before it. */
void out_params_mail_put(struct buf *line, const struct out_extensions *ext,
                         const struct queue_item *item, int64_t now_ms);
/* Likewise to that of RCPT. utf8: MAIL said SMTPUTF8. */
void out_params_rcpt_put(struct buf *line, const struct out_extensions *ext,
                         const struct queue_item *item, const struct queue_rcpt *rcpt, bool utf8);

/* To how many of item's recipients, from the first on, remote and route let it go in one
 * transaction. 1 or more. */
size_t out_params_most(const struct out_session *s, const struct queue_item *item);
/* Has the connection had all the messages that it may? */
bool out_params_spent(const struct out_session *s);

#endif
