/* model/query/program.c: see program.h. */
#include "model/query/program.h"

#include "foundation/base/util.h"

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

enum verdict query_run(const struct query_program *s,
                       enum verdict (*test)(const struct query_step *, void *), void *arg)
{
	enum verdict stack[QUERY_STACK];
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct query_step *step = &s->steps[i];

		switch (step->op) {
		case QUERY_NOT:
			stack[n - 1] = verdict_not(stack[n - 1]);
			break;
		case QUERY_AND:
			n--;
			stack[n - 1] = verdict_join(stack[n - 1], stack[n], VERDICT_NO);
			break;
		case QUERY_OR:
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
	bool counts = score != 0 && score != QUERY_SCORE_PLAIN;

	return (struct sum){ score != 0, counts ? score : 0, counts };
}

unsigned query_score(const struct query_program *s,
                     unsigned (*score)(const struct query_step *, void *), void *arg)
{
	struct sum stack[QUERY_STACK];
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		switch (s->steps[i].op) {
		case QUERY_NOT:
			stack[n - 1] = (struct sum){ .yes = !stack[n - 1].yes };
			break;
		case QUERY_AND:
			n--;
			stack[n - 1] = sum_and(stack[n - 1], stack[n]);
			break;
		case QUERY_OR:
			n--;
			stack[n - 1] = sum_or(stack[n - 1], stack[n]);
			break;
		default:
			stack[n++] = sum_of(score(&s->steps[i], arg));
		}
	}
	assert(n == 1);
	return stack[0].n ? MAX(1, mean(stack[0])) : QUERY_SCORE_MAX;
}

unsigned query_near(const struct query_step *step, int64_t value)
{
	uint64_t off = value < step->lo   ? (uint64_t)step->lo - (uint64_t)value
	               : value > step->hi ? (uint64_t)value - (uint64_t)step->hi
	                                  : 0;

	if (off == 0)
		return QUERY_SCORE_MAX;
	if (!step->fuzzy || off > (uint64_t)step->slack)
		return 0;
	return (unsigned)(100 - 99 * (double)off / ((double)step->slack + 1));
}
