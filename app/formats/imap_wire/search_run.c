/* formats/imap_wire/search_run.c: running a search program, see search.h. */
#include "formats/imap_wire/search.h"

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

/* Scores of the fuzzy steps that match; none when the expression does not match. */
struct sum {
	bool yes;
	unsigned sum, n;
};

static unsigned mean(struct sum s)
{
	return s.n ? s.sum / s.n : 0;
}

static struct sum sum_and(struct sum a, struct sum b)
{
	return a.yes && b.yes ? (struct sum){ true, a.sum + b.sum, a.n + b.n }
	                      : (struct sum){ .yes = false };
}

static struct sum sum_or(struct sum a, struct sum b)
{
	if (a.yes && b.yes)
		return mean(a) >= mean(b) ? a : b;
	return a.yes ? a : b;
}

static struct sum sum_of(unsigned score)
{
	bool counts = score != 0 && score != IMAP_SCORE_PLAIN;

	return (struct sum){ score != 0, counts ? score : 0, counts };
}

unsigned imap_search_score(const struct imap_search *s,
                           unsigned (*score)(const struct imap_search_step *, void *), void *arg)
{
	struct sum stack[IMAP_SEARCH_STACK];
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		switch (s->steps[i].op) {
		case SEARCH_NOT:
			stack[n - 1] = (struct sum){ .yes = !stack[n - 1].yes };
			break;
		case SEARCH_AND:
			n--;
			stack[n - 1] = sum_and(stack[n - 1], stack[n]);
			break;
		case SEARCH_OR:
			n--;
			stack[n - 1] = sum_or(stack[n - 1], stack[n]);
			break;
		default:
			stack[n++] = sum_of(score(&s->steps[i], arg));
		}
	}
	assert(n == 1);
	return stack[0].n ? MAX(1, mean(stack[0])) : IMAP_SCORE_MAX;
}
