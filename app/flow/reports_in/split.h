/* flow/reports_in/split.h: splits a TLS report by domain. It may be about several domains
 * (RFC 8460 4.4) with different administrators: each domain gets a report with its rows
 * only. */
#ifndef REPORTS_IN_SPLIT_H
#define REPORTS_IN_SPLIT_H
#include "flow/reports_in/draft.h"

struct txn;

enum { REPORT_PARTS_MAX = REPORT_CLAIMS };

struct report_parts {
	struct report_draft *items[REPORT_PARTS_MAX]; /* each claims one local domain */
	size_t count;
};

/* d is of kind REPORT_TLS and remains; the parts borrow its texts. Rows about foreign
 * domains are omitted, and a remark has their number. No parts: no local domain. Always
 * free the parts. */
enum err report_split(struct txn *t, const struct report_draft *d,
                      struct report_parts *out) MUST_USE;
void report_parts_free(struct report_parts *p);

/* The local domain that name is or lies below; empty: none. Borrows from name. */
enum err report_domain_find(struct txn *t, struct str name, struct str *out) MUST_USE;

#endif
