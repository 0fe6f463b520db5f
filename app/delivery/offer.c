/* delivery/offer.c: see offer.h. */
#include "delivery/offer.h"

#include "delivery/plan.h"
#include "report/in_desk.h"

void offer_look(const struct plan *p)
{
	const struct delivery_message *m = p->m;
	const struct report_offer offer = { m->id, m->trace, m->body, m->ours };
	bool wanted = false;

	if (!report_mail_may(m->body))
		return;
	for (size_t i = 0; !wanted && i < m->rcpt_count; i++)
		wanted = report_desk_wants(p->d->reports, &m->rcpts[i].address);
	if (wanted)
		report_desk_offer(p->d->reports, &offer);
}
