/* flow/filtering/letters.h: the messages that filters send: vacation replies (RFC 5230 5),
 * notifications (RFC 5436), and notices about a script that failed. Private to flow/filtering.
 *
 * Each lives in x->a, with CRLF line ends; empty: longer than RESULTS_MESSAGE_MAX. */
#ifndef FILTERING_LETTERS_H
#define FILTERING_LETTERS_H
#include "flow/filtering/results.h"

struct str letter_vacation(struct results *x, const struct sieve_action *s,
                           const struct mailaddr *to);
struct str letter_notify(struct results *x, const struct sieve_action *s,
                         const struct sieve_mailto *to);
/* To the owner of the account, about the line of x->name. */
struct str letter_failure(struct results *x, uint32_t line, struct str error);

#endif
