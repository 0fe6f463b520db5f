/* flow/reports_in/sums.h: the contribution of one report to the sums of its day
 * (tally.h), computed from its head and rows. It is the same each time, so it can be
 * subtracted later. */
#ifndef REPORTS_IN_SUMS_H
#define REPORTS_IN_SUMS_H
#include "flow/reports_in/tally.h"
#include "foundation/base/arena.h"
#include "foundation/base/err.h"

enum { REPORT_SUMS_MAX = 3000 }; /* of a report; further sources share one sum */

struct report_sum {
	enum report_tally_what what;
	struct str name;
	struct report_tally tally;
};

struct report_sums {
	struct report_in head; /* borrowed texts */
	struct arena a;
	struct map by_name;
	struct report_sum *items[REPORT_SUMS_MAX + 10];
	size_t count;
};

void report_sums_init(struct report_sums *s, const struct report_in *head);
void report_sums_deinit(struct report_sums *s);
/* Count the rows of a chunk (rows.h). False: it is unreadable. */
bool report_sums_chunk(struct report_sums *s, struct str chunk);
/* Add them to the stored sums, or subtract them. */
enum err report_sums_put(struct txn *t, const struct report_sums *s, bool off) MUST_USE;

/* The day of a report: that of the middle of its period. */
uint32_t report_in_day(const struct report_in *r);

#endif
