/* protocols/imap/search/context_fetch.c: see context_fetch.h. */
#include "protocols/imap/search/context_fetch.h"

#include "protocols/imap/fetch/fetch.h"
#include "protocols/imap/mailbox_changes.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/search/context.h"
#include "protocols/imap/session.h"

enum { PORTION = 1000 }; /* messages whose attributes are determined at once */

/* --- requested attributes --------------------------------------------------------------- */

/* A bit for each context that requests attributes of this message: as a reported result
 * (written), or as one that is being added. */
static unsigned wanted_by(const struct imap_contexts *all, uint32_t uid, bool written)
{
	unsigned who = 0;

	for (size_t i = 0; all && i < all->n; i++) {
		const struct imap_context *x = all->items[i];

		if (x->how.search.update && uids_has(written ? &x->found : &x->added, uid))
			who |= BIT(i);
	}
	return who;
}

/* 5465 5.2: in one response, without duplicates. */
static void atts_add(const struct imap_contexts *all, unsigned who, struct arena *a,
                     struct imap_fetch *atts)
{
	for (size_t i = 0; all && i < all->n; i++)
		if (who & BIT(i))
			imap_fetch_atts_add(a, atts, all->items[i]->how.search.update);
}

void imap_contexts_want(struct imap *s, const struct uids *came, struct uids *some,
                        struct arena *a, struct imap_fetch *atts)
{
	const struct imap_contexts *all = s->selected.contexts;
	unsigned who = wanted_by(all, came->ranges[0].lo, true);
	struct uids portion = { 0 };

	uids_slice(came, 0, PORTION, &portion);
	for (size_t i = 0; i < portion.n; i++)
		for (uint32_t uid = portion.ranges[i].lo; uid <= portion.ranges[i].hi; uid++)
			if (wanted_by(all, uid, true) == who)
				uids_add(some, uid, uid);
	uids_deinit(&portion);
	atts_add(all, who, a, atts);
}

/* --- before results are reported -------------------------------------------------------- */

static bool any_wants(const struct imap_contexts *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i]->how.search.update)
			return true;
	return false;
}

static struct uids uids_of(struct imap_seq *set)
{
	struct uids out = { 0 };

	imap_seq_resolve(set, 0);
	for (size_t i = 0; i < set->n; i++)
		uids_add(&out, set->ranges[i].lo, set->ranges[i].hi);
	return out;
}

void context_fetch_take(struct imap *s, struct news *n)
{
	struct imap_contexts *all = s->selected.contexts;
	struct uids came, added_here;

	if (!any_wants(all) || imap_notify_fetches(s))
		return;
	came = uids_of(&n->came);
	added_here = uids_of(&n->added_here);
	uids_subtract(&came, &added_here);
	uids_unite(&all->fresh, &came);
	uids_deinit(&came);
	uids_deinit(&added_here);
}

bool context_fetch_begin(struct imap *s, uint32_t end)
{
	struct imap_contexts *all = s->selected.contexts;
	struct imap_fetching_of of = { .what = NULL };
	struct imap_fetch what = { .items = 0 };
	struct uids looked = { 0 };
	unsigned first = 0;

	for (size_t i = 0; i < all->fresh.n && all->fresh.ranges[i].lo <= end; i++)
		for (uint32_t uid = all->fresh.ranges[i].lo;
		     uid <= MIN(end, all->fresh.ranges[i].hi); uid++) {
			unsigned who = wanted_by(all, uid, false);

			first = first ? first : who;
			if (who && who == first)
				uids_add(&of.uids, uid, uid);
		}
	if (first) {
		atts_add(all, first, &all->atts, &what);
		uids_subtract(&all->fresh, &of.uids);
		of.what = &what;
		all->fetching = imap_fetch_new(s, &of);
	} else if (end) { /* a later result was not new (5465 7) */
		uids_add(&looked, 1, end);
		uids_subtract(&all->fresh, &looked);
		uids_deinit(&looked);
	}
	return first != 0;
}

bool imap_contexts_fetching(const struct imap *s)
{
	return s->selected.contexts && s->selected.contexts->fetching;
}

enum written imap_contexts_fetch(struct imap *s)
{
	enum written written;

	if (!imap_contexts_fetching(s))
		return WRITTEN_ALL;
	written = imap_fetch_some(s->selected.contexts->fetching);
	if (written == WRITTEN_ALL) {
		imap_fetch_free(&s->selected.contexts->fetching);
		arena_deinit(&s->selected.contexts->atts);
	}
	return written;
}
