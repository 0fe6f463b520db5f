/* flow/delivery/offer.c: see offer.h. */
#include "flow/delivery/offer.h"

#include "flow/delivery/plan.h"
#include "flow/reports_in/report_intake.h"
#include "flow/reports_in/waiting.h"
#include "model/directory/resolve.h"

/* Only a report made by this server has an authentic author: an account may write any
 * author. */
static bool is_own_report(const struct delivery_message *m)
{
	return m->ours && m->envelope.submitter == 0 && (m->envelope.flags & ENVELOPE_REPORT) != 0;
}

bool offer_may(const struct plan *p)
{
	bool yes = false;

	for (size_t i = 0; !yes && i < p->m->envelope.rcpt_count; i++)
		yes = report_desk_wants(p->d->reports, &p->m->envelope.rcpts[i].address);
	return yes && report_desk_may(p->m->body);
}

/* Mail for remote recipients is not read, whatever the address is. */
static enum err is_wanted(const struct plan *p, struct txn *t, bool *yes)
{
	enum err e = OK;

	*yes = false;
	for (size_t i = 0; e == OK && !*yes && i < p->m->envelope.rcpt_count; i++) {
		const struct mailaddr *rcpt = &p->m->envelope.rcpts[i].address;

		if (report_desk_wants(p->d->reports, rcpt))
			e = directory_is_local(t, rcpt->domain, yes);
	}
	return e;
}

enum err offer_put(const struct plan *p, struct txn *t)
{
	const struct delivery_message *m = p->m;
	struct report_waiting w = { .ours = is_own_report(m),
		                    .id = m->envelope.session.id,
		                    .results = m->results };
	bool yes;
	enum err e;

	if (!plan_blob(p, &w.blob))
		return OK;
	e = is_wanted(p, t, &yes);
	return e == OK && yes ? report_desk_put(p->d->reports, t, &w) : e;
}
