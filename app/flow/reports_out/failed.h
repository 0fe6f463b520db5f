/* flow/reports_out/failed.h: the rows of the space report_failed: messages with a pending
 * failure report, and which kinds were reported today. For this folder, and for fsck.
 *
 * Keys are those of row.h: a day, a domain's head, a row. A row stands for a kind of
 * failure and a client. The first such message of a day is reported, later ones are only
 * counted. After some days the rows are removed.
 *
 *	day                     -> its number of reports
 *	day, domain NUL         -> the domain's number of reports, and begin of the last one
 *	day, domain NUL, hash   -> the number of messages; and the report until it was sent */
#ifndef REPORTS_OUT_FAILED_H
#define REPORTS_OUT_FAILED_H
#include "flow/reports_out/failure.h"
#include "flow/reports_out/row.h"

struct fsck_report;
struct out_gathered;

struct out_failed {
	bool waits;         /* not sent yet: the other members are set    */
	uint64_t incidents;
	int64_t begin_s;    /* of the first; distinct for each report about a domain */
	struct str domain;  /* of the record */
	struct str record;
	struct out_failure failure;
};

/* The message's part of a value is packed separately; what precedes it is small. Append;
 * false: it is unreadable. Strings are borrowed. */
enum { OUT_FAILURE_PACKED_MAX = 65536 };
void out_failure_pack(struct buf *out, const struct out_failure *f);
bool out_failure_unpack(struct str packed, struct out_failure *out);

/* Messages with one report a day: same kind, same client; IPv6 by its network. */
enum { OUT_FAILED_SAME_MAX = 1 + ADDR_NETWORK_KEY_MAX };
struct str out_failed_same(char to[static OUT_FAILED_SAME_MAX], enum out_failure_kind kind,
                           const struct addr *ip);

/* Add messages of a day with the same n->same; n->packed is from out_failure_pack of the
 * first. *fresh: a report is pending. ERR_LIMIT, and nothing has changed: the domain or
 * the day has reached its limit. */
enum err out_failed_add(struct txn *t, const struct out_gathered *n, bool *fresh) MUST_USE;

/* The next pending one after key; empty: the first. ERR_MISSING. All lives in a. */
enum err out_failed_next(struct txn *t, struct str behind, struct arena *a, struct str *key,
                         struct out_failed *out) MUST_USE;
/* It was sent or given up: remove its contents. ERR_MISSING. */
enum err out_failed_done(struct txn *t, struct str key) MUST_USE;
/* Remove the days before this one. */
enum err out_failed_expire(struct txn *t, uint32_t before) MUST_USE;

/* For fsck: false: unreadable; the number of reports in a day or head. */
bool out_failed_parse(struct str key, struct str value, struct out_failed *out);
bool out_failed_count(struct str value, uint64_t *reports);
enum err out_failed_check(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
