/* flow/delivery/offer.h: passes mail to report addresses on to the report reader
 * (flow/reports_in/report_intake.h). The result does not affect the mail. */
#ifndef DELIVERY_OFFER_H
#define DELIVERY_OFFER_H
#include "foundation/base/err.h"

struct plan;
struct txn;

/* May it have a report, by its header and the names of its recipients? */
bool offer_may(const struct plan *p);
/* Pass it on, after plan_put. Errors are the store's. */
enum err offer_put(const struct plan *p, struct txn *t) MUST_USE;

#endif
