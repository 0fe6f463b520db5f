/* delivery/offer.c: see offer.h. */
#include "delivery/offer.h"

#include "delivery/plan.h"
#include "directory/resolve.h"
#include "report/in_desk.h"
#include "store/store.h"

/* Only a report that this server made is by who it says: an account may write any author. */
static bool is_own_report(const struct delivery_message *m)
{
	return m->ours && m->submitter == 0 && (m->flags & QUEUE_REPORT) != 0;
}

struct asking {
	struct str domain;
	bool local;
};

static enum err local_ask(struct txn *t, void *arg)
{
	struct asking *k = arg;

	return directory_is_local(t, k->domain, &k->local);
}

/* Mail that leaves is not ours to read, whatever its address is called. */
static bool is_wanted(const struct plan *p, const struct mailaddr *rcpt)
{
	struct asking k = { .domain = rcpt->domain };

	return report_desk_wants(p->d->reports, rcpt) &&
	       store_read(p->d->store, local_ask, &k) == OK && k.local;
}

void offer_look(const struct plan *p)
{
	const struct delivery_message *m = p->m;
	const struct report_offer offer = { m->id, m->results, m->body, is_own_report(m) };
	bool wanted = false;

	if (!report_mail_may(m->body))
		return;
	for (size_t i = 0; !wanted && i < m->rcpt_count; i++)
		wanted = is_wanted(p, &m->rcpts[i].address);
	if (wanted)
		report_desk_offer(p->d->reports, &offer);
}
