/* imap/wire_search_run.c: running a search program, see wire_search.h. */
#include "imap/wire_search.h"

static enum verdict verdict_not(enum verdict v)
{
	return v == VERDICT_UNKNOWN ? v : v == VERDICT_YES ? VERDICT_NO : VERDICT_YES;
}

/* With decisive = NO this is AND, with YES it is OR (Kleene's three-valued logic). */
static enum verdict verdict_join(enum verdict x, enum verdict y, enum verdict decisive)
{
	if (x == decisive || y == decisive)
		return decisive;
	return x == VERDICT_UNKNOWN ? x : y;
}

enum verdict imap_search_run(const struct imap_search *s,
                             enum verdict (*test)(const struct imap_search_step *, void *),
                             void *arg)
{
	enum verdict stack[IMAP_SEARCH_STACK];
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct imap_search_step *step = &s->steps[i];

		switch (step->op) {
		case SEARCH_NOT:
			stack[n - 1] = verdict_not(stack[n - 1]);
			break;
		case SEARCH_AND:
			n--;
			stack[n - 1] = verdict_join(stack[n - 1], stack[n], VERDICT_NO);
			break;
		case SEARCH_OR:
			n--;
			stack[n - 1] = verdict_join(stack[n - 1], stack[n], VERDICT_YES);
			break;
		default:
			stack[n++] = test(step, arg);
		}
	}
	assert(n == 1);
	return stack[0];
}
