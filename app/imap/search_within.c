/* imap/search_within.c: the messages that a search has to look at, see searching.h. A program is
 * run over sets instead of verdicts: sets of messages that it names make it smaller, all other
 * keys leave everything possible. */
#include "imap/searching.h"
#include "imap/session.h"

struct set {
	bool all;
	struct uids uids;
};

static void set_and(struct set *a, struct set *b)
{
	struct uids rest = { 0 };

	if (a->all) {
		*a = *b;
		return;
	}
	if (!b->all) { /* what is in both */
		uids_unite(&rest, &a->uids);
		uids_subtract(&rest, &b->uids);
		uids_subtract(&a->uids, &rest);
		uids_deinit(&rest);
	}
	uids_deinit(&b->uids);
}

static void set_or(struct set *a, struct set *b)
{
	a->all |= b->all;
	uids_unite(&a->uids, &b->uids);
	uids_deinit(&b->uids);
}

/* set is resolved; numbers that no message has are passed over. */
static struct set set_of(const struct view *v, const struct imap_search_step *step)
{
	struct set out = { .all = step->op != SEARCH_UID && step->op != SEARCH_SEQ };
	bool by_uid = step->op == SEARCH_UID;

	for (size_t i = 0; !out.all && i < step->set.n; i++) {
		uint32_t lo = step->set.ranges[i].lo, hi = step->set.ranges[i].hi, run_hi;

		if (!by_uid && lo > v->exists)
			break;
		lo = by_uid ? lo : view_uid(v, lo);
		hi = by_uid ? hi : view_uid(v, MIN(hi, v->exists));
		for (; lo <= hi && view_next(v, &lo, hi, &run_hi); lo = run_hi + 1) {
			uids_add(&out.uids, lo, run_hi);
			if (run_hi == UINT32_MAX)
				break;
		}
	}
	return out;
}

static struct set program_run(const struct view *v, const struct imap_search *what)
{
	struct set stack[IMAP_SEARCH_STACK];
	size_t n = 0;

	for (size_t i = 0; i < what->n; i++) {
		switch (what->steps[i].op) {
		case SEARCH_NOT:
			uids_deinit(&stack[n - 1].uids);
			stack[n - 1].all = true;
			break;
		case SEARCH_AND:
			n--;
			set_and(&stack[n - 1], &stack[n]);
			break;
		case SEARCH_OR:
			n--;
			set_or(&stack[n - 1], &stack[n]);
			break;
		default:
			stack[n++] = set_of(v, &what->steps[i]);
		}
	}
	assert(n == 1);
	return stack[0];
}

void searching_within(const struct searching *g, struct uids *out)
{
	const struct view *v = &g->s->selected.view;
	struct set set = program_run(v, g->what);
	uint32_t lo = 1, run_hi;

	if (!set.all) {
		uids_take(&set.uids, out);
		return;
	}
	uids_deinit(&set.uids);
	for (; view_next(v, &lo, UINT32_MAX, &run_hi); lo = run_hi + 1) {
		uids_add(out, lo, run_hi);
		if (run_hi == UINT32_MAX)
			break;
	}
}
