/* protocols/imap/search/search_within.c: the messages that a search must visit, see
 * searching.h. */
#include "model/query/search_sets.h"
#include "protocols/imap/search/searching.h"
#include "protocols/imap/session.h"

/* A key that names messages; its set is resolved. Ignores numbers that do not exist. */
static bool named(const struct query_step *of, const void *arg, union search_members *out)
{
	const struct searching *g = arg;
	const struct imap_search_step *step = &g->what->steps[of - g->program.steps];
	const struct view *v = &g->s->selected.view;
	bool by_uid = step->op == SEARCH_UID;

	if (step->op != SEARCH_UID && step->op != SEARCH_SEQ)
		return false;
	for (size_t i = 0; i < step->set.n; i++) {
		uint32_t lo = step->set.ranges[i].lo, hi = step->set.ranges[i].hi, run_hi;

		if (!by_uid && lo > v->exists)
			break;
		lo = by_uid ? lo : view_uid(v, lo);
		hi = by_uid ? hi : view_uid(v, MIN(hi, v->exists));
		for (; lo <= hi && view_next(v, &lo, hi, &run_hi); lo = run_hi + 1) {
			uids_add(&out->uids, lo, run_hi);
			if (run_hi == UINT32_MAX)
				break;
		}
	}
	return true;
}

void searching_within(const struct searching *g, struct uids *out)
{
	const struct view *v = &g->s->selected.view;
	union search_members members = { .uids = { 0 } };
	uint32_t lo = 1, run_hi;

	if (search_sets_run(&g->program, &search_uid_sets, named, g, &members)) {
		uids_take(&members.uids, out);
		return;
	}
	for (; view_next(v, &lo, UINT32_MAX, &run_hi); lo = run_hi + 1) {
		uids_add(out, lo, run_hi);
		if (run_hi == UINT32_MAX)
			break;
	}
}
