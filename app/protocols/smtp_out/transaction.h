/* protocols/smtp_out/transaction.h: one message over one open session: MAIL, RCPT, DATA. */
#ifndef SMTP_OUT_TRANSACTION_H
#define SMTP_OUT_TRANSACTION_H
#include "protocols/smtp_out/session.h"

struct store;

/* Send item to its recipients, which are no more than out_params_most says. results has
 * item->rcpt_count places, in their order, and is filled whatever happens; their strings live
 * in a. Afterwards the session is open and ready for the next message, or closed.
 * False: the connection ended before MAIL was answered, so nothing has happened; where it
 * was an old one, a new one is worth a try. */
bool out_transaction(struct out_session *s, struct store *store, const struct queue_item *item,
                     struct arena *a, struct queue_result *results);

/* The session's last reply as the result of a recipient, with code 0 when nobody said that but we
 * ourselves; lives in a. */
struct queue_result out_result(const struct out_session *s, struct arena *a);

#endif
