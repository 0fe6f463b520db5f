/* flow/reports_out/failed.h: the rows of the space report_failed: messages of which a failure
 * report is to be sent, and which of them were told of today. For this folder, and for fsck.
 *
 * Keys are those of row.h: a day, a domain's head, a row. What a row is of is a kind of failure
 * and a client; the first such message of a day is told of, the others are only counted, and when
 * the day is some days ago all of it is forgotten.
 *
 *	day                     -> how many reports it has
 *	day, domain NUL         -> how many the domain has, and when the last one begins
 *	day, domain NUL, hash   -> how many messages; and until it was sent what it says */
#ifndef REPORTS_OUT_FAILED_H
#define REPORTS_OUT_FAILED_H
#include "flow/reports_out/failure.h"
#include "flow/reports_out/row.h"

struct fsck_report;
struct out_gathered;

struct out_failed {
	bool waits;         /* it was not sent yet: the rest is there     */
	uint64_t incidents;
	int64_t begin_s;    /* of the first; another one for each report about a domain */
	struct str domain;  /* of the record */
	struct str record;
	struct out_failure failure;
};

/* What a value begins with is small; the message's part is packed by itself. Append; false: it
 * cannot be read. Strings are borrowed. */
enum { OUT_FAILURE_PACKED_MAX = 65536 };
void out_failure_pack(struct buf *out, const struct out_failure *f);
bool out_failure_unpack(struct str packed, struct out_failure *out);

/* Of which messages there is one report a day: of a kind, by a client; IPv6 by its network. */
enum { OUT_FAILED_SAME_MAX = 1 + ADDR_NETWORK_KEY_MAX };
struct str out_failed_same(char to[static OUT_FAILED_SAME_MAX], enum out_failure_kind kind,
                           const struct addr *ip);

/* Messages of a day that agree in that; packed is out_failure_pack's of the first. *fresh: there is
 * a report to be sent. ERR_LIMIT, and nothing has changed: the domain or the day has as many
 * reports as it gets. */
enum err out_failed_add(struct txn *t, const struct out_gathered *n, bool *fresh) MUST_USE;

/* The next that waits, behind key; empty: the first. ERR_MISSING. All lives in a. */
enum err out_failed_next(struct txn *t, struct str behind, struct arena *a, struct str *key,
                         struct out_failed *out) MUST_USE;
/* It was sent, or given up: forget what it said. ERR_MISSING. */
enum err out_failed_done(struct txn *t, struct str key) MUST_USE;
/* Forget the days before this one. */
enum err out_failed_expire(struct txn *t, uint32_t before) MUST_USE;

/* For fsck: false, it cannot be read; how many reports a day or a head counts. */
bool out_failed_parse(struct str key, struct str value, struct out_failed *out);
bool out_failed_count(struct str value, uint64_t *reports);
enum err out_failed_check(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
