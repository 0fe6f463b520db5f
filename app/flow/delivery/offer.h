/* flow/delivery/offer.h: mail to addresses to which others send their reports is left to who
 * reads them (flow/reports_in/desk.h). What comes of it changes nothing for the mail. */
#ifndef DELIVERY_OFFER_H
#define DELIVERY_OFFER_H
#include "foundation/base/err.h"

struct plan;
struct txn;

/* May there be a report in it, by its header and the names of its recipients? */
bool offer_may(const struct plan *p);
/* Then, behind plan_put. Errors are the store's. */
enum err offer_put(const struct plan *p, struct txn *t) MUST_USE;

#endif
