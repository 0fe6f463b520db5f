/* flow/reports_in/view.h: the results of a domain's reports over some days, from the sums
 * (tally.h). */
#ifndef REPORTS_IN_VIEW_H
#define REPORTS_IN_VIEW_H
#include "flow/reports_in/tally.h"
#include "foundation/base/arena.h"

struct report_view_item {
	struct str name; /* of the tally's key */
	struct report_tally tally;
	uint32_t first_day, last_day;
};

struct report_view {
	uint32_t from_day;
	struct report_tally *days; /* of each day, from_day first */
	size_t day_count;
	struct report_view_item *items; /* the largest first */
	size_t item_count;
	size_t item_lost; /* smallest ones omitted because room is missing; one may count
	                   * twice */
	struct report_view_item *makers; /* the reporters: likewise */
	size_t maker_count;
};

struct report_view_query {
	enum report_kind kind;
	struct str domain;
	uint32_t to_day;
	uint32_t days; /* up to and including to_day; 1 at least */
};

/* The items are sources for DMARC, types of failures for TLS, and types for single
 * failures. Days of the latter have abuse in REPORT_N_PASSED and failed authentication in
 * REPORT_N_NONE. Everything lives in a. */
enum err report_view_read(struct txn *t, const struct report_view_query *q, struct arena *a,
                          struct report_view *out) MUST_USE;

#endif
