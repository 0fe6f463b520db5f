/* protocols/imap/search/search_near.c: see search_near.h. */
#include "protocols/imap/search/search_near.h"

struct range {
	int64_t lo, hi;
	int64_t slack; /* distance at which a FUZZY key still matches */
};

static struct range range_of(const struct imap_search_step *step)
{
	int64_t n = step->number, part = n / NEAR_PART;

	switch (step->op) {
	case SEARCH_BEFORE:
	case SEARCH_SAVEDBEFORE:
	case SEARCH_SENTBEFORE:
		return (struct range){ INT64_MIN, n - 1, NEAR_DAYS };
	case SEARCH_ON:
	case SEARCH_SAVEDON:
	case SEARCH_SENTON:
		return (struct range){ n, n, NEAR_DAYS };
	case SEARCH_SINCE:
	case SEARCH_SAVEDSINCE:
	case SEARCH_SENTSINCE:
		return (struct range){ n, INT64_MAX, NEAR_DAYS };
	case SEARCH_SMALLER:
		return (struct range){ INT64_MIN, n - 1, part };
	case SEARCH_LARGER: /* no message is large enough for an overflow */
		return (struct range){ MIN(n, INT64_MAX - 1) + 1, INT64_MAX, part };
	case SEARCH_YOUNGER:
		return (struct range){ INT64_MIN, n, part };
	default:
		assert(step->op == SEARCH_OLDER);
		return (struct range){ n, INT64_MAX, part };
	}
}

unsigned search_near(const struct imap_search_step *step, int64_t value)
{
	struct range r = range_of(step);
	uint64_t off = value < r.lo   ? (uint64_t)r.lo - (uint64_t)value
	               : value > r.hi ? (uint64_t)value - (uint64_t)r.hi
	                              : 0;

	if (off == 0)
		return 100;
	if (!step->fuzzy || off > (uint64_t)r.slack)
		return 0;
	return (unsigned)(100 - 99 * (double)off / ((double)r.slack + 1));
}
