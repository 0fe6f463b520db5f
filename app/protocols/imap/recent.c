/* protocols/imap/recent.c: see recent.h. */
#include "model/mailbox/mailbox.h"
#include "protocols/imap/recent.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"

struct claiming {
	uint32_t mailbox;
	uint32_t end;   /* claim up to this UID, exclusive     */
	uint32_t first; /* claimed from this UID on; end: none */
};

bool imap_is_recent(const struct imap_selected *sel, uint32_t uid)
{
	return uids_has(&sel->recent.uids, uid);
}

static enum err claim(const struct mail_txn *m, void *arg)
{
	struct claiming *g = arg;

	return mailbox_claim_recent(m, g->mailbox, g->end, &g->first);
}

/* The UIDs of u from first on. */
static void uids_from(const struct uids *u, uint32_t first, struct uids *out)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->ranges[i].hi >= first)
			uids_add(out, MAX(first, u->ranges[i].lo), u->ranges[i].hi);
}

void imap_recent_came(struct imap *s, const struct uids *fresh, uint32_t unclaimed)
{
	struct imap_selected *sel = &s->selected;
	struct claiming g = { .mailbox = sel->id, .first = unclaimed };
	struct uids claimed = { 0 };

	if (fresh->n == 0)
		return;
	g.end = fresh->ranges[fresh->n - 1].hi + 1;
	if (unclaimed >= g.end)
		return;
	/* After a failed write they are \Recent here and again in a later session:
	 * allowed if it cannot be determined (RFC 3501 2.3.2). */
	if (!sel->read_only && imap_write_soon(s, claim, &g, NULL))
		g.first = unclaimed;
	uids_from(fresh, g.first, &claimed);
	sel->recent.n += claimed.count;
	uids_unite(&sel->recent.uids, &claimed);
	uids_deinit(&claimed);
}

void imap_recent_gone(struct imap *s, const struct uids *gone)
{
	struct imap_recent *r = &s->selected.recent;
	struct uids lost = { 0 };

	if (r->n == 0)
		return;
	uids_unite(&lost, gone);
	uids_intersect(&lost, &r->uids);
	r->n -= MIN(r->n, lost.count);
	uids_deinit(&lost);
	uids_subtract(&r->uids, gone);
}
