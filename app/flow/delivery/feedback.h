/* flow/delivery/feedback.h: spam complaints of other providers about our messages (RFC
 * 5965), received as mail. */
#ifndef DELIVERY_FEEDBACK_H
#define DELIVERY_FEEDBACK_H
#include "flow/delivery/plan.h"

/* Check a delivered message. If it is a complaint about a message with a stored trace,
 * sent from a local domain to the complaining recipient, log it and add it to the trace.
 * Anybody can write a report, but only the recipient has both facts. If it came from a
 * network of ROOST_FEEDBACK_FROM, ROOST_QUEUE_SUPPRESS_DAYS suppresses further mail of
 * that domain to him. Other mail is ignored. Not inside a transaction. */
void feedback_look(const struct plan *p);

#endif
