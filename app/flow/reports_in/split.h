/* flow/reports_in/split.h: a report on TLS, taken apart by domain. It may be about several (RFC
 * 8460 4.4), which different people administer: each gets one of its own, with its rows and
 * nothing else. */
#ifndef REPORTS_IN_SPLIT_H
#define REPORTS_IN_SPLIT_H
#include "flow/reports_in/draft.h"

struct txn;

enum { REPORT_PARTS_MAX = REPORT_CLAIMS };

struct report_parts {
	struct report_draft *items[REPORT_PARTS_MAX]; /* each claims one domain of ours */
	size_t count;
};

/* d is of kind REPORT_TLS, and stays; the parts borrow texts from it. Rows about domains of others
 * are left out, and a remark says how many. No part: it is about none of ours. Whatever is
 * returned, the parts are to be freed. */
enum err report_split(struct txn *t, const struct report_draft *d,
                      struct report_parts *out) MUST_USE;
void report_parts_free(struct report_parts *p);

/* The domain of ours that name is or lies below; empty: there is none. Borrows from name. */
enum err report_domain_find(struct txn *t, struct str name, struct str *out) MUST_USE;

#endif
