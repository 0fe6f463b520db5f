/* flow/reports_out/suppress.h: addresses that get no reports for some time after a
 * permanent failure.
 *
 *	report_suppressed: address in lower case -> since, until, refusals, reply
 *
 * The first refusal lasts a day, each further one in a row twice as long. A delivered
 * report or an administrator ends it. */
#ifndef REPORTS_OUT_SUPPRESS_H
#define REPORTS_OUT_SUPPRESS_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;
struct fsck_report;
struct txn;

struct out_suppressed {
	struct str address;
	int64_t since_ms, until_ms; /* since: the last refusal */
	uint64_t refusals;          /* in a row                */
	struct str reply;           /* of the last one         */
};

/* Record a permanent failure. Ignored if there are LIMIT_report_suppressed others. */
enum err out_suppress(struct txn *t, const struct mailaddr *to, struct str reply,
                      int64_t now_ms) MUST_USE;
/* A report was delivered, or an administrator ends it. ERR_MISSING. */
enum err out_unsuppress(struct txn *t, struct str address) MUST_USE;
/* ERR_MISSING: not suppressed at now_ms. Strings live in a. */
enum err out_suppress_find(struct txn *t, const struct mailaddr *to, int64_t now_ms,
                           struct arena *a, struct out_suppressed *out) MUST_USE;

/* By address, expired ones too: the next refusal adds to them. Until fn returns false;
 * strings are borrowed during fn. */
enum err out_suppressed_each(struct txn *t,
                             bool (*fn)(const struct out_suppressed *s, void *arg),
                             void *arg) MUST_USE;
/* Remove those that expired so long ago that a refusal starts anew; at most max. */
enum err out_suppress_expire(struct txn *t, int64_t now_ms, size_t max) MUST_USE;
/* For fsck. */
enum err out_suppress_check(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
