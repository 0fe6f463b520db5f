/* delivery/offer.h: mail to addresses to which others send their reports is shown to who reads them
 * (report/in_desk.h). */
#ifndef DELIVERY_OFFER_H
#define DELIVERY_OFFER_H

struct plan;

/* After the commit. What comes of it changes nothing for the mail. */
void offer_look(const struct plan *p);

#endif
