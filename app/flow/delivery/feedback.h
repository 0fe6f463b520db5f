/* flow/delivery/feedback.h: reports of other providers that somebody called a message of ours
 * spam (RFC 5965), which come as mail to one of us. */
#ifndef DELIVERY_FEEDBACK_H
#define DELIVERY_FEEDBACK_H
#include "flow/delivery/plan.h"

/* Look at a message that was delivered. When it is such a report, and about a message whose
 * trace we have, sent from a domain of ours to who complains, then log that and add it to the
 * trace. Anybody can write a report, but only who got the message knows both. Where it came from a
 * network of ROOST_FEEDBACK_FROM, ROOST_QUEUE_SUPPRESS_DAYS lets that domain write to him no more.
 * Any other is mail and nothing else. Not inside a transaction. */
void feedback_look(const struct plan *p);

#endif
