/* flow/reports_in/waiting.h: pending mail with reports. Each has a row of the space
 * REPORT, added in the transaction that delivers the mail, with its own reference to the
 * bytes:
 *
 *	'w', number -> struct report_waiting
 *
 * So nothing is lost when the process is killed. Numbers ascend; the first is read and
 * removed, then the next (report_intake.c). */
#ifndef REPORTS_IN_WAITING_H
#define REPORTS_IN_WAITING_H
#include "foundation/base/err.h"
#include "model/store/blob.h"

struct arena;
struct fsck_report;
struct txn;

struct report_waiting {
	uint64_t number;
	uint64_t begun;      /* how often reading has begun                 */
	struct blob_id blob; /* the stored message                          */
	bool ours;           /* as in report_offer of report_intake.h, like the next */
	struct str id, results;
};

/* Append it; number and begun are ignored. *room: false if there are too many, and it was
 * not added. The blob exists. Errors are the store's. */
enum err report_waiting_put(struct txn *t, const struct report_waiting *w, bool *room) MUST_USE;

/* Begin the first; its texts live in a. ERR_MISSING: none is pending. number 0: it was
 * unreadable, or was begun more than REPORT_BEGUN_MAX times, as if it crashed the
 * process. It is then removed; do not read it. */
enum { REPORT_BEGUN_MAX = 3 };
enum err report_waiting_begin(struct txn *t, struct arena *a, struct report_waiting *out) MUST_USE;
/* Remove it after it was read. */
enum err report_waiting_rm(struct txn *t, const struct report_waiting *w) MUST_USE;

/* For fsck: is such a row valid, and which blobs do the rows refer to? */
bool report_waiting_ok(struct str key, struct str val);
enum err report_waiting_refs(struct txn *t, struct fsck_report *r) MUST_USE;

#endif
