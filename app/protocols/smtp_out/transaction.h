/* protocols/smtp_out/transaction.h: one message over one open session: MAIL, RCPT, DATA. */
#ifndef SMTP_OUT_TRANSACTION_H
#define SMTP_OUT_TRANSACTION_H
#include "protocols/smtp_out/session.h"

struct queue_item;
struct queue_result;
struct store;

/* Send item to its recipients, at most out_params_most. results has item->rcpt_count
 * places in their order and is always filled; its strings live in a. Afterwards the
 * session is open and ready for the next message, or closed. False: the connection ended
 * before the reply to MAIL, so nothing was sent; if it was a reused one, try a new
 * one. */
bool out_transaction(struct out_session *s, struct store *store, const struct queue_item *item,
                     struct arena *a, struct queue_result *results);

/* The session's last reply as the result of a recipient; code 0 if the remote did not
 * send it. Lives in a. */
struct queue_result out_result(const struct out_session *s, struct arena *a);

#endif
