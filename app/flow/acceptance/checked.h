/* flow/acceptance/checked.h: a message as the checks of policy/ have left it: with their tags,
 * what they want different, and what they have found. */
#ifndef ACCEPTANCE_CHECKED_H
#define ACCEPTANCE_CHECKED_H
#include "flow/delivery/delivery.h"
#include "formats/smtp_wire/reply.h"

struct policy_session;
struct spool;

/* Fill in what follows from the checks: trace (which has the fields of our own already, and gets
 * the tags), changed envelope, without the recipients that were discarded, which are in discarded
 * (when nobody is left, it has all and discard says why), header and body, steps, discard. In
 * quarantine, every recipient has the action for it.
 * policy   NULL: there were no checks
 * changed  gets the message if it is another now; lives as long as m
 * a        holds the rest, as long as m
 * Errors are those of changed. */
enum err accept_checked(struct policy_session *policy, struct spool *changed, struct buf *trace,
                    struct arena *a, struct delivery_message *m) MUST_USE;

/* delivery_accept. With ERR_DENIED, *answer is the reply of the filters that reject the message, in
 * a; otherwise its code is 0. */
enum err accept_deliver(const struct delivery *d, struct delivery_message *m, struct arena *a,
                        struct smtp_answer *answer) MUST_USE;

#endif
