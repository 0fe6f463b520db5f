/* delivery/offer.c: see offer.h. */
#include "delivery/offer.h"

#include "delivery/plan.h"
#include "report/in_desk.h"

/* Only a report that this server made is by who it says: an account may write any author. */
static bool is_own_report(const struct delivery_message *m)
{
	return m->ours && m->submitter == 0 && (m->flags & QUEUE_REPORT) != 0;
}

void offer_look(const struct plan *p)
{
	const struct delivery_message *m = p->m;
	const struct report_offer offer = { m->id, m->trace, m->body, is_own_report(m) };
	bool wanted = false;

	if (!report_mail_may(m->body))
		return;
	for (size_t i = 0; !wanted && i < m->rcpt_count; i++)
		wanted = report_desk_wants(p->d->reports, &m->rcpts[i].address);
	if (wanted)
		report_desk_offer(p->d->reports, &offer);
}
