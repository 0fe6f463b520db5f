/* flow/reports_out/suppress.h: who gets no reports for a while, since the last ones came back for
 * good.
 *
 *	report_suppressed: address in lower case -> since when, until when, how often, the answer
 *
 * The first refusal is for a day, each further one in a row for twice as long; what arrives ends
 * it, or an administrator does. */
#ifndef REPORTS_OUT_SUPPRESS_H
#define REPORTS_OUT_SUPPRESS_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

struct arena;
struct fsck_report;
struct txn;

struct out_suppressed {
	struct str address;
	int64_t since_ms, until_ms; /* since: of the last refusal */
	uint64_t refusals;          /* in a row                   */
	struct str reply;           /* of the last one            */
};

/* A report was refused for good. Nothing when there are LIMIT_report_suppressed others. */
enum err out_suppress(struct txn *t, const struct mailaddr *to, struct str reply,
                      int64_t now_ms) MUST_USE;
/* One has arrived, or an administrator says so. ERR_MISSING. */
enum err out_unsuppress(struct txn *t, struct str address) MUST_USE;
/* ERR_MISSING: reports go there at now_ms. Strings live in a. */
enum err out_suppress_find(struct txn *t, const struct mailaddr *to, int64_t now_ms,
                           struct arena *a, struct out_suppressed *out) MUST_USE;

/* By address, also those whose time is over: the next refusal counts with the last. Until fn says
 * false; strings are borrowed until then. */
enum err out_suppressed_each(struct txn *t,
                             bool (*fn)(const struct out_suppressed *s, void *arg),
                             void *arg) MUST_USE;
/* Forget those that ended so long ago that a refusal would be another matter; at most max. */
enum err out_suppress_expire(struct txn *t, int64_t now_ms, size_t max) MUST_USE;
/* For fsck. */
enum err out_suppress_check(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
